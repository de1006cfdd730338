/**
 * The configuration file, and the rules that it puts into force. Start with {@link
 * dev.kstrace.analyze.config.RulesInForce}.
 */
@NullMarked
package dev.kstrace.analyze.config;

import org.jspecify.annotations.NullMarked;

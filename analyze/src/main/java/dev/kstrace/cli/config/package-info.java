/** The configuration file. Start with {@link dev.kstrace.cli.config.Config}. */
@NullMarked
package dev.kstrace.cli.config;

import org.jspecify.annotations.NullMarked;

/**
 * What is made of the description of the commands: completions for shells and manual pages. They
 * follow the commands by themselves; nothing here knows one of them by name.
 */
@org.jspecify.annotations.NullMarked
package dev.kstrace.cli.describe;

/** Words, numbers, colours and JSON in which commands speak. */
@org.jspecify.annotations.NullMarked
package dev.kstrace.cli.text;

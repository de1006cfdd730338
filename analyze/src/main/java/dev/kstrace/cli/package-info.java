@org.jspecify.annotations.NullMarked
package dev.kstrace.cli;

@org.jspecify.annotations.NullMarked
package dev.kstrace.capture;

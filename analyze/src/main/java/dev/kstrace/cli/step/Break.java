package dev.kstrace.cli.step;

import java.util.function.IntPredicate;

/**
 * Where to stop.
 *
 * @param text as it was typed, behind {@code break}
 * @param hits whether an event of the recording is one to stop behind, by its row; never where only
 *     the target can tell
 * @param divergence whether the target decides
 */
record Break(String text, IntPredicate hits, boolean divergence) {}

/**
 * Other orders of a recording's events that could have been recorded as well, to be replayed.
 *
 * <p>Start with {@link dev.kstrace.replay.order.Orders} (makes them from seeds), then {@code
 * OrderRules} (what every legal order keeps). {@link dev.kstrace.replay.order.Disturbed} is what
 * else is done to the calls of an order.
 */
@NullMarked
package dev.kstrace.replay.order;

import org.jspecify.annotations.NullMarked;

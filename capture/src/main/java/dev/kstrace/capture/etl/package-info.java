/**
 * Windows event trace logs (.etl), read without Windows.
 *
 * <p>Start with {@link dev.kstrace.capture.etl.EtlReader} (records in the order of time), {@link
 * dev.kstrace.capture.etl.EtlImport} (a trace of them) and {@link
 * dev.kstrace.capture.etl.EventSchema} (self-describing events). The format is not documented by
 * Microsoft; what is read here follows public descriptions of it and was checked on real files.
 */
@NullMarked
package dev.kstrace.capture.etl;

import org.jspecify.annotations.NullMarked;

package dev.kstrace.capture.imports;

import java.util.List;

/**
 * What came of an import. Immutable.
 *
 * @param records records of the recording that were read
 * @param events events of the trace
 * @param calls allocator calls among them
 * @param notes sentences that the user should see: what is missing, what is unsure
 */
public record ImportReport(long records, long events, long calls, List<String> notes) {}

package dev.kstrace.traces;

/**
 * Something wrong with a trace file.
 *
 * @param kind what part of the file is concerned
 * @param damage whether readers refuse the file for it or miss events behind it; otherwise all
 *     events that the file holds can be read nevertheless
 * @param offset where, in bytes from the start of the file
 * @param bytes how many bytes are concerned; 0 = not known, or none
 * @param batch the record batch among those found, from 0 on; -1 = none
 * @param text what is wrong and what was expected: one sentence without line ends, with what it
 *     quotes from the file escaped
 */
public record Fault(Kind kind, boolean damage, long offset, long bytes, int batch, String text) {

  /** The parts of a trace file. */
  public enum Kind {
    /** The first eight bytes. */
    MAGIC,
    /** The schema at the beginning or in the footer. */
    SCHEMA,
    /** The key-value metadata of the schema. */
    METADATA,
    /** A record batch. */
    BATCH,
    /** Bytes between record batches that are no message. */
    GARBAGE,
    /** The order of rows. */
    SEQ,
    /** The footer. */
    FOOTER
  }
}

package dev.kstrace.capture.imports;

import java.util.List;

/**
 * What the user of an importer decides. Immutable.
 *
 * @param overwrite whether an existing trace is replaced
 * @param whole whether the recording covered the driver's whole life, from before it was loaded
 *     until after it was unloaded, so that what it does not hold did not happen
 * @param poolTags tags of a pool-derived trace; empty = a trace of the probe's events
 * @param producer program and version, for the metadata
 */
public record ImportOptions(
    boolean overwrite, boolean whole, List<PoolTag> poolTags, String producer) {
  /** An import of the probe's events. */
  public ImportOptions(boolean overwrite, boolean whole, String producer) {
    this(overwrite, whole, List.of(), producer);
  }
}

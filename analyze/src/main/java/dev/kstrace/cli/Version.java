package dev.kstrace.cli;

/** The tool's version, from the jar's manifest. */
final class Version {
  private Version() {}

  /** Such as {@code 0.1.0}; {@code development} where there is no jar. */
  static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** Program and version as traces name their producer. */
  static String producer() {
    return "kstrace " + text();
  }
}

package dev.kstrace.analyze.config;

/** A configuration that cannot be used; the message names the file and the line. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Refuses a configuration, in one sentence. */
  public ConfigException(String message) {
    super(message);
  }
}

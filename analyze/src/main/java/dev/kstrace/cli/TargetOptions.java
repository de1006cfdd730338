package dev.kstrace.cli;

import dev.kstrace.replay.ReplayTarget;
import dev.kstrace.replay.ReplayTargets;
import dev.kstrace.replay.host.HostOptions;
import dev.kstrace.replay.host.NativeBuildException;
import dev.kstrace.traces.TraceMetadata;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/** The options that name what is driven, for every command that drives something. */
final class TargetOptions {
  private final Console console;
  private final OptionSpec target;
  private final OptionSpec classPath;
  private final OptionSpec seed;
  private final OptionSpec table;
  private final OptionSpec timeout;
  private final OptionSpec threads;
  private final OptionSpec touch;

  /** Values of {@code --threads}. */
  enum Threads {
    ONE,
    OS
  }

  TargetOptions(Command command) {
    console = command.console;
    target = command.option(String.class, "T", "What to drive.", "--target");
    classPath =
        command.option(
            String.class, "PATH", "Jars and folders of a java: target.", "--class-path", "-cp");
    seed =
        command.option(
            Long.class, "N", "Seed of a simulated target (default: the recording's).", "--seed");
    table =
        command.option(
            String.class, "SYMBOL", "KSALLOCATOR_DISPATCH of a native: target.", "--table");
    timeout =
        command.option(
            Double.class, "SECONDS", "When a native call counts as hung (10).", "--timeout");
    threads =
        command.option(
            Threads.class, "HOW", "Of a native: target: one (default) or os.", "--threads");
    touch =
        command.flag(
            "Fill each frame of a native: target and check it when it is freed.", "--touch");
  }

  /** Whether a target was named. */
  boolean given() {
    return target.getValue() != null;
  }

  /** The value of {@code --seed}; null = none given. */
  @Nullable Long seed() {
    return seed.getValue();
  }

  /** The target as reports name it: without the folder of a library. */
  String name() {
    String wanted = Command.valueOr(target, "");
    int folder = Math.max(wanted.lastIndexOf('/'), wanted.lastIndexOf(File.separatorChar));
    return wanted.startsWith("native:") && folder >= 0
        ? "native:" + wanted.substring(folder + 1)
        : wanted;
  }

  /** A fresh target for one replay. */
  ReplayTarget make(TraceMetadata metadata) {
    return make(metadata, seed.getValue());
  }

  /** As above, with a seed that is not {@code --seed}; null = that of the recording. */
  ReplayTarget make(TraceMetadata metadata, @Nullable Long itsSeed) {
    @Nullable String wanted = target.getValue();
    if (wanted == null) {
      throw UserError.usage(
          "which target? give --target java:CLASS, sim:PROFILE, sim:PROFILE+FAULT or native:LIB");
    }
    try {
      return ReplayTargets.parse(wanted, metadata, classPath(), itsSeed, host(wanted));
    } catch (NativeBuildException e) {
      throw UserError.build(e);
    } catch (IllegalArgumentException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    }
  }

  private HostOptions host(String wanted) {
    @Nullable String symbol = table.getValue();
    if (symbol == null && wanted.startsWith("native:")) {
      throw UserError.usage(
          "which table? give --table SYMBOL, the KSALLOCATOR_DISPATCH that the library exports");
    }
    double seconds = Command.valueOr(timeout, HostOptions.DEFAULT_TIMEOUT_MILLIS / 1000.0);
    if (!(seconds >= 0.05 && seconds <= 86_400)) {
      throw UserError.usage("--timeout " + seconds + ": expected seconds from 0.05 to 86400");
    }
    return new HostOptions(
        symbol == null ? "" : symbol,
        (long) (seconds * 1000),
        Command.isSet(touch),
        Command.valueOr(threads, Threads.ONE) == Threads.OS,
        console.environment());
  }

  private List<Path> classPath() {
    List<Path> paths = new ArrayList<>();
    for (String part : Command.valueOr(classPath, "").split(File.pathSeparator, -1)) {
      if (!part.isEmpty()) {
        Path path = Command.path(part);
        if (!Files.exists(path)) {
          throw UserError.usage("--class-path names " + part + ", which does not exist");
        }
        paths.add(path);
      }
    }
    return paths;
  }
}

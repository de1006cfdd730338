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
  private static final String NATIVE = "native:";

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
    target = command.repeated("T", "What to drive.", "--target");
    classPath =
        command.option(
            String.class, "PATH", "Jars and folders of a java: target.", "--class-path", "-cp");
    seed =
        command.option(
            Long.class, "N", "Seed of a simulated target (default: the recording's).", "--seed");
    table = command.repeated("SYMBOL", "KSALLOCATOR_DISPATCH of a native: target.", "--table");
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
    return !Command.values(target).isEmpty();
  }

  /** Whether two were named, to be compared. */
  boolean areTwo() {
    int count = Command.values(target).size();
    if (count > 2) {
      throw UserError.usage("--target was given " + count + " times, expected one or two");
    }
    return count == 2;
  }

  /** The value of {@code --seed}; null = none given. */
  @Nullable Long seed() {
    return seed.getValue();
  }

  /** The target as reports name it: without the folder of a library. */
  String name() {
    String wanted = given() ? Command.values(target).get(0) : "";
    int folder = Math.max(wanted.lastIndexOf('/'), wanted.lastIndexOf(File.separatorChar));
    return wanted.startsWith(NATIVE) && folder >= 0
        ? NATIVE + wanted.substring(folder + 1)
        : wanted;
  }

  /** A fresh target for one replay. */
  ReplayTarget make(TraceMetadata metadata) {
    return make(metadata, seed.getValue());
  }

  /** As above, with a seed that is not {@code --seed}; null = that of the recording. */
  ReplayTarget make(TraceMetadata metadata, @Nullable Long itsSeed) {
    if (Command.values(target).size() > 1) {
      throw UserError.usage("two targets are compared by a plain replay only; give one --target");
    }
    return make(metadata, itsSeed, 0, false);
  }

  /** One of two targets, which measures its calls. */
  ReplayTarget makeMeasured(TraceMetadata metadata, int which) {
    return make(metadata, seed.getValue(), which, true);
  }

  private ReplayTarget make(
      TraceMetadata metadata, @Nullable Long itsSeed, int which, boolean measure) {
    if (!given()) {
      throw UserError.usage(
          "which target? give --target java:CLASS, sim:PROFILE, sim:PROFILE+FAULT or native:LIB");
    }
    String wanted = Command.values(target).get(which);
    try {
      HostOptions host = host(wanted, which, measure);
      return ReplayTargets.parse(wanted, metadata, classPath(), itsSeed, host);
    } catch (NativeBuildException e) {
      throw UserError.build(e);
    } catch (IllegalArgumentException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    }
  }

  private HostOptions host(String wanted, int which, boolean measure) {
    List<String> tables = Command.values(table);
    if (tables.isEmpty() && wanted.startsWith(NATIVE)) {
      throw UserError.usage(
          "which table? give --table SYMBOL, the KSALLOCATOR_DISPATCH that the library exports");
    }
    double seconds = Command.valueOr(timeout, HostOptions.DEFAULT_TIMEOUT_MILLIS / 1000.0);
    if (!(seconds >= 0.05 && seconds <= 86_400)) {
      throw UserError.usage("--timeout " + seconds + ": expected seconds from 0.05 to 86400");
    }
    return new HostOptions(
        tables.isEmpty() ? "" : tables.get(Math.min(which, tables.size() - 1)),
        (long) (seconds * 1000),
        Command.isSet(touch),
        Command.valueOr(threads, Threads.ONE) == Threads.OS,
        console.environment(),
        measure);
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

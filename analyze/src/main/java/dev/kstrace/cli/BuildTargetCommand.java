package dev.kstrace.cli;

import dev.kstrace.replay.host.CCompiler;
import dev.kstrace.replay.host.NativeBuildException;
import dev.kstrace.replay.host.NativeCache;
import dev.kstrace.replay.host.TargetBuild;
import dev.kstrace.traces.NewFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace build-target}: a driver's allocator made into a target of replay. */
final class BuildTargetCommand extends Command {
  private final PositionalParamSpec sources =
      arguments("0..*", "FILE", "The driver's .c or .cpp files, unmodified.");
  private final OptionSpec output =
      option(String.class, "LIB", "The shared library to make.", "-o", "--output");
  private final OptionSpec force = flag("Replace the output if it exists.", "-f", "--force");
  private final OptionSpec sanitize =
      list("WHICH", "address, undefined or thread, with commas between.", "--sanitize");
  private final OptionSpec defines =
      repeated("NAME[=VALUE]", "Define a macro for the driver's files.", "-D", "--define");
  private final OptionSpec includes =
      repeated("FOLDER", "A folder with headers of the driver's own.", "-I", "--include");
  private final OptionSpec verbose = flag("Show the compiler's command.", "-v", "--verbose");
  private final OptionSpec shim =
      flag("Only print the folder of the stand-in headers, for a build of your own.", "--shim");

  BuildTargetCommand(Console console) {
    super(
        console,
        "build-target",
        "Compile a driver's allocator for user mode, so that replay can drive it.",
        "The files are compiled as they are, against stand-ins for ntddk.h, wdm.h, ntifs.h, ks.h",
        "and ksmedia.h, with the C compiler in CC, else cc, gcc or clang.");
    footer(
        "",
        "Example: kstrace build-target allocator.c -o allocator.so --sanitize address,undefined",
        "         kstrace replay mic.arrow --target native:allocator.so --table AllocatorDispatch");
  }

  @Override
  public Integer call() throws IOException {
    NativeCache cache = NativeCache.of(console.environment());
    try {
      if (isSet(shim)) {
        console.out().println(cache.sources().resolve("shim"));
        return ExitCode.OK;
      }
      build(cache);
    } catch (NativeBuildException e) {
      throw UserError.build(e);
    }
    return ExitCode.OK;
  }

  private void build(NativeCache cache) throws IOException {
    if (paths(sources).isEmpty()) {
      throw UserError.usage("which files? give the driver's .c or .cpp files");
    }
    for (Path source : paths(sources)) {
      if (!Files.isRegularFile(source)) {
        throw Failure.input(source, new NoSuchFileException(source.toString()));
      }
    }
    @Nullable String named = output.getValue();
    if (named == null) {
      throw UserError.usage("where to? give -o LIB, the shared library to make");
    }
    Path library = path(named);
    if (Files.exists(library) && !isSet(force)) {
      throw Failure.output(library, new FileAlreadyExistsException(named));
    }
    Path parent = library.toAbsolutePath().getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw Failure.output(library, new NoSuchFileException(named));
    }
    CCompiler compiler = CCompiler.find(console.environment());
    // Under another name first: a build that fails leaves the library of the last one alone.
    Path fresh = Files.createTempFile(parent, "target", ".so");
    NewFile.deleteAtEnd(fresh); // where the process is interrupted
    try {
      TargetBuild build = build(fresh);
      if (isSet(verbose)) {
        for (List<String> line : build(library).commands(cache, compiler)) {
          console.err().println(CCompiler.shown(line));
        }
      }
      String said = build.build(cache, compiler).strip();
      if (!said.isEmpty() && !quiet()) {
        said.lines().forEach(line -> console.err().println(Failure.printable(line, false)));
      }
      Files.move(fresh, library, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      NewFile.delete(fresh);
    }
    if (!quiet()) {
      console.err().println(Failure.printable("wrote " + library, false));
    }
  }

  private TargetBuild build(Path library) {
    List<String> options =
        java.util.stream.Stream.concat(
                values(defines).stream().map(define -> "-D" + define),
                values(includes).stream().map(folder -> "-I" + folder))
            .toList();
    return new TargetBuild(paths(sources), library, values(sanitize), options);
  }
}

package dev.kstrace.replay.host;

import dev.kstrace.replay.BatchTarget;
import dev.kstrace.replay.CallBatch;
import dev.kstrace.replay.TargetFailure;
import dev.kstrace.traces.NewFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A shared library with a KSALLOCATOR_DISPATCH, in a process of its own: whatever it does to that
 * process, the replay knows in which call, and goes on to report it. Not thread-safe.
 */
public final class HostTarget extends BatchTarget {
  private final String name;
  private final Path library;
  private final HostOptions options;
  private final HostFile file;
  private final Path errors;
  private final Process process;
  private final OutputStream wake;
  private final InputStream replies;
  private final HangWatch watch;
  private @Nullable TargetFailure failure;

  private HostTarget(
      Path library, HostOptions options, HostFile file, Path errors, Process process) {
    this.name = "native:" + library.getFileName();
    this.library = library;
    this.options = options;
    this.file = file;
    this.errors = errors;
    this.process = process;
    this.wake = process.getOutputStream();
    this.replies = process.getInputStream();
    this.watch = new HangWatch(file, process, options.timeoutMillis());
  }

  /**
   * Starts a target; builds the host first where that was not done yet.
   *
   * @param spec what the user wrote, for messages
   * @throws IllegalArgumentException if the library cannot be used; the message says why
   * @throws NativeBuildException if the host cannot be built
   */
  public static HostTarget start(String spec, Path library, HostOptions options) {
    if (!Files.isRegularFile(library)) {
      throw new IllegalArgumentException(
          "cannot use target " + spec + ": there is no file " + library);
    }
    try {
      Map<String, String> environment = options.environment();
      HostProgram host = new HostProgram(NativeCache.of(environment), CCompiler.find(environment));
      String unseen = NativeCache.of(environment).sources().resolve("host/tsan.supp").toString();
      return start(spec, library, options, host.forLibrary(library), unseen);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot use target " + spec + ": " + e.getMessage(), e);
    }
  }

  private static HostTarget start(
      String spec, Path library, HostOptions options, Path program, String unseen)
      throws IOException {
    int flags = options.touch() ? HostFile.TOUCH : 0;
    flags |= options.osThreads() ? HostFile.OS_THREADS : 0;
    flags |= options.measure() ? HostFile.MEASURE : 0;
    HostFile file = HostFile.create(flags);
    Path errors = Files.createTempFile("kstrace", ".stderr");
    NewFile.deleteAtEnd(errors);
    try {
      ProcessBuilder builder =
          new ProcessBuilder(
                  program.toString(),
                  file.path().toString(),
                  library.toAbsolutePath().toString(),
                  options.table())
              .redirectError(errors.toFile());
      Map<String, String> environment = builder.environment();
      environment.putAll(options.environment());
      prefix(environment, "ASAN_OPTIONS", "abort_on_error=1:detect_leaks=0");
      prefix(environment, "UBSAN_OPTIONS", "abort_on_error=1:print_stacktrace=1");
      prefix(
          environment, "TSAN_OPTIONS", "abort_on_error=1:halt_on_error=1:suppressions=" + unseen);
      HostTarget target = new HostTarget(library, options, file, errors, builder.start());
      target.requireReady(spec);
      return target;
    } catch (IOException | RuntimeException e) {
      NewFile.delete(errors);
      throw e;
    } finally {
      file.unlink();
    }
  }

  /** What the user has set comes last and so wins. */
  private static void prefix(Map<String, String> environment, String key, String value) {
    environment.merge(key, value, (before, ours) -> ours + ":" + before);
  }

  private void requireReady(String spec) throws IOException {
    watch.begin();
    int reply = replies.read();
    watch.end();
    if (reply >= 0 && file.isReady()) {
      return;
    }
    process.destroyForcibly();
    String said = HostDeath.firstLine(errors).replace("kstrace-host: ", "");
    close();
    throw new IllegalArgumentException(
        "cannot use target "
            + spec
            + ": "
            + (said.isEmpty() ? "its process ended while it was loaded" : said));
  }

  @Override
  public String name() {
    return name;
  }

  /** Frames have the alignment that the target gave them. */
  @Override
  public boolean syntheticAddresses() {
    return false;
  }

  /** Whether the target's addresses are the same in each run, and so are the bytes of a replay. */
  @Override
  public boolean hasFixedAddresses() {
    return file.hasFixedAddresses();
  }

  /** A fresh process with the same target. */
  public HostTarget restart() {
    return start("native:" + library, library, options);
  }

  @Override
  protected CallBatch batch(int which) {
    return file.batch(which);
  }

  @Override
  protected void submit(int which, int batchEpoch) {
    file.submit(which, batchEpoch);
    try {
      wake.write(which);
      wake.flush();
    } catch (IOException e) {
      // The process is gone; the answer that never comes tells why.
    }
  }

  @Override
  protected int await(int which) {
    if (failure != null) {
      return 0;
    }
    watch.begin();
    int reply;
    try {
      reply = replies.read();
    } catch (IOException e) {
      reply = -1;
    }
    watch.end();
    if (reply == which) {
      return file.answer(which);
    }
    failure = HostDeath.describe(process, file, errors, watch.hung(), options.timeoutMillis());
    return file.doneBeforeDeath(which);
  }

  @Override
  protected @Nullable TargetFailure failure() {
    return failure;
  }

  @Override
  public void close() throws IOException {
    watch.close();
    try {
      wake.close();
    } catch (IOException e) {
      // It is gone already.
    }
    process.destroyForcibly();
    replies.close();
    NewFile.delete(errors);
  }
}

package dev.kstrace.traces;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A file that appears under its name when it is whole, and not at all otherwise: until then it lies
 * beside its place, so that a failure neither leaves half a file behind nor costs the one that it
 * would have replaced. It lies in a folder of its own: once that is gone, no thread that is still
 * at work brings the file back. A device or a pipe is written to as it is. Not thread-safe.
 */
public final class NewFile implements Closeable {
  private static final int MOST_LOOKS = 50;
  private static final long LOOK_MS = 20;

  private static final Object STEPS = new Object();
  private static final Deque<Path> UNFINISHED = new ArrayDeque<>(); // guarded by STEPS
  private static boolean ending; // guarded by STEPS

  private final Path target;
  private final Path part;
  private final boolean overwrite;

  private NewFile(Path target, Path part, boolean overwrite) {
    this.target = target;
    this.part = part;
    this.overwrite = overwrite;
  }

  /** What makes or moves a file. */
  @FunctionalInterface
  public interface Step {
    /** Does it. */
    void run() throws IOException;
  }

  /**
   * Names a file, or a folder that will be empty then, that goes where the process is interrupted;
   * of several the last goes first. It need not exist yet.
   */
  public static void deleteAtEnd(Path path) {
    synchronized (STEPS) {
      if (!UNFINISHED.contains(path)) {
        UNFINISHED.push(path);
        path.toFile().deleteOnExit(); // where the process ends in another way
      }
    }
  }

  /** Deletes what was named to {@link #deleteAtEnd}, if it is there, and forgets it. */
  public static void delete(Path path) throws IOException {
    Files.deleteIfExists(path);
    synchronized (STEPS) {
      UNFINISHED.remove(path);
    }
  }

  /**
   * For a process that ends with the next statement: no {@link #step} is done any more, and what is
   * unfinished is deleted. Looks again, since threads that are not ours, such as the database's,
   * may begin a file meanwhile.
   */
  public static void end() {
    synchronized (STEPS) {
      ending = true;
      boolean left = true;
      for (int look = 0; left && look < MOST_LOOKS; look++) {
        if (look > 0) {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MS));
        }
        left = false;
        for (Path path : UNFINISHED) {
          left |= !path.toFile().delete() && path.toFile().exists();
        }
      }
    }
  }

  /** Does a step, or, once the process is about to end, waits for that. */
  public static void step(Step step) throws IOException {
    synchronized (STEPS) {
      while (ending) {
        try {
          STEPS.wait();
        } catch (InterruptedException e) {
          throw new InterruptedIOException();
        }
      }
      step.run();
    }
  }

  /** Opens a file for writing as a {@link #step}, empty and made if it is not there. */
  public static OutputStream open(Path file) throws IOException {
    OutputStream[] opened = new OutputStream[1];
    step(() -> opened[0] = Files.newOutputStream(file));
    return opened[0];
  }

  /**
   * Begins an empty file.
   *
   * @param file where it will be; of a link, where that points to
   * @param overwrite whether a file of that name is replaced
   * @throws FileAlreadyExistsException if there is one and {@code overwrite} is false
   * @throws IOException if there is no such folder, or it cannot be written to
   */
  public static NewFile create(Path file, boolean overwrite) throws IOException {
    Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      if (!overwrite) {
        throw new FileAlreadyExistsException(file.toString());
      }
      if (!Files.isRegularFile(target)) {
        return new NewFile(target, target, true);
      }
      if (!Files.isWritable(target)) {
        throw new AccessDeniedException(file.toString()); // its folder may let it be replaced
      }
    }
    Path folder = target.getParent();
    if (folder == null || !Files.exists(folder)) {
      throw new NoSuchFileException(file.toString());
    }
    // A name of this process alone, so that no file of the user's is taken for a left-over.
    String name = target.getFileName() + "." + ProcessHandle.current().pid() + ".part";
    Path own = folder.resolve(name);
    Path part = own.resolve(target.getFileName());
    deleteAtEnd(own); // before they are there, so that no signal can come between
    deleteAtEnd(part);
    step(() -> Files.createDirectory(own));
    step(() -> Files.createFile(part));
    return new NewFile(target, part, overwrite);
  }

  /** Where the file lies until it is whole. */
  public Path part() {
    return part;
  }

  /** Whether the place is no regular file, so that what is written is there at once. */
  public boolean isWrittenInPlace() {
    return part.equals(target);
  }

  /**
   * Gives the file its name; whoever wrote it has closed it.
   *
   * @throws IOException if that fails; nothing has changed under the name then
   */
  public void commit() throws IOException {
    if (isWrittenInPlace()) {
      return;
    }
    if (overwrite) {
      step(() -> Files.move(part, target, StandardCopyOption.REPLACE_EXISTING));
    } else {
      step(() -> Files.move(part, target));
    }
    close();
  }

  /** Forgets a file that was not committed; does nothing after {@link #commit}. */
  @Override
  public void close() throws IOException {
    if (!isWrittenInPlace()) {
      Path own = Objects.requireNonNull(part.getParent(), "its folder");
      delete(part);
      delete(own);
    }
  }
}

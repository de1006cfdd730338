package dev.kstrace.cli;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * A file that appears under its name when it is whole, and not at all otherwise: until then it lies
 * beside it. Not thread-safe.
 */
final class OutputFile implements Closeable {
  private final Path target;
  private final boolean force;
  private final Path part;
  private @Nullable PrintStream stream;

  private OutputFile(Path target, boolean force, Path part) {
    this.target = target;
    this.force = force;
    this.part = part;
  }

  /**
   * Begins a file.
   *
   * @param force whether to replace a file of that name
   * @throws UserError if it must not or cannot be written there
   */
  static OutputFile create(Path file, boolean force) {
    try {
      Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        if (!force) {
          throw new FileAlreadyExistsException(file.toString());
        }
        if (!Files.isRegularFile(target)) {
          throw UserError.usage("cannot write " + file + ": it is no regular file");
        }
      }
      Path folder = target.getParent();
      if (folder == null || !Files.isDirectory(folder)) {
        throw new NoSuchFileException(file.toString());
      }
      String name = target.getFileName() + "." + ProcessHandle.current().pid() + ".part";
      Path part = Files.createFile(folder.resolve(name));
      part.toFile().deleteOnExit(); // where the process is interrupted
      return new OutputFile(target, force, part);
    } catch (IOException e) {
      throw Failure.output(file, e);
    }
  }

  /** Where the file lies until it is whole; empty so far. */
  Path part() {
    return part;
  }

  /** Begins to write text in UTF-8; ask the stream for errors before {@link #commit}. */
  PrintStream open() throws IOException {
    PrintStream opened =
        new PrintStream(
            new BufferedOutputStream(Files.newOutputStream(part), 1 << 16),
            false,
            StandardCharsets.UTF_8);
    stream = opened;
    return opened;
  }

  /**
   * Gives the file its name.
   *
   * @throws IOException if it could not be written wholly; nothing is left then
   */
  void commit() throws IOException {
    PrintStream written = stream;
    if (written != null) {
      written.close();
      if (written.checkError()) {
        throw new IOException("not all of it could be written; is the disk full?");
      }
    }
    if (force) {
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    } else {
      Files.move(part, target);
    }
  }

  @Override
  public void close() throws IOException {
    PrintStream written = stream;
    if (written != null) {
      written.close();
    }
    Files.deleteIfExists(part);
  }
}

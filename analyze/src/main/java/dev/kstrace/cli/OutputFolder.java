package dev.kstrace.cli;

import dev.kstrace.traces.NewFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * A folder of files that appears under its name when all are whole, and not at all otherwise: until
 * then it lies beside it. Into a folder that exists its files are moved one by one; what else is in
 * it stays. Not thread-safe.
 */
final class OutputFolder implements Closeable {
  private final Path target;
  private final Path part;
  private final List<String> names;

  private OutputFolder(Path target, Path part, List<String> names) {
    this.target = target;
    this.part = part;
    this.names = names;
  }

  /**
   * Begins a folder.
   *
   * @param names the files that will be in it
   * @param force whether a folder of that name may be written into
   * @throws UserError if it must not or cannot be written there
   */
  static OutputFolder create(Path folder, List<String> names, boolean force) {
    try {
      Path target = Files.exists(folder) ? folder.toRealPath() : folder.toAbsolutePath();
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        if (!Files.isDirectory(target)) {
          throw UserError.usage(
              "cannot write " + folder + ": it is a file, and a folder of files is to be made");
        }
        if (!force) {
          throw new FileAlreadyExistsException(folder.toString());
        }
      }
      Path parent = target.getParent();
      if (parent == null || !Files.isDirectory(parent)) {
        throw new NoSuchFileException(folder.toString());
      }
      String name = target.getFileName() + "." + ProcessHandle.current().pid() + ".part";
      Path part = parent.resolve(name);
      // Where the process is interrupted these go, the last first.
      NewFile.deleteAtEnd(part);
      names.forEach(file -> NewFile.deleteAtEnd(part.resolve(file)));
      NewFile.step(() -> Files.createDirectory(part));
      return new OutputFolder(target, part, List.copyOf(names));
    } catch (IOException e) {
      throw Failure.output(folder, e);
    }
  }

  /** Where the folder lies until it is whole; empty so far. */
  Path part() {
    return part;
  }

  /**
   * Gives the folder its name.
   *
   * @throws IOException if it cannot have it
   */
  void commit() throws IOException {
    NewFile.step(this::move);
  }

  private void move() throws IOException {
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      Files.move(part, target);
      return;
    }
    for (String name : names) {
      Files.move(part.resolve(name), target.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Override
  public void close() throws IOException {
    if (Files.exists(part)) {
      for (String name : names) {
        Files.deleteIfExists(part.resolve(name));
      }
      Files.delete(part);
    }
  }
}

package dev.kstrace.replay.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the tool's C sources and what is built of them lie on this machine, by their content.
 *
 * <p>The folder is {@code KSTRACE_CACHE}, else {@code kstrace} in the user's cache folder. Anything
 * in it may be deleted at any time and is made again. Thread-safe.
 */
public final class NativeCache {
  /** The host's sources. */
  static final List<String> HOST_SOURCES = List.of("host/kst_host.c", "host/kst_carrier.c");

  /** The shim's sources. */
  static final List<String> SHIM_SOURCES =
      List.of("shim/kst_pool.c", "shim/kst_kernel.c", "shim/kst_mdl.c", "shim/kst_print.c");

  private static final List<String> OTHERS =
      List.of(
          "host/kst_abi.h",
          "host/kst_carrier.h",
          "host/tsan.supp",
          "shim/kst_pin.h",
          "shim/kst_shim.h",
          "shim/kst_test.h",
          "shim/ks.h",
          "shim/ksmedia.h",
          "shim/ntddk.h",
          "shim/ntifs.h",
          "shim/ntstrsafe.h",
          "shim/wdm.h");

  /** The sizes of Windows' types, which the recorder's probe uses too. */
  private static final String TYPES = "/dev/kstrace/capture/c/kst_types.h";

  private final Path folder;

  /** The cache in a folder that need not exist yet. */
  NativeCache(Path folder) {
    this.folder = folder;
  }

  /** The cache of a user. */
  public static NativeCache of(Map<String, String> environment) {
    String named = environment.getOrDefault("KSTRACE_CACHE", "");
    if (!named.isEmpty()) {
      return new NativeCache(Path.of(named));
    }
    String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
    if (!xdg.isEmpty()) {
      return new NativeCache(Path.of(xdg, "kstrace"));
    }
    Path home = Path.of(System.getProperty("user.home", "."));
    boolean mac = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("mac");
    return new NativeCache(home.resolve(mac ? "Library/Caches/kstrace" : ".cache/kstrace"));
  }

  /**
   * The folder with the C sources, written first where it is missing: the headers for drivers are
   * in {@code shim} in it.
   *
   * @throws NativeBuildException if it cannot be written
   */
  public Path sources() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    List.of(OTHERS, HOST_SOURCES, SHIM_SOURCES)
        .forEach(
            names ->
                names.forEach(name -> files.put(name, resource("/dev/kstrace/replay/c/" + name))));
    files.put("shim/kst_types.h", resource(TYPES));
    MessageDigest digest = sha256();
    files.forEach(
        (name, bytes) -> {
          digest.update(name.getBytes(StandardCharsets.UTF_8));
          digest.update(bytes);
        });
    Path target = folder.resolve("c-" + shortHex(digest.digest()));
    if (Files.isDirectory(target)) {
      return target;
    }
    try {
      Files.createDirectories(folder);
      Path fresh = Files.createTempDirectory(folder, "new");
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        Path path = fresh.resolve(file.getKey());
        Files.createDirectories(path.getParent() == null ? fresh : path.getParent());
        Files.write(path, file.getValue());
      }
      moveFolder(fresh, target);
      return target;
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  /** Somebody else may have been faster; what they wrote is the same. */
  private static void moveFolder(Path fresh, Path target) throws IOException {
    try {
      Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException e) {
      deleteFolder(fresh);
    } catch (java.nio.file.FileSystemException e) {
      deleteFolder(fresh);
      if (!Files.isDirectory(target)) {
        throw e;
      }
    }
  }

  private static void deleteFolder(Path root) throws IOException {
    List<Path> all;
    try (java.util.stream.Stream<Path> walk = Files.walk(root)) {
      all = walk.sorted(java.util.Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.deleteIfExists(path);
    }
  }

  /** The place of something that is made of the sources in a certain way. */
  Path place(String name, List<String> madeHow) {
    MessageDigest digest = sha256();
    for (String part : madeHow) {
      digest.update(part.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
    return folder.resolve(name + "-" + shortHex(digest.digest()));
  }

  static NativeBuildException cannotWrite(IOException e) {
    return new NativeBuildException(
        "cannot write the cache for native targets: "
            + e.getMessage()
            + " ("
            + e.getClass().getSimpleName()
            + "); name another folder in KSTRACE_CACHE",
        e);
  }

  private static byte[] resource(String name) {
    try (@Nullable InputStream in = NativeCache.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("not on the class path, resource=" + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String shortHex(byte[] digest) {
    return HexFormat.of().formatHex(digest, 0, 8);
  }
}

package dev.kstrace.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Volumes that fail under a recording, in a private mount namespace: real ones, which needs Linux
 * and root. The recording ends, says so once, and the host goes on.
 */
class VolumeTest {
  @TempDir Path folder;

  /** What the host printed; mounts are gone when its shell ends. */
  private String record(String mount, String... breaks) throws IOException, InterruptedException {
    Path volume = Files.createDirectory(folder.resolve("volume"));
    String script =
        "set -e; cd '" + folder + "'; " + mount + " >/dev/null 2>&1 || exit 77; exec \"$@\"";
    List<String> command = new ArrayList<>(List.of("unshare", "-m", "sh", "-c", script, "sh"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(VolumeVictim.class.getName(), volume.toString()));
    command.addAll(List.of(breaks));
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return Assumptions.abort("skipped: needs unshare, of Linux");
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    Assumptions.assumeTrue(
        code != 77 && !said.startsWith("unshare:"), "skipped: needs the right to mount");
    assertThat(code).as(said).isZero();
    return said;
  }

  @Test
  void aFullVolumeEndsTheRecordingAndNotTheHost() throws Exception {
    assertThat(record("mount -t tmpfs -o size=1m tmpfs volume"))
        .isEqualTo(
            """
            flushed true
            kstrace: recording into FILE stopped: No space left on device; the program goes on \
            unrecorded
            readable all flushed
            size true
            """);
  }

  /** A file system that aborts, as on a medium that fails, is read-only from then on. */
  @Test
  void aVolumeThatTurnsReadOnlyEndsTheRecordingAndNotTheHost() throws Exception {
    String said =
        record(
            "head -c 16777216 /dev/zero > image && mkfs.ext4 -q -F image"
                + " && mount -o loop image volume",
            "mount",
            "-o",
            "remount,abort",
            folder.resolve("volume").toString());
    assertThat(said)
        .containsPattern(
            """
            ^command 0
            flushed true
            kstrace: recording into FILE stopped: (Input/output error|Read-only file system); \
            the program goes on unrecorded
            readable all flushed
            size true
            $""");
  }
}

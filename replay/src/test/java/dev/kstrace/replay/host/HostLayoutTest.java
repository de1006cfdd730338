package dev.kstrace.replay.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.replay.CallBatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The layout that Java writes down is the one that the C compiler makes of the header. */
class HostLayoutTest {
  @Test
  void isThatOfTheHeader() throws IOException, InterruptedException {
    Path c = NativeCache.of(Natives.environment()).sources();
    Path program =
        Natives.plain(
            "abi.c",
            "-fshort-wchar",
            "-fms-extensions",
            "-I" + c.resolve("host"),
            "-I" + c.resolve("shim"));
    Process process = new ProcessBuilder(program.toString()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();

    Map<String, Integer> expected = new TreeMap<>();
    expected.put("call.flags", 2);
    expected.put("call.allocator", 4);
    expected.put("call.frame", 8);
    expected.put("call.thread", 12);
    expected.put("call.b", 24);
    expected.put("call.time", 16);
    expected.put("call.outcome", 0);
    expected.put("call.irql_exit", 1);
    expected.put("call.status", 4);
    expected.put("call.value", 8);
    expected.put("call.bytes", 16);
    expected.put("call.spent", 24);
    expected.put("more.a", 0);
    expected.put("more.framing", 8);
    expected.put("note.kind", 4);
    expected.put("note.length", 6);
    expected.put("note.tag", 8);
    expected.put("note.irql_exit", 12);
    expected.put("note.a", 16);
    expected.put("note.b", 24);
    expected.put("note.bytes", 32);
    expected.put("note.status", 40);
    expected.put("note.allocator", 44);
    expected.put("note.text", 48);
    expected.put("header.options", HostFile.OPTIONS_AT);
    expected.put("header.count", HostFile.COUNT_AT);
    expected.put("header.epoch", HostFile.EPOCH_AT);
    expected.put("header.base", HostFile.BASE_AT);
    expected.put("header.ready", HostFile.READY_AT);
    expected.put("header.done", HostFile.DONE_AT);
    expected.put("header.notes", HostFile.NOTES_AT);
    expected.put("header.has_shim", HostFile.SHIM_AT);
    expected.put("header.fixed_addresses", HostFile.FIXED_AT);
    expected.put("header.index", HostFile.INDEX_AT);
    expected.put("header.progress", HostFile.PROGRESS_AT);
    expected.put("header.late", HostFile.LATE_AT);
    expected.put("header.death", HostFile.DEATH_AT);
    expected.put("header.signal", HostFile.SIGNAL_AT);
    expected.put("header.fault", HostFile.FAULT_AT);
    expected.put("header.death_call", HostFile.DEATH_CALL_AT);
    expected.put("header.has_fault", HostFile.HAS_FAULT_AT);
    expected.put("header.death_length", HostFile.DEATH_LENGTH_AT);
    expected.put("header.death_text", HostFile.DEATH_TEXT_AT);
    expected.put("death_text_bytes", HostFile.DEATH_TEXT_BYTES);
    expected.put("file", HostFile.BYTES);
    expected.put("calls", HostFile.CALLS);
    expected.put("notes", HostFile.NOTES);
    Map<String, Integer> got =
        out.lines()
            .map(line -> line.split("=", 2))
            .collect(
                Collectors.toMap(
                    parts -> parts[0],
                    parts -> Integer.parseInt(parts[1]),
                    (a, b) -> a,
                    TreeMap::new));
    assertThat(got).isEqualTo(expected);
    assertThat(CallBatch.CALL_BYTES).isEqualTo(32);
  }
}

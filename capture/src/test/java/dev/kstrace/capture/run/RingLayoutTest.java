package dev.kstrace.capture.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.EventBatch;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The header and the Java constants say the same. */
final class RingLayoutTest {
  @TempDir Path folder;

  @Test
  void isTheLayoutOfTheHeader() throws Exception {
    Path program = CPrograms.compile(folder, "ring_threads.c");

    String printed = CPrograms.run(Map.of(), program.toString(), "1", "1", "layout").output();

    StringBuilder expected = new StringBuilder();
    constants().forEach((name, value) -> expected.append(name + " " + value + "\n"));
    assertThat(printed).isEqualTo(expected + "variable " + RunRecording.VARIABLE + "\n");
  }

  private static Map<String, Long> constants() {
    Map<String, Long> all = new LinkedHashMap<>();
    all.put("header.magic", (long) RingLayout.MAGIC_AT);
    all.put("header.version", (long) RingLayout.VERSION_AT);
    all.put("header.header_bytes", (long) RingLayout.HEADER_BYTES_AT);
    all.put("header.slot_bytes", (long) RingLayout.SLOT_BYTES_AT);
    all.put("header.capacity", (long) RingLayout.CAPACITY_AT);
    all.put("header.block_when_full", (long) RingLayout.BLOCK_WHEN_FULL_AT);
    all.put("header.word", (long) RingLayout.WORD_AT);
    all.put("header.spilled", (long) RingLayout.SPILLED_AT);
    all.put("header.released", (long) RingLayout.RELEASED_AT);
    all.put("header.attached", (long) RingLayout.ATTACHED_AT);
    all.put("header.detached", (long) RingLayout.DETACHED_AT);
    all.put("header.dumps", (long) RingLayout.DUMPS_AT);
    all.put("slot.state", (long) RingLayout.STATE_AT);
    all.put("slot.t_entry", (long) RingLayout.T_ENTRY_AT);
    all.put("slot.t_exit", (long) RingLayout.T_EXIT_AT);
    all.put("slot.context", (long) RingLayout.CONTEXT_AT);
    all.put("slot.frame", (long) RingLayout.FRAME_AT);
    all.put("slot.size", (long) RingLayout.SIZE_AT);
    all.put("slot.thread", (long) RingLayout.THREAD_AT);
    all.put("slot.status", (long) RingLayout.STATUS_AT);
    all.put("slot.op", (long) RingLayout.OP_AT);
    all.put("slot.layer", (long) RingLayout.LAYER_AT);
    all.put("slot.irql_entry", (long) RingLayout.IRQL_ENTRY_AT);
    all.put("slot.irql_exit", (long) RingLayout.IRQL_EXIT_AT);
    all.put("slot.present", (long) RingLayout.PRESENT_AT);
    all.put("slot.extra", (long) RingLayout.EXTRA_AT);
    all.put("particulars.pin", (long) RingLayout.PIN_AT);
    all.put("particulars.framing", (long) RingLayout.FRAMING_AT);
    all.put("particulars.text_bytes", (long) RingLayout.TEXT_BYTES_AT);
    all.put("magic", RingLayout.MAGIC);
    all.put("version", (long) RingLayout.VERSION);
    all.put("header_bytes", (long) RingLayout.HEADER_BYTES);
    all.put("slot_bytes", (long) RingLayout.SLOT_BYTES);
    all.put("particulars_bytes", (long) RingLayout.PARTICULARS_BYTES);
    all.put("closed_bit", RingLayout.CLOSED_BIT);
    all.put("loss_shift", (long) RingLayout.LOSS_SHIFT);
    all.put("position_shift", (long) RingLayout.POSITION_SHIFT);
    all.put("most_losses", RingLayout.MOST_LOSSES);
    all.put("entered", (long) RingLayout.ENTERED);
    all.put("done", (long) RingLayout.DONE);
    all.put("returning", (long) RingLayout.RETURNING);
    all.put("has_t_exit", (long) EventBatch.T_EXIT);
    all.put("has_thread", (long) EventBatch.THREAD);
    all.put("has_irql_entry", (long) EventBatch.IRQL_ENTRY);
    all.put("has_irql_exit", (long) EventBatch.IRQL_EXIT);
    all.put("has_pin", (long) EventBatch.PIN);
    all.put("has_context", (long) EventBatch.CONTEXT);
    all.put("has_frame", (long) EventBatch.FRAME);
    all.put("has_size", (long) EventBatch.SIZE);
    all.put("has_status", (long) EventBatch.STATUS);
    all.put("has_framing", (long) RingLayout.HAS_FRAMING);
    all.put("has_detail", (long) RingLayout.HAS_DETAIL);
    all.put("state", RingLayout.state(0x123456789AL, RingLayout.DONE));
    return all;
  }
}

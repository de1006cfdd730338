package dev.kstrace.traces;

import dev.kstrace.traces.SchemaReader.Layout;
import dev.kstrace.traces.SchemaReader.SchemaException;
import dev.kstrace.traces.TraceStructure.Part;
import java.util.HashMap;
import java.util.Map;
import org.apache.arrow.flatbuf.Block;
import org.apache.arrow.flatbuf.Footer;
import org.apache.arrow.flatbuf.Schema;

/** Compares a footer with the batches and the schema that were found without it. */
final class FooterCheck {
  private final TraceStructure found;
  private final Footer footer;
  private final long at;

  /**
   * A check, which notes what is wrong among the faults that were found.
   *
   * @param at where the footer begins
   */
  FooterCheck(TraceStructure found, Footer footer, long at) {
    this.found = found;
    this.footer = footer;
    this.at = at;
  }

  /** Compares the batches that the footer lists with those that are there. */
  void batches() {
    Map<Long, Part> byOffset = new HashMap<>();
    found.parts.stream().filter(Part::whole).forEach(part -> byOffset.put(part.offset(), part));
    long before = 0;
    for (int i = 0; i < footer.recordBatchesLength(); i++) {
      Block block = footer.recordBatches(i);
      Part part = byOffset.remove(block.offset());
      if (part == null) {
        boolean broken = found.parts.stream().anyMatch(other -> other.offset() == block.offset());
        if (!broken) {
          fault(true, "the footer lists a batch at byte " + block.offset() + ", none is there");
        }
      } else if (block.metaDataLength() + block.bodyLength() != part.end() - part.offset()) {
        fault(false, "the footer gives the batch at byte " + block.offset() + " a wrong length");
      }
      if (block.offset() < before) {
        fault(true, "the footer lists the batches in another order than the file has them");
        break;
      }
      before = block.offset();
    }
    byOffset.keySet().stream()
        .sorted()
        .forEach(offset -> fault(true, "the footer does not list the batch at byte " + offset));
  }

  /** Readers take the schema of the footer, so it must be there and say the same. */
  void schema(Layout layout) {
    try {
      Schema schema = footer.schema();
      if (schema == null) {
        fault(true, "the footer has no schema");
      } else if (!SchemaReader.read(schema).equals(layout)) {
        fault(true, "the footer's schema is another than the one at the beginning");
      }
    } catch (SchemaException | RuntimeException e) {
      fault(true, "the footer's schema is broken");
    }
  }

  private void fault(boolean damage, String text) {
    found.add(new Fault(Fault.Kind.FOOTER, damage, at, found.fileBytes - at, -1, text));
  }
}

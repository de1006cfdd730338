package dev.kstrace.analyze;

import dev.kstrace.analyze.TableDef.ColumnDef;
import dev.kstrace.analyze.TableDef.SqlType;
import java.util.List;
import java.util.stream.Stream;

/**
 * The tables that SQL sees: names, columns and meanings. They are public; user SQL relies on them.
 */
final class Tables {
  static final TableDef EVENTS =
      new TableDef(
          "events",
          "One row per recorded event, exactly as the trace has it.",
          List.of(
              c("seq", SqlType.UBIGINT, "place in the total order"),
              c("op", SqlType.OP, "operation; op#N where this version does not know code N"),
              c("layer", SqlType.LAYER, "none, callback, irp_method or function_table"),
              c("t_entry", SqlType.BIGINT, "entry of the call, ns since an arbitrary start"),
              c("t_exit", SqlType.BIGINT, "return of the call, ns; NULL = not observed"),
              c("thread", SqlType.BIGINT, "OS thread id"),
              c("irql_entry", SqlType.UTINYINT, "IRQL at entry; 0 = PASSIVE_LEVEL"),
              c("irql_exit", SqlType.UTINYINT, "IRQL at return"),
              c("pin", SqlType.UBIGINT, "KSPIN address"),
              c("context", SqlType.UBIGINT, "allocator context"),
              c("frame", SqlType.UBIGINT, "frame address; 0 = NULL"),
              c("size", SqlType.UBIGINT, "bytes really usable at frame"),
              c("status", SqlType.INTEGER, "NTSTATUS, bit for bit"),
              c("options_flags", SqlType.BIGINT, "framing: OptionsFlags; NULL without framing"),
              c("pool_type", SqlType.BIGINT, "framing: PoolType"),
              c("frames", SqlType.BIGINT, "framing: Frames; 0 = no requirement"),
              c("frame_size", SqlType.BIGINT, "framing: FrameSize in bytes; 0 = no requirement"),
              c("file_alignment", SqlType.BIGINT, "framing: FileAlignment, alignment minus one"),
              c("reserved", SqlType.BIGINT, "framing: Reserved"),
              c("detail", SqlType.VARCHAR, "JSON object of a context event")));

  static final TableDef CALLS =
      new TableDef(
          "calls",
          "One row per initialize, allocate, free and delete, with what the tracker found out.",
          callColumns());

  static final TableDef SUSPECTS =
      new TableDef(
          "suspects",
          "The calls that are not wholly ordinary: all that a rule can have to judge, in a table"
              + " that a clean trace leaves nearly empty.",
          callColumns());

  static final TableDef ALLOCATORS =
      new TableDef(
          "allocators",
          "One row per initialize, successful or not, with the life of the allocator it made.",
          allocatorColumns());

  static final TableDef SUSPECT_ALLOCATORS =
      new TableDef(
          "suspect_allocators",
          "The allocators that are not wholly ordinary: not deleted, deleted while in use, with"
              + " an odd status or framing, or on a user-mode connection.",
          allocatorColumns());

  static final TableDef FRAMES =
      new TableDef(
          "frames",
          "One row per successful allocate: one frame from allocate to free.",
          frameColumns());

  static final TableDef UNFREED =
      new TableDef(
          "unfreed_frames",
          "The frames that no free ended: a small part of frames.",
          frameColumns());

  static final TableDef PINS =
      new TableDef(
          "pins", "One row per pin instance: one pin_create to pin_close of a pin.", pinColumns());

  static final TableDef SUSPECT_PINS =
      new TableDef(
          "suspect_pins",
          "The pins that are not wholly ordinary: with an incomplete dispatch table, on the"
              + " default allocator, or in RUN without an allocator.",
          pinColumns());

  static final TableDef PIN_FRAMINGS =
      new TableDef(
          "pin_framings",
          "One row per item of each KSALLOCATOR_FRAMING_EX that a pin event recorded, where it is"
              + " not the one before.",
          framingColumns());

  static final TableDef SUSPECT_PIN_FRAMINGS =
      new TableDef(
          "suspect_pin_framings",
          "The pin_framings that are not wholly ordinary: with odd values, or other than before.",
          framingColumns());

  static final TableDef RUNS =
      new TableDef(
          "runs",
          "One row per allocator and time in RUN of its pin; callback layer.",
          runColumns());

  static final TableDef SUSPECT_RUNS =
      new TableDef(
          "suspect_runs",
          "The runs in which frames came back late or not at all, or in which each frame was"
              + " allocated anew.",
          runColumns());

  static final TableDef RUN_WINDOWS =
      new TableDef(
          "run_windows",
          "One row per whole second of each of the runs, its first hour.",
          List.of(
              c("alloc_id", SqlType.BIGINT, "the allocator"),
              c("start_seq", SqlType.UBIGINT, "as in runs"),
              c("second", SqlType.BIGINT, "number of the window, from 0 on"),
              c("t_start", SqlType.BIGINT, "its begin, ns"),
              c("least_live", SqlType.BIGINT, "fewest frames that were out at any moment of it"),
              c("frees", SqlType.BIGINT, "frames that came back in it")));

  static final TableDef PENDED =
      new TableDef(
          "pended_allocations",
          "One row per KSMETHOD_STREAMALLOCATOR_ALLOC that returned STATUS_PENDING.",
          List.of(
              c("seq", SqlType.UBIGINT, "the allocate"),
              c("t_entry", SqlType.BIGINT, "its entry, ns"),
              c("alloc_id", SqlType.BIGINT, "its allocator"),
              c("pin", SqlType.UBIGINT, "pin of the allocator"),
              c("pin_id", SqlType.BIGINT, "its instance"),
              c("context", SqlType.UBIGINT, "allocator context"),
              c(
                  "ended_by",
                  SqlType.VARCHAR,
                  "frame, cancelled or delete; NULL = it waits at the end of the trace"),
              c("end_seq", SqlType.UBIGINT, "the event that ended it"),
              c(
                  "unserved_free_seq",
                  SqlType.UBIGINT,
                  "a free after which no client got a frame until the next free"),
              c("unserved_ns", SqlType.BIGINT, "from that free to the next"),
              c("doubt", SqlType.BOOLEAN, "whether events were lost while it waited")));

  static final TableDef UNRESOLVED =
      new TableDef(
          "unresolved_calls",
          "One row per operation with callback-layer calls whose context was not recorded.",
          List.of(
              c("seq", SqlType.UBIGINT, "the first of them"),
              c("op", SqlType.OP, "allocate, free or delete"),
              c("calls", SqlType.BIGINT, "how many there are")));

  static final TableDef PIN_STATES =
      new TableDef("pin_states", "One row per pin_state, with the step before it.", stepColumns());

  static final TableDef SUSPECT_STEPS =
      new TableDef(
          "suspect_steps",
          "The pin_states of standard-transport pins that are no single step from where the last"
              + " one led.",
          stepColumns());

  static final TableDef MARKS =
      new TableDef(
          "marks",
          "One row per mark.",
          List.of(
              c("seq", SqlType.UBIGINT, "the mark"),
              c("t_entry", SqlType.BIGINT, "its time, ns"),
              c("thread", SqlType.BIGINT, "its thread"),
              c("text", SqlType.VARCHAR, "its text"),
              c("detail", SqlType.VARCHAR, "all of it, as JSON")));

  static final TableDef LOSSES =
      new TableDef(
          "losses",
          "One row per loss: an events_lost row or a hole in seq.",
          List.of(
              c("seq", SqlType.UBIGINT, "the events_lost row, or the first event behind the hole"),
              c("t_entry", SqlType.BIGINT, "its time, ns"),
              c("count", SqlType.BIGINT, "events lost; NULL = unknown"),
              c("cause", SqlType.VARCHAR, "as the producer says, or hole in seq")));

  static final TableDef DISORDER =
      new TableDef(
          "disorder",
          "One row per event whose place or time contradicts the order of the trace.",
          List.of(
              c("seq", SqlType.UBIGINT, "the event"),
              c("op", SqlType.OP, "its operation"),
              c("pin", SqlType.UBIGINT, "its pin"),
              c("context", SqlType.UBIGINT, "its context"),
              c("frame", SqlType.UBIGINT, "its frame"),
              c("t_entry", SqlType.BIGINT, "its entry, ns"),
              c("t_exit", SqlType.BIGINT, "its return, ns"),
              c(
                  "previous_seq",
                  SqlType.UBIGINT,
                  "seq of the row before, where seq does not increase;"
                      + " NULL where it returned before it was entered")));

  static final TableDef TRACE_INFO =
      new TableDef(
          "trace_info",
          "One row: what the trace is.",
          List.of(
              c("path", SqlType.VARCHAR, "the file as it was named"),
              c("version", SqlType.VARCHAR, "version of the trace format"),
              c("origin", SqlType.VARCHAR, "simulated, recorded, imported or replayed"),
              c("producer", SqlType.VARCHAR, "program that wrote it"),
              c("events", SqlType.BIGINT, "rows"),
              c("complete_start", SqlType.BOOLEAN, "whether recording began before the first pin"),
              c("clean_end", SqlType.BOOLEAN, "whether it ends in trace_end and a footer"),
              c("synthetic_addresses", SqlType.BOOLEAN, "whether frame addresses are invented"),
              c("lost", SqlType.BIGINT, "events known to be lost"),
              c("lost_unknown", SqlType.BOOLEAN, "whether a loss of unknown size comes on top"),
              c("t_first", SqlType.BIGINT, "earliest time, ns"),
              c("t_last", SqlType.BIGINT, "latest time, ns"),
              c(
                  "whole",
                  SqlType.BOOLEAN,
                  "whether nothing is missing: complete_start, no snapshot, clean_end and no loss"),
              c("pins", SqlType.BIGINT, "pin instances"),
              c(
                  "fault_injection",
                  SqlType.BOOLEAN,
                  "whether it says that allocations were made to fail on purpose"),
              c(
                  "slowed_down",
                  SqlType.BOOLEAN,
                  "whether it says that calls were slowed down, as by a debugger"),
              c(
                  "kernel_addresses",
                  SqlType.BOOLEAN,
                  "whether a frame of system memory has an address in the kernel's half of x64"),
              c(
                  "odd_addresses",
                  SqlType.BOOLEAN,
                  "whether a frame of system memory has an address that is none on x64")));

  static final TableDef METADATA =
      new TableDef(
          "metadata",
          "One row per key of the trace's metadata.",
          List.of(
              c("key", SqlType.VARCHAR, "the key, such as kstrace.seed"),
              c("value", SqlType.VARCHAR, "its value")));

  static final TableDef FINDINGS =
      new TableDef(
          "findings",
          "One row per finding of the rules in force.",
          List.of(
              c("rule", SqlType.VARCHAR, "id of the rule"),
              c("severity", SqlType.VARCHAR, "error, warning or info"),
              c("certainty", SqlType.VARCHAR, "certain or possible"),
              c("seq", SqlType.UBIGINT, "the blamed event"),
              c("pin", SqlType.UBIGINT, "the pin concerned"),
              c("context", SqlType.UBIGINT, "the allocator context concerned"),
              c("frame", SqlType.UBIGINT, "the frame concerned"),
              c("alloc_id", SqlType.BIGINT, "the allocator concerned"),
              c("message", SqlType.VARCHAR, "what is wrong, in one sentence"),
              c("fingerprint", SqlType.VARCHAR, "names the same bug in another run"),
              c("mark", SqlType.VARCHAR, "text of the mark that the event falls under"),
              c("test", SqlType.VARCHAR, "the mark's key test"),
              c(
                  "suppression",
                  SqlType.VARCHAR,
                  "why the configuration leaves it; NULL = it counts")));

  /** All tables that rules may read, in the order of the documentation. */
  static final List<TableDef> ALL =
      List.of(
          EVENTS,
          CALLS,
          SUSPECTS,
          ALLOCATORS,
          SUSPECT_ALLOCATORS,
          FRAMES,
          UNFREED,
          PINS,
          SUSPECT_PINS,
          PIN_STATES,
          SUSPECT_STEPS,
          PIN_FRAMINGS,
          SUSPECT_PIN_FRAMINGS,
          RUNS,
          SUSPECT_RUNS,
          RUN_WINDOWS,
          PENDED,
          UNRESOLVED,
          MARKS,
          LOSSES,
          DISORDER,
          TRACE_INFO,
          METADATA);

  /** All tables that a query sees, in the order of the documentation. */
  static final List<TableDef> QUERIED = Stream.concat(ALL.stream(), Stream.of(FINDINGS)).toList();

  private Tables() {}

  /**
   * The table of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static TableDef named(String name) {
    for (TableDef table : ALL) {
      if (table.name().equals(name)) {
        return table;
      }
    }
    throw new IllegalArgumentException("unknown table, name=" + name);
  }

  private static ColumnDef c(String name, SqlType type, String doc) {
    return new ColumnDef(name, type, doc);
  }

  private static List<ColumnDef> allocatorColumns() {
    return List.of(
        c("alloc_id", SqlType.BIGINT, "number of the initialize, from 1 on; never reused"),
        c("seq", SqlType.UBIGINT, "the initialize"),
        c("t_entry", SqlType.BIGINT, "its entry, ns"),
        c("t_exit", SqlType.BIGINT, "its return, ns; NULL = not observed"),
        c("thread", SqlType.BIGINT, "its thread"),
        c("irql", SqlType.BIGINT, "its IRQL at entry"),
        c("pin", SqlType.UBIGINT, "KSPIN address"),
        c("pin_id", SqlType.BIGINT, "the pin instance, see pins"),
        c("pin_name", SqlType.VARCHAR, "the pin's name"),
        c("peer_mode", SqlType.VARCHAR, "kernel, user or unknown; NULL = not recorded"),
        c("has_dispatch", SqlType.BOOLEAN, "whether the pin offers an allocator of its own"),
        c("standard_transport", SqlType.BOOLEAN, "whether the pin has a pipe and a queue"),
        c("injection", SqlType.BOOLEAN, "whether the pin's driver submits frames of its own"),
        c("data_flow", SqlType.BIGINT, "of the pin: 1 = in, 2 = out"),
        c("slab", SqlType.BOOLEAN, "whether the pin carves one block into all frames"),
        c("context", SqlType.UBIGINT, "allocator context; NULL after a failed initialize"),
        c("status", SqlType.INTEGER, "NTSTATUS of the initialize"),
        c("created", SqlType.BOOLEAN, "whether it made an allocator"),
        c("options_flags", SqlType.BIGINT, "OptionsFlags; NULL without framing"),
        c("pool_type", SqlType.BIGINT, "PoolType"),
        c("frames", SqlType.BIGINT, "Frames; 0 = no requirement"),
        c("frame_size", SqlType.BIGINT, "FrameSize in bytes; 0 = no requirement"),
        c("file_alignment", SqlType.BIGINT, "FileAlignment, alignment minus one"),
        c("reserved", SqlType.BIGINT, "Reserved"),
        c("state", SqlType.VARCHAR, "at the end of the trace: failed, live or deleted"),
        c("delete_seq", SqlType.UBIGINT, "the delete"),
        c("t_delete", SqlType.BIGINT, "its entry, ns"),
        c("delete_thread", SqlType.BIGINT, "its thread"),
        c("allocates", SqlType.BIGINT, "successful callback-layer allocates"),
        c("failed_allocates", SqlType.BIGINT, "callback-layer allocates that gave NULL"),
        c("frees", SqlType.BIGINT, "callback-layer frees"),
        c("peak_live", SqlType.BIGINT, "most frames live at once at the callback layer"),
        c("live_at_delete", SqlType.BIGINT, "frames live when delete was entered"),
        c("surely_live_at_delete", SqlType.BIGINT, "of these, allocated after the last loss"),
        c("overlap_seq", SqlType.UBIGINT, "a call that was inside when delete was entered"),
        c("live_at_unload", SqlType.BOOLEAN, "whether a driver_unload found it live"),
        c("doubt", SqlType.BOOLEAN, "whether events were lost after the initialize"),
        c(
            "doubt_at_delete",
            SqlType.BOOLEAN,
            "whether events were lost between initialize and delete"),
        c(
            "pin_doubt",
            SqlType.BOOLEAN,
            "whether the pin_create that describes its pin may be missing"),
        c("disordered", SqlType.BOOLEAN, "whether its events are out of order"),
        c("shared_seq", SqlType.UBIGINT, "initialize of a live allocator of the same context"),
        c("shared_doubt", SqlType.BOOLEAN, "whether events were lost between the two"),
        c("framing_seq", SqlType.UBIGINT, "what its pin asked for, see pin_framings"),
        c(
            "framing_met",
            SqlType.BOOLEAN,
            "whether PoolType, Frames and FrameSize suit every item of it; NULL = not known"),
        c("closed_pin_seq", SqlType.UBIGINT, "a pin_close of its pin before the initialize"),
        c("concurrent_seq", SqlType.UBIGINT, "the first call that overlapped another thread's"),
        c("concurrent_with_seq", SqlType.UBIGINT, "the call that it overlapped"),
        c("pin_close_seq", SqlType.UBIGINT, "the pin_close that found it live"),
        c("pins_open", SqlType.BIGINT, "other pins that were open then"),
        c("late_seq", SqlType.UBIGINT, "the first call after that close had returned for good"),
        c("late_allocate_seq", SqlType.UBIGINT, "the first successful allocate of these calls"),
        c("late_calls", SqlType.BIGINT, "how many they are"),
        c(
            "idle_allocate_seq",
            SqlType.UBIGINT,
            "the allocate in STOP after which the pin stayed there longest"),
        c("idle_ns", SqlType.BIGINT, "how long it stayed, ns"),
        c("first_failed_seq", SqlType.UBIGINT, "the first allocate that failed below Frames"),
        c("failed_below_frames", SqlType.BIGINT, "allocates that failed below Frames"),
        c("failed_row_seq", SqlType.UBIGINT, "first of the longest row of failed allocates"),
        c("failed_row", SqlType.BIGINT, "its length"),
        c("failed_row_ns", SqlType.BIGINT, "from its first to its last, ns"));
  }

  private static List<ColumnDef> stepColumns() {
    return List.of(
        c("seq", SqlType.UBIGINT, "the pin_state"),
        c("t_entry", SqlType.BIGINT, "its time, ns"),
        c("pin", SqlType.UBIGINT, "KSPIN address"),
        c("pin_id", SqlType.BIGINT, "the pin instance"),
        c("pin_name", SqlType.VARCHAR, "the pin's name"),
        c("from_state", SqlType.BIGINT, "state before, as recorded"),
        c("to_state", SqlType.BIGINT, "state after, as recorded"),
        c("previous_from", SqlType.BIGINT, "from_state of the step before; NULL = none known"),
        c("previous_to", SqlType.BIGINT, "to_state of the step before; STOP after pin_create"),
        c("period_ns", SqlType.BIGINT, "frame period in RUN, ns"),
        c("standard_transport", SqlType.BOOLEAN, "whether the pin steps through the states"),
        c("doubt", SqlType.BOOLEAN, "whether events were lost since the step before"));
  }

  private static List<ColumnDef> callColumns() {
    return List.of(
        c("seq", SqlType.UBIGINT, "place in the total order"),
        c("op", SqlType.OP, "initialize, allocate, free or delete"),
        c("layer", SqlType.LAYER, "callback, irp_method or function_table"),
        c("t_entry", SqlType.BIGINT, "entry, ns"),
        c("t_exit", SqlType.BIGINT, "return, ns; NULL = not observed"),
        c("duration_ns", SqlType.BIGINT, "t_exit - t_entry"),
        c("thread", SqlType.BIGINT, "OS thread id"),
        c("irql_entry", SqlType.UTINYINT, "IRQL at entry"),
        c("irql_exit", SqlType.UTINYINT, "IRQL at return"),
        c("pin", SqlType.UBIGINT, "pin of the allocator"),
        c("pin_id", SqlType.BIGINT, "its instance"),
        c("pin_state", SqlType.BIGINT, "state of that pin: 0 STOP to 3 RUN; NULL = not known"),
        c("context", SqlType.UBIGINT, "allocator context as recorded"),
        c("alloc_id", SqlType.BIGINT, "the allocator that the context means; NULL = none"),
        c("allocator_state", SqlType.ALLOCATOR_STATE, "live, deleted or none; NULL = unknown"),
        c("frame", SqlType.UBIGINT, "frame address; 0 = NULL"),
        c("frame_id", SqlType.BIGINT, "the frame made, ended or hit; NULL = none"),
        c("generation", SqlType.BIGINT, "how often this allocator has handed out the address"),
        c(
            "frame_state",
            SqlType.FRAME_STATE,
            "what the address was before the call: null, fresh,"
                + " live, freed, live_elsewhere, inside (a live frame) or ghost"),
        c("size", SqlType.UBIGINT, "bytes usable at frame"),
        c("status", SqlType.INTEGER, "NTSTATUS"),
        c("related_seq", SqlType.UBIGINT, "the earlier event that explains the state"),
        c("other_alloc_id", SqlType.BIGINT, "the other allocator that has or had the address"),
        c("base_frame", SqlType.UBIGINT, "start of the live frame that was hit"),
        c("live_before", SqlType.BIGINT, "frames live before the call, at its layer"),
        c("live_after", SqlType.BIGINT, "frames live after the call"),
        c("surely_live_after", SqlType.BIGINT, "of these, allocated after the last loss"),
        c("doubt", SqlType.BOOLEAN, "whether a loss or a missing start may explain the state"),
        c(
            "allocator_doubt",
            SqlType.BOOLEAN,
            "whether the context may mean another allocator: events were lost since the initialize,"
                + " of alloc_id or of other_alloc_id, or, for a wrong call, are missing before it"),
        c("overlaps_delete", SqlType.BOOLEAN, "whether it was inside when delete was entered"),
        c("has_framing", SqlType.BOOLEAN, "whether the event carries a framing"));
  }

  private static List<ColumnDef> frameColumns() {
    return List.of(
        c("frame_id", SqlType.BIGINT, "number of the frame, from 1 on; never reused"),
        c("alloc_id", SqlType.BIGINT, "its allocator"),
        c("layer", SqlType.LAYER, "the layer that handed it out"),
        c("generation", SqlType.BIGINT, "how often this allocator has handed out the address"),
        c("pin", SqlType.UBIGINT, "pin of the allocator"),
        c("pin_id", SqlType.BIGINT, "its instance"),
        c("context", SqlType.UBIGINT, "allocator context"),
        c("frame", SqlType.UBIGINT, "address"),
        c("size", SqlType.UBIGINT, "bytes usable, where the source knows them"),
        c("range_bytes", SqlType.UBIGINT, "size, else FrameSize; NULL = not known"),
        c("allocate_seq", SqlType.UBIGINT, "the allocate"),
        c("t_allocate", SqlType.BIGINT, "its return, ns"),
        c("allocate_thread", SqlType.BIGINT, "its thread"),
        c("free_seq", SqlType.UBIGINT, "the free; NULL = not freed"),
        c("t_free", SqlType.BIGINT, "its entry, ns"),
        c("free_thread", SqlType.BIGINT, "its thread"),
        c("held_ns", SqlType.BIGINT, "t_free - t_allocate"),
        c(
            "state",
            SqlType.VARCHAR,
            "freed, live (its allocator too) or orphaned (its allocator was" + " deleted)"),
        c("slab", SqlType.BOOLEAN, "whether the pin carves one block into all frames"),
        c("doubt", SqlType.BOOLEAN, "whether events were lost after the allocate"),
        c(
            "allocator_doubt",
            SqlType.BOOLEAN,
            "whether events were lost between initialize and allocate, or as in pin_doubt"));
  }

  private static List<ColumnDef> pinColumns() {
    return List.of(
        c("pin_id", SqlType.BIGINT, "number of the instance, from 1 on"),
        c("pin", SqlType.UBIGINT, "KSPIN address"),
        c("name", SqlType.VARCHAR, "its name"),
        c("factory_id", SqlType.BIGINT, "pin type"),
        c("flags", SqlType.BIGINT, "KSPIN_FLAG_*"),
        c("data_flow", SqlType.BIGINT, "1 = in, 2 = out"),
        c("peer_mode", SqlType.VARCHAR, "kernel, user or unknown"),
        c("has_dispatch", SqlType.BOOLEAN, "whether it offers an allocator of its own"),
        c("slab", SqlType.BOOLEAN, "whether one block is carved into all frames"),
        c("allocator_kind", SqlType.VARCHAR, "who serves it: default, vendor or none"),
        c("injection", SqlType.BOOLEAN, "whether its driver submits frames of its own"),
        c(
            "dispatch_missing",
            SqlType.VARCHAR,
            "callbacks that its dispatch table lacks, empty = none; NULL = not recorded"),
        c(
            "standard_transport",
            SqlType.BOOLEAN,
            "whether it steps through the states; NULL = " + "flags unknown"),
        c("create_seq", SqlType.UBIGINT, "the pin_create; NULL = recording began later"),
        c("t_create", SqlType.BIGINT, "when it was first seen, ns"),
        c("close_seq", SqlType.UBIGINT, "the pin_close"),
        c("t_close", SqlType.BIGINT, "its time, ns"),
        c("state", SqlType.BIGINT, "last state: 0 STOP, 1 ACQUIRE, 2 PAUSE, 3 RUN"),
        c("run_seq", SqlType.UBIGINT, "the pin_state that first led to RUN"),
        c("served", SqlType.BOOLEAN, "whether an initialize on it succeeded"),
        c("framing_seq", SqlType.UBIGINT, "what it asks for last, see pin_framings"));
  }

  private static List<ColumnDef> framingColumns() {
    return List.of(
        c("seq", SqlType.UBIGINT, "the pin event that recorded it"),
        c("pin", SqlType.UBIGINT, "KSPIN address"),
        c("pin_id", SqlType.BIGINT, "the pin instance"),
        c("pin_name", SqlType.VARCHAR, "the pin's name"),
        c("factory_id", SqlType.BIGINT, "pin type"),
        c("previous_seq", SqlType.UBIGINT, "the one before of this pin; NULL = it is the first"),
        c("item", SqlType.BIGINT, "number of the KS_FRAMING_ITEM, from 1 on; NULL = no item"),
        c("items", SqlType.BIGINT, "how many there are"),
        c("memory_type", SqlType.VARCHAR, "MemoryType, such as KSMEMORY_TYPE_KERNEL_NONPAGED"),
        c("flags", SqlType.BIGINT, "Flags: requirement flags and pipe flags"),
        c("frames", SqlType.BIGINT, "Frames; 0 = no requirement"),
        c("file_alignment", SqlType.BIGINT, "FileAlignment, alignment minus one"),
        c("physical_min", SqlType.BIGINT, "PhysicalRange: smallest frame size, bytes"),
        c("physical_max", SqlType.BIGINT, "PhysicalRange: largest frame size, bytes"),
        c("physical_stepping", SqlType.BIGINT, "PhysicalRange: from one legal size to the next"),
        c("optimal_min", SqlType.BIGINT, "FramingRange: smallest frame size, bytes"),
        c("optimal_max", SqlType.BIGINT, "FramingRange: largest frame size, bytes"),
        c("optimal_stepping", SqlType.BIGINT, "FramingRange: from one legal size to the next"),
        c("in_place_weight", SqlType.BIGINT, "FramingRange: InPlaceWeight"),
        c("not_in_place_weight", SqlType.BIGINT, "FramingRange: NotInPlaceWeight"),
        c("pin_flags", SqlType.BIGINT, "PinFlags"),
        c("pin_weight", SqlType.BIGINT, "PinWeight"),
        c("ratio_numerator", SqlType.BIGINT, "OutputCompression: RatioNumerator"),
        c("ratio_denominator", SqlType.BIGINT, "OutputCompression: RatioDenominator"),
        c("framing", SqlType.VARCHAR, "all of it, as JSON: equal texts are equal framings"));
  }

  private static List<ColumnDef> runColumns() {
    return List.of(
        c("alloc_id", SqlType.BIGINT, "the allocator"),
        c("pin", SqlType.UBIGINT, "its pin"),
        c("pin_id", SqlType.BIGINT, "its pin's instance"),
        c("context", SqlType.UBIGINT, "its context"),
        c("start_seq", SqlType.UBIGINT, "the pin_state to RUN, or the initialize in RUN"),
        c("t_start", SqlType.BIGINT, "its time, ns"),
        c("end_seq", SqlType.UBIGINT, "the event that ended it; NULL = the trace ends in RUN"),
        c("t_end", SqlType.BIGINT, "its time, ns; the trace's last time where there is none"),
        c("ended_by", SqlType.VARCHAR, "pin_state, delete, pin_close or end of trace"),
        c("period_ns", SqlType.BIGINT, "frame period, ns; NULL = not recorded"),
        c("allocates", SqlType.BIGINT, "successful allocates in it"),
        c("frees", SqlType.BIGINT, "frees in it"),
        c("live_at_start", SqlType.BIGINT, "frames live when it began"),
        c("live_at_end", SqlType.BIGINT, "frames live when it ended"),
        c("held_seq", SqlType.UBIGINT, "allocate of the frame that was out longest in it"),
        c("held_frame", SqlType.UBIGINT, "that frame"),
        c("t_held", SqlType.BIGINT, "when it was handed out, ns"),
        c("held_ns", SqlType.BIGINT, "how long it was out within it, ns"),
        c(
            "full_seq",
            SqlType.UBIGINT,
            "allocate that took the last frame before the longest stall"),
        c("full_ns", SqlType.BIGINT, "longest time with all Frames out and none coming back, ns"),
        c("refused", SqlType.BIGINT, "allocates that got no frame in that time"),
        c("frees_before_full", SqlType.BIGINT, "frees in it before that time"),
        c("stop_seq", SqlType.UBIGINT, "the pin_state to STOP behind it"),
        c("live_at_stop", SqlType.BIGINT, "frames allocated in it that were live then"),
        c("restart_seq", SqlType.UBIGINT, "the pin_state out of that STOP"),
        c("live_at_restart", SqlType.BIGINT, "frames allocated in it that were live then"),
        c("slab", SqlType.BOOLEAN, "whether the pin carves one block into all frames"));
  }
}

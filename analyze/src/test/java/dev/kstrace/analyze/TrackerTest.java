package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.CallFacts.AllocatorState;
import dev.kstrace.analyze.CallFacts.FrameState;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceText;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the tracker says of each row, before any rule judges it. */
class TrackerTest {
  private static final String INIT =
      " initialize pin=0x10 context=0x20 status=STATUS_SUCCESS framing={options=0x2 size=4096}\n";

  /** One call's facts, kept. */
  private record Call(
      long seq,
      Long allocator,
      AllocatorState allocatorState,
      FrameState frameState,
      long frameId,
      int generation,
      Long relatedSeq,
      Long otherAllocator,
      Long baseFrame,
      int liveBefore,
      int liveAfter,
      int surelyLiveAfter,
      boolean doubt,
      boolean allocatorDoubt,
      boolean overlapsDelete) {}

  private record Ended(long frameId, long allocateSeq, int state, long allocator) {}

  private record Loss(long seq, Long count, String cause) {}

  private record Disorder(long seq, Long previousSeq) {}

  private final List<Call> calls = new ArrayList<>();
  private final List<Ended> frames = new ArrayList<>();
  private final List<Loss> losses = new ArrayList<>();
  private final List<Disorder> disorder = new ArrayList<>();
  private Tracker tracker;

  private void track(String text) {
    TraceText.Parsed trace = Traces.parse(text);
    tracker =
        new Tracker(
            trace.metadata(),
            new TrackerSink() {
              @Override
              public void call(CallFacts f) {
                calls.add(
                    new Call(
                        f.batch.seq(f.row),
                        f.allocator == null ? null : CallRows.allocId(f.allocator.index),
                        f.allocatorState,
                        f.frameState,
                        f.frameId,
                        f.generation,
                        f.relatedSeq(),
                        f.otherAllocator < 0 ? null : CallRows.allocId(f.otherAllocator),
                        f.baseFrame,
                        f.liveBefore,
                        f.liveAfter,
                        f.surelyLiveAfter,
                        f.doubt,
                        f.allocatorDoubt,
                        f.overlapsDelete));
              }

              @Override
              public void frame(
                  FrameTable table, int slot, Allocator allocator, EventBatch free, int row) {
                frames.add(
                    new Ended(
                        table.frameId(slot),
                        table.allocateSeq(slot),
                        table.state(slot),
                        CallRows.allocId(allocator.index)));
              }

              @Override
              public void loss(long seq, long time, Long count, String cause) {
                losses.add(new Loss(seq, count, cause));
              }

              @Override
              public void disorder(EventBatch batch, int row, Long previousSeq) {
                TrackerTest.this.disorder.add(new Disorder(batch.seq(row), previousSeq));
              }
            });
    // Small batches, so that nothing hangs on where one ends.
    EventBatch batch = new EventBatch(2);
    for (var event : trace.events()) {
      batch.add(event);
      if (batch.isFull()) {
        tracker.accept(batch);
        batch.clear();
      }
    }
    tracker.accept(batch);
    tracker.finish();
  }

  private Call at(long seq) {
    List<Call> found = calls.stream().filter(call -> call.seq == seq).toList();
    assertThat(found).as("calls with seq " + seq).hasSize(1);
    return found.get(0);
  }

  private Allocator allocator(int number) {
    return tracker.allocators().get(number - 1);
  }

  @Test
  void everyAllocateOfAnAddressIsAFrameOfItsOwn() {
    track(
        "1"
            + INIT
            + """
              2 allocate context=0x20 frame=0x1000
              3 free context=0x20 frame=0x1000
              4 allocate context=0x20 frame=0x1000
              5 allocate context=0x20 frame=0x5000
              6 free context=0x20 frame=0x1000
              """);
    assertThat(at(2).frameState).isEqualTo(FrameState.FRESH);
    assertThat(at(2).generation).isEqualTo(1);
    assertThat(at(4).frameState).isEqualTo(FrameState.FREED);
    assertThat(at(4).generation).isEqualTo(2);
    assertThat(at(4).relatedSeq).isEqualTo(3);
    assertThat(at(6).frameId).isEqualTo(at(4).frameId).isNotEqualTo(at(2).frameId);
    assertThat(at(6).relatedSeq).isEqualTo(4);
    assertThat(at(5).generation).isEqualTo(1);
    assertThat(frames)
        .containsExactly(
            new Ended(1, 2, FrameTable.FREED, 1),
            new Ended(2, 4, FrameTable.FREED, 1),
            new Ended(3, 5, FrameTable.LIVE, 1));
  }

  @Test
  void anIssuedAgainContextMeansTheNewestLiveAllocatorAndElseTheNewestDeleted() {
    track(
        "1"
            + INIT
            + "2 delete context=0x20\n3"
            + INIT
            + """
              4 allocate context=0x20 frame=0x1000
              5 free context=0x20 frame=0x1000
              6 delete context=0x20
              7 allocate context=0x20 frame=0x2000
              8 delete context=0x21
              """);
    assertThat(at(2).allocator).isEqualTo(1);
    assertThat(at(4).allocator).isEqualTo(2);
    assertThat(at(4).allocatorState).isEqualTo(AllocatorState.LIVE);
    assertThat(at(6).allocator).isEqualTo(2);
    assertThat(at(7).allocator).isEqualTo(2);
    assertThat(at(7).allocatorState).isEqualTo(AllocatorState.DELETED);
    assertThat(at(7).relatedSeq).isEqualTo(6);
    assertThat(at(8).allocatorState).isEqualTo(AllocatorState.NONE);
  }

  @Test
  void aFrameFreedOnOneThreadMayBeHandedOutOnAnotherBeforeTheFreeReturns() {
    track(
        "1"
            + INIT
            + """
              2 allocate t=2000..2100 thread=1 context=0x20 frame=0x1000
              3 free t=3000..3900 thread=1 context=0x20 frame=0x1000
              4 allocate t=2900..3200 thread=2 context=0x20 frame=0x1000
              """);
    assertThat(at(4).frameState).isEqualTo(FrameState.FREED);
    assertThat(at(4).liveAfter).isEqualTo(1);
    assertThat(disorder).isEmpty();
  }

  @Test
  void layersAreCountedAndMatchedApart() {
    track(
        "1"
            + INIT
            + """
              2 allocate context=0x20 frame=0x1000
              3 allocate irp_method context=0x20 frame=0x1000 status=STATUS_SUCCESS
              4 free function_table context=0x20 frame=0x1000
              5 free irp_method context=0x20 frame=0x1000
              6 free context=0x20 frame=0x1000
              """);
    assertThat(at(3).frameState).isEqualTo(FrameState.FRESH);
    assertThat(at(3).liveAfter).isEqualTo(1);
    assertThat(at(4).frameState).isEqualTo(FrameState.FRESH);
    assertThat(at(4).doubt).as("known at another layer").isTrue();
    assertThat(at(5).frameState).isEqualTo(FrameState.LIVE);
    assertThat(at(6).frameState).isEqualTo(FrameState.LIVE);
    assertThat(allocator(1).allocates).isEqualTo(1);
    assertThat(allocator(1).peak).isEqualTo(1);
  }

  @Test
  void aLossCastsDoubtOnWhatWasKnownBeforeItOnly() {
    track(
        "1"
            + INIT
            + """
              2 allocate context=0x20 frame=0x1000
              3 events_lost detail={"count":4}
              4 allocate context=0x20 frame=0x1000
              5 allocate context=0x20 frame=0x5000
              6 allocate context=0x20 frame=0x5000
              7"""
            + INIT.replace("0x20", "0x30")
            + """
              8 allocate context=0x30 frame=0x9000
              9 free context=0x99 frame=0x9000
              """);
    assertThat(at(4).frameState).isEqualTo(FrameState.LIVE);
    assertThat(at(4).doubt).isTrue();
    assertThat(at(4).allocatorDoubt).isTrue();
    assertThat(at(5).liveAfter).isEqualTo(2);
    assertThat(at(5).surelyLiveAfter).isEqualTo(1);
    assertThat(at(6).frameState).isEqualTo(FrameState.LIVE);
    assertThat(at(6).doubt).isFalse();
    assertThat(at(6).allocatorDoubt).isTrue();
    assertThat(at(8).doubt).isFalse();
    assertThat(at(8).allocatorDoubt).isFalse();
    assertThat(at(9).doubt).isTrue();
  }

  @Test
  void aMissingStartCastsDoubtOnWhatWasNeverSeen() {
    String rows = "2 free context=0x20 frame=0x1000\n3 free context=0x21 frame=0x1000\n";
    track("@kstrace.complete_start=false\n1" + INIT + rows);
    assertThat(at(2).frameState).isEqualTo(FrameState.FRESH);
    assertThat(at(2).doubt).isTrue();
    assertThat(at(3).doubt).isTrue();
    calls.clear();
    track("1" + INIT + rows);
    assertThat(at(2).doubt).isFalse();
    assertThat(at(3).doubt).isFalse();
  }

  @Test
  void framesOutliveTheirAllocatorAsOrphansUntilTheyAreFreed() {
    track(
        "1"
            + INIT
            + """
              2 allocate context=0x20 frame=0x1000
              3 allocate context=0x20 frame=0x5000
              4 delete context=0x20
              5 free context=0x20 frame=0x5000
              """);
    assertThat(at(4).liveBefore).isEqualTo(2);
    assertThat(allocator(1).liveAtDelete).isEqualTo(2);
    assertThat(at(5).allocatorState).isEqualTo(AllocatorState.DELETED);
    assertThat(frames)
        .containsExactly(
            new Ended(2, 3, FrameTable.FREED, 1), new Ended(1, 2, FrameTable.ORPHANED, 1));
  }

  @Test
  void anOrphanIsInNobodysWay() {
    track(
        "1"
            + INIT
            + "2 allocate context=0x20 frame=0x1000\n3 delete context=0x20\n4"
            + INIT.replace("0x20", "0x30")
            + "5 allocate context=0x30 frame=0x1800\n");
    assertThat(at(5).frameState).isEqualTo(FrameState.FRESH);
  }

  @Test
  void ofTwoAllocatorsWithOneContextEachGetsItsOwnFramesBack() {
    track(
        "1"
            + INIT
            + "2 allocate context=0x20 frame=0x1000\n3"
            + INIT
            + """
              4 allocate context=0x20 frame=0x5000
              5 free context=0x20 frame=0x1000
              6 free context=0x20 frame=0x5000
              7 delete context=0x20
              8 delete context=0x20
              """);
    assertThat(at(5).frameState).isEqualTo(FrameState.LIVE);
    assertThat(at(5).frameId).isEqualTo(at(2).frameId);
    assertThat(at(6).frameState).isEqualTo(FrameState.LIVE);
    assertThat(at(7).allocator).isEqualTo(2);
    assertThat(at(8).allocator).isEqualTo(1);
    assertThat(frames).extracting(Ended::allocator).containsExactly(1L, 2L);
  }

  @Test
  void aFrameOfAFailedClientCallIsAGhostThatHurtsNobody() {
    track(
        "1"
            + INIT
            + """
              2 allocate irp_method context=0x20 frame=0x1000 status=STATUS_CANCELLED
              3 allocate irp_method context=0x20 frame=0x1800 status=STATUS_SUCCESS
              4 free irp_method context=0x20 frame=0x1000
              5 free irp_method context=0x20 frame=0x1000
              """);
    assertThat(at(2).frameState).isEqualTo(FrameState.GHOST);
    assertThat(at(2).liveAfter).isZero();
    assertThat(at(3).frameState).isEqualTo(FrameState.FRESH);
    assertThat(at(4).frameState).isEqualTo(FrameState.GHOST);
    assertThat(at(5).frameState).isEqualTo(FrameState.FREED);
    assertThat(frames).extracting(Ended::allocateSeq).containsExactly(3L);
  }

  @Test
  void aSeqThatDoesNotIncreaseMakesTheAllocatorsAroundItDoubtful() {
    track(
        "1"
            + INIT
            + "2"
            + INIT.replace("0x20", "0x30")
            + "3"
            + INIT.replace("0x20", "0x40")
            + """
              5 allocate context=0x20 frame=0x1000
              5 allocate context=0x30 frame=0x5000
              6 allocate context=0x40 frame=0x9000
              """);
    assertThat(disorder).containsExactly(new Disorder(5, 5L));
    assertThat(allocator(1).orderDoubt).isTrue();
    assertThat(allocator(2).orderDoubt).isTrue();
    assertThat(allocator(3).orderDoubt).isFalse();
  }

  @Test
  void aReturnBeforeTheEntryMakesItsAllocatorDoubtful() {
    track(
        "1"
            + INIT
            + "2"
            + INIT.replace("0x20", "0x30")
            + "3 allocate t=9..8 context=0x20 frame=0x0\n");
    assertThat(disorder).containsExactly(new Disorder(3, null));
    assertThat(allocator(1).orderDoubt).isTrue();
    assertThat(allocator(2).orderDoubt).isFalse();
  }

  @Test
  void aHoleIsALossOfItsSize() {
    track("7 mark\n10 mark\n11 mark\n20 mark\n");
    assertThat(losses)
        .containsExactly(new Loss(10, 2L, "hole in seq"), new Loss(20, 8L, "hole in seq"));
    assertThat(tracker.lostEvents()).isEqualTo(10);
    assertThat(tracker.lostUnknown()).isFalse();
  }

  @Test
  void aHoleBeforeARowThatTellsOfItIsCountedOnce() {
    track(
        """
        1 mark
        5 events_lost detail={"count":3,"cause":"buffer full"}
        9 events_lost detail={"count":null}
        10 events_lost
        """);
    assertThat(losses)
        .containsExactly(
            new Loss(5, 3L, "buffer full"),
            new Loss(9, 3L, "not said"),
            new Loss(10, null, "not said"));
    assertThat(tracker.lostEvents()).isEqualTo(6);
    assertThat(tracker.lostUnknown()).isTrue();
  }

  @Test
  void aHoleBehindTheRowThatTellsOfItIsCountedOnce() {
    track(
        """
        1 mark
        2 events_lost detail={"count":3,"cause":"buffer full"}
        6 mark
        8 mark
        """);
    assertThat(losses)
        .containsExactly(new Loss(2, 3L, "buffer full"), new Loss(8, 1L, "hole in seq"));
    assertThat(tracker.lostEvents()).isEqualTo(4);
  }

  @Test
  void aStepBackInSeqIsNoHoleAndNeitherIsTheWayForwardAgain() {
    track("1 mark\n2 mark\n3 mark\n1 mark\n4 mark\n");
    assertThat(losses).isEmpty();
    assertThat(disorder).containsExactly(new Disorder(1, 3L));
  }

  @Test
  void aCallInsideWhenDeleteEntersIsFoundFromEitherSide() {
    track(
        "1"
            + INIT
            + """
              2 allocate t=2000..2100 context=0x20 frame=0x1000
              3 free t=3000..5000 thread=1 context=0x20 frame=0x1000
              4 delete t=4000..4500 thread=2 context=0x20
              """);
    assertThat(allocator(1).overlapSeq).isEqualTo(3);

    calls.clear();
    track(
        "1"
            + INIT
            + """
              2 delete t=4000..4500 thread=2 context=0x20
              3 allocate t=3000..5000 thread=1 context=0x20 frame=0x1000
              """);
    assertThat(allocator(1).overlapSeq).isEqualTo(3);
    assertThat(at(3).overlapsDelete).isTrue();
    assertThat(frames).extracting(Ended::state).containsExactly(FrameTable.FREED);
  }

  @Test
  void aCallThatReturnedWhenDeleteEnteredOrEnteredLaterDoesNotOverlap() {
    track(
        "1"
            + INIT
            + """
              2 allocate t=2000..4000 thread=1 context=0x20 frame=0x0
              3 delete t=4000..4500 thread=2 context=0x20
              4 allocate t=4000..5000 thread=1 context=0x20 frame=0x0
              5 allocate t=3000..4000 thread=3 context=0x20 frame=0x0
              """);
    assertThat(allocator(1).overlapSeq).isNull();
    assertThat(at(4).overlapsDelete).isFalse();
    assertThat(at(5).overlapsDelete).isFalse();
  }

  @Test
  void aWrongFreeLeavesTheFrameAsItIs() {
    track(
        "1"
            + INIT
            + "2"
            + INIT.replace("0x20", "0x30")
            + """
              3 allocate context=0x20 frame=0x1000
              4 free context=0x30 frame=0x1000
              5 free context=0x20 frame=0x1010
              6 free context=0x20 frame=0x1000
              """);
    assertThat(at(4).frameState).isEqualTo(FrameState.LIVE_ELSEWHERE);
    assertThat(at(4).otherAllocator).isEqualTo(1);
    assertThat(at(5).frameState).isEqualTo(FrameState.INSIDE);
    assertThat(at(5).baseFrame).isEqualTo(0x1000);
    assertThat(at(6).frameState).isEqualTo(FrameState.LIVE);
    assertThat(at(6).liveAfter).isZero();
  }

  @Test
  void onlyTheLastRowMakesAnOrderlyEnd() {
    track("1 mark\n2 trace_end\n");
    assertThat(tracker.endsWithTraceEnd()).isTrue();
    track("1 mark\n2 trace_end\n3 mark\n");
    assertThat(tracker.endsWithTraceEnd()).isFalse();
  }

  @Test
  void aPinThatIsCreatedAnewIsAnotherInstanceAtStop() {
    track(
        """
        1 pin_create pin=0x10
        2 pin_state pin=0x10 detail={"from":0,"to":1}
        3 pin_close pin=0x10
        4 pin_create pin=0x10
        5 pin_state pin=0x11 detail={"from":1,"to":2}
        """);
    assertThat(tracker.pins()).hasSize(3);
    assertThat(tracker.pins()).extracting(pin -> pin.state).containsExactly(1L, 0L, 2L);
    assertThat(tracker.pins()).extracting(pin -> pin.createSeq).containsExactly(1L, 4L, null);
    assertThat(tracker.pins().get(0).closeSeq).isEqualTo(3);
  }
}

/*
@ABOUT@ *
 * Build it together with the allocator and run it; exit code 0 = all is well:
 *
 *   cc this.c allocator.c && ./a.out
 *
 * An allocator that needs the WDK's headers is built with stand-ins of one's own, or with those of
 * kstrace, which also notice pool that leaks, wrong IRQLs, overruns and waits that never end:
 *
 *   kstrace build-target allocator.c -o allocator.so
 *   cc -DKSTRACE_SHIM -I "$(kstrace build-target --shim)" this.c ./allocator.so && ./a.out
 *
 * -DKSALLOCATOR_TABLE=SYMBOL names the KSALLOCATOR_DISPATCH. -DCALLERS_FAULTS=1 makes the test fail
 * at what the recorded caller did wrong, 0 only at what the allocator makes of it. -DTOUCH=0 leaves
 * the frames' memory alone. C11 or C++11, nothing but the standard library.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

@TABLE@
#ifndef CALLERS_FAULTS
#define CALLERS_FAULTS @CALLERS_FAULTS@
#endif
#ifndef TOUCH
#define TOUCH 1
#endif

enum { ALLOCATORS = @ALLOCATORS@, FRAMES = @FRAMES@, NO_ALLOCATOR = -1, NO_FRAME = 0 };

/* KSALLOCATOR_FRAMING and KSALLOCATOR_DISPATCH, as in ks.h. */
struct framing {
  uint32_t options_flags, pool_type, frames, frame_size, file_alignment, reserved;
};

struct dispatch {
  int32_t (*initialize)(void *pin, struct framing *framing, void **context);
  void (*delete_allocator)(void *context);
  void *(*allocate)(void *context);
  void (*free_frame)(void *context, void *frame);
};

#ifdef __cplusplus
extern "C" {
#endif
extern const struct dispatch KSALLOCATOR_TABLE;
#ifdef __cplusplus
}
#endif

struct allocator {
  struct framing framing;
  void *context;
  uint32_t out; /* frames */
  int made;
};

struct frame {
  unsigned char *address;
  size_t bytes;
  int allocator;
  int live;
};

static struct allocator allocators[ALLOCATORS + 1];
static struct frame frames[FRAMES + 1];
static unsigned long long seq; /* of the event at hand */

static void fail(const char *what) {
  fflush(stdout);
  fprintf(stderr, "FAILED at seq %llu: %s\n", seq, what);
  exit(1);
}

static void fail_frame(const char *what, int frame) {
  fflush(stdout);
  fprintf(stderr, "FAILED at seq %llu: %s frame %d\n", seq, what, frame);
  exit(1);
}

#ifdef KSTRACE_SHIM
#include "kst_test.h"
#else
/* Nobody to ask or to tell. */
static void kst_test_start(void (*failed)(const char *what)) {
  (void)failed;
}

static void kst_test_enter(int allocator, unsigned thread, int irql, uint64_t ns) {
  (void)allocator, (void)thread, (void)irql, (void)ns;
}

static void kst_test_leave(void) {}

static void kst_test_deleted(int allocator, int (*holds_frame)(uint64_t from, uint64_t bytes)) {
  (void)allocator, (void)holds_frame;
}

/* Zeros, for allocators that only look whether there is a pin. */
static void *kst_test_pin(unsigned long long id, const void *table, const void *framing) {
  static uint64_t pin[64];
  (void)table, (void)framing;
  return id == 0 ? NULL : pin;
}
#endif

/* --- where we are --- */

static struct {
  unsigned thread;
  int irql;
  uint64_t ns; /* since the first event */
} now;

static unsigned long long unknown_context; /* of calls with NO_ALLOCATOR */

static void at(unsigned long long event, unsigned thread, int irql, uint64_t ns) {
  seq = event;
  now.thread = thread;
  now.irql = irql;
  now.ns = ns;
}

static void enter(int allocator) {
  kst_test_enter(allocator, now.thread, now.irql, now.ns);
}

/* --- what is checked --- */

static void callers_fault(const char *what) {
  if (CALLERS_FAULTS) {
    fflush(stdout);
    fprintf(stderr, "FAILED at seq %llu: the caller %s\n", seq, what);
    exit(1);
  }
}

static unsigned char filling(int number) {
  return (unsigned char)(number * 37 + 11);
}

static void fill(int number) {
  if (TOUCH) {
    memset(frames[number].address, filling(number), frames[number].bytes);
  }
}

static void check_filling(int number) {
  const struct frame *frame = &frames[number];
  for (size_t i = 0; TOUCH && i < frame->bytes; i++) {
    if (frame->address[i] != filling(number)) {
      fail_frame("somebody else wrote into", number);
    }
  }
}

static uintptr_t distance(const void *from, const void *to) {
  return (uintptr_t)to - (uintptr_t)from;
}

static void check_address(int number) {
  const struct frame *got = &frames[number];
  for (int i = 1; i <= FRAMES; i++) {
    const struct frame *other = &frames[i];
    if (!other->live || i == number) {
      continue;
    }
    if (got->address == other->address) {
      fail_frame("allocate returned an address that is out already, as", i);
    }
    if (distance(other->address, got->address) < other->bytes
        || distance(got->address, other->address) < got->bytes) {
      fail_frame("allocate returned memory that overlaps", i);
    }
  }
}

static void check_alignment(const struct framing *framing, const void *address) {
  uint32_t mask = framing->file_alignment;
  int is_pitch = (framing->options_flags & 0x8000u) != 0; /* 2D_BUFFER_REQUIRED */
  if (!is_pitch && (mask & (mask + 1)) == 0 && ((uintptr_t)address & mask) != 0) {
    fail("allocate returned a frame that is not aligned as FileAlignment says");
  }
}

static int holds_frame(uint64_t from, uint64_t bytes) {
  for (int i = 1; i <= FRAMES; i++) {
    if (frames[i].live && (uint64_t)(uintptr_t)frames[i].address - from < (bytes ? bytes : 1)) {
      return 1;
    }
  }
  return 0;
}

/* --- the calls --- */

/* What the call did in the recording: where it refused, there is no call that would release. */
enum outcome { REFUSED, MADE };

static void *context_of(int allocator) {
  return allocator == NO_ALLOCATOR ? (void *)(uintptr_t)unknown_context
                                   : allocators[allocator].context;
}

/* A call on what the allocator under test refused to make is left out. */
static int exists(int allocator) {
  return allocator == NO_ALLOCATOR || allocators[allocator].made;
}

/* Nothing that an allocator had is left behind its delete. */
static void forget(int allocator) {
  kst_test_deleted(allocator, holds_frame);
  for (int i = 1; i <= FRAMES; i++) {
    frames[i].live &= frames[i].allocator != allocator;
  }
}

static void initialize(int allocator, unsigned long long pin, enum outcome recorded,
    uint32_t options_flags, uint32_t pool_type, uint32_t frame_limit, uint32_t frame_size,
    uint32_t file_alignment, uint32_t reserved) {
  struct framing framing = {
      options_flags, pool_type, frame_limit, frame_size, file_alignment, reserved};
  struct framing asked = framing;
  void *context = NULL;
  void *on = kst_test_pin(pin, &KSALLOCATOR_TABLE, &asked);
  enter(allocator);
  int32_t status = KSALLOCATOR_TABLE.initialize(on, &asked, &context);
  kst_test_leave();
  if (status != 0 && (uint32_t)status < 0xC0000000u) {
    fail("initialize returned neither STATUS_SUCCESS nor an error");
  }
  if (status != 0) {
    forget(allocator);
    if (recorded == MADE) {
      fail("initialize failed");
    }
  } else if (recorded == REFUSED) {
    enter(allocator);
    KSALLOCATOR_TABLE.delete_allocator(context);
    kst_test_leave();
  } else {
    allocators[allocator].framing = framing;
    allocators[allocator].context = context;
    allocators[allocator].made = 1;
  }
}

static void release(int number) {
  frames[number].live = 0;
  if (frames[number].allocator != NO_ALLOCATOR) {
    allocators[frames[number].allocator].out--;
  }
}

static void allocate(int allocator, int number, enum outcome recorded) {
  static struct allocator unknown;
  struct allocator *called = allocator == NO_ALLOCATOR ? &unknown : &allocators[allocator];
  struct frame *frame = &frames[number];
  int full = called->framing.frames != 0 && called->out >= called->framing.frames;
  if (!exists(allocator)) {
    return;
  }
  enter(allocator);
  frame->address = (unsigned char *)KSALLOCATOR_TABLE.allocate(context_of(allocator));
  kst_test_leave();
  if (frame->address == NULL) {
    if (recorded == MADE && !full) {
      fail("allocate returned NULL although fewer than Frames are out");
    }
    return;
  }
  if (full) {
    fail("allocate returned a frame although Frames are out");
  }
  frame->bytes = called->framing.frame_size ? called->framing.frame_size : 1;
  frame->allocator = allocator;
  check_address(number);
  check_alignment(&called->framing, frame->address);
  frame->live = 1;
  called->out++;
  fill(number);
  if (recorded == REFUSED) {
    release(number);
    enter(allocator);
    KSALLOCATOR_TABLE.free_frame(context_of(allocator), frame->address);
    kst_test_leave();
    frame->address = NULL;
  }
}

/* `inside` is added to the frame's address; without a frame it is the address itself. */
static void free_frame(int allocator, int number, unsigned long long inside) {
  struct frame *frame = &frames[number];
  if (!exists(allocator) || (number != NO_FRAME && frame->address == NULL)) {
    return;
  }
  if (number != NO_FRAME && inside == 0 && frame->live && frame->allocator == allocator) {
    check_filling(number);
    release(number);
  }
  enter(allocator);
  KSALLOCATOR_TABLE.free_frame(
      context_of(allocator), (void *)((uintptr_t)frame->address + (uintptr_t)inside));
  kst_test_leave();
}

static void delete_allocator(int allocator) {
  if (exists(allocator)) {
    enter(allocator);
    KSALLOCATOR_TABLE.delete_allocator(context_of(allocator));
    kst_test_leave();
    forget(allocator);
  }
}

static void calls(void) {
  /* at(seq, thread, IRQL, ns since the first event); CALL(allocator, frame, ...) */
@CALLS@}

int main(void) {
  kst_test_start(fail);
  calls();
  printf("passed: %d calls\n", @COUNT@);
  /* Which of them are called depends on the recording. */
  (void)&at;
  (void)&initialize;
  (void)&allocate;
  (void)&free_frame;
  (void)&delete_allocator;
  (void)&callers_fault;
  (void)&unknown_context;
  return 0;
}

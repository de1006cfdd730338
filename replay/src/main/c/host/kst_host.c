/*
 * The process in which a native replay's target lives: it loads the target, runs the calls that the
 * tool puts into the shared file, and tells what became of them. See kst_abi.h.
 *
 *   kstrace-host FILE LIBRARY SYMBOL
 *
 * stdin and stdout carry one byte for each batch; what the target prints goes to stderr. Whatever
 * the target does to this process, the file still tells how far it came.
 */
#define _GNU_SOURCE 1
#include "kst_carrier.h"

#include "kst_pin.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/personality.h>
#endif

/* A call may leave this many notes before the batch has to end behind it. */
#define NOTES_OF_A_CALL 64u
/* Of one complaint as many are told; whoever wants all of them fixes the first ones first. */
#define TOLD 10u
#define COMPLAINTS 512u
/* So many records ahead are fetched to be written, from the processor that wrote them last. */
#define PREFETCHED 16

enum allocator_state { UNBORN, MADE, REFUSED };

struct allocator {
  uint64_t context;
  uint32_t frame_bytes;
  uint8_t state;
};

struct frame {
  uint64_t address;
  uint64_t filled; /* bytes of the pattern in it */
  uint32_t allocator;
  uint32_t generation;
  uint8_t live;
};

/* Kept apart from malloc, which a faulty target may have damaged. */
struct table {
  void *rows;
  uint64_t capacity;
  size_t row_bytes;
};

static struct kst_header *header;
static struct kst_call *calls[KST_SLOTS];
static struct kst_note *notes[KST_SLOTS];
static uint32_t slot, at, end, note_count, epoch;
static uint32_t hand; /* the call that was begun last */
static int stopped;
static int has_blocked; /* whether a call ever did */
static int replies;
static const KSALLOCATOR_DISPATCH *dispatch;
static const struct kst_shim_table *shim;
static struct kst_cpu cpu = {0, 0, KST_NONE, PASSIVE_LEVEL, 0, 0};
static struct kst_carrier *yielded; /* lets the call behind its own run first */
static struct table frames = {NULL, 0, sizeof(struct frame)};
static struct table allocators = {NULL, 0, sizeof(struct allocator)};
static uint32_t frame_count;
static struct {
  uint64_t hash;
  uint32_t count;
} complaints[COMPLAINTS];

static __attribute__((noinline)) void grow(struct table *table, uint32_t number) {
  uint64_t capacity = table->capacity ? table->capacity : 4096;
  while (capacity <= number) {
    capacity *= 2;
  }
  void *rows = mmap(NULL, capacity * table->row_bytes, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (rows == MAP_FAILED) {
    perror("kstrace-host: no memory");
    _exit(70);
  }
  if (table->rows != NULL) {
    memcpy(rows, table->rows, table->capacity * table->row_bytes);
    munmap(table->rows, table->capacity * table->row_bytes);
  }
  table->rows = rows;
  table->capacity = capacity;
}

static inline struct frame *frame(uint32_t number) {
  if (number >= frames.capacity) {
    grow(&frames, number);
  }
  return (struct frame *)frames.rows + number;
}

static inline struct allocator *allocator(uint32_t number) {
  if (number >= allocators.capacity) {
    grow(&allocators, number);
  }
  return (struct allocator *)allocators.rows + number;
}

/* --- notes --- */

/* Whether the same was said often enough. */
static int said(int kind, const char *text) {
  uint64_t hash = 1469598103934665603ull ^ (uint64_t)kind;
  for (const char *c = text; *c != 0; c++) {
    hash = (hash ^ (uint8_t)*c) * 1099511628211ull;
  }
  uint32_t place = (uint32_t)(hash % COMPLAINTS);
  for (uint32_t i = 0; i < COMPLAINTS; i++) {
    if (complaints[place].count == 0 || complaints[place].hash == hash) {
      complaints[place].hash = hash;
      return ++complaints[place].count > TOLD;
    }
    place = (place + 1) % COMPLAINTS;
  }
  return 1;
}

static struct kst_note *new_note(int kind) {
  if (note_count == KST_NOTES) {
    return NULL;
  }
  struct kst_note *made = &notes[slot][note_count++];
  header->notes[slot] = note_count; /* at once: this may be the last thing that this process does */
  memset(made, 0, sizeof *made);
  made->after = hand;
  made->kind = (uint16_t)kind;
  made->allocator = cpu.allocator;
  return made;
}

static void note(int kind, uint32_t tag, uint64_t a, uint64_t b, const char *text) {
  int always = kind == KST_NOTE_POOL_LEAK || kind == KST_NOTE_FRAME_MEMORY || kind == KST_NOTE_POOL;
  if ((!always && said(kind, text)) || note_count >= KST_NOTES - NOTES_OF_A_CALL / 4) {
    return;
  }
  struct kst_note *made = new_note(kind);
  if (made != NULL) {
    size_t length = strlen(text);
    made->length = (uint16_t)(length < sizeof made->text ? length : sizeof made->text);
    memcpy(made->text, text, made->length);
    made->tag = tag;
    made->a = a;
    made->b = b;
  }
}

/* --- the end --- */

static void die(enum kst_death kind, const char *text) {
  if (header->death == KST_ALIVE) {
    size_t length = strlen(text);
    header->death_length =
        (uint32_t)(length < sizeof header->death_text ? length : sizeof header->death_text);
    memcpy(header->death_text, text, header->death_length);
    header->death = kind;
  }
}

static const int SIGNALS[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
#define SIGNAL_COUNT (sizeof SIGNALS / sizeof SIGNALS[0])
static struct sigaction before[SIGNAL_COUNT];

static void on_signal(int number, siginfo_t *info, void *context) {
  if (header->death == KST_ALIVE) {
    header->signal = (uint32_t)number;
    if (number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE) {
      header->fault = (uint64_t)(uintptr_t)info->si_addr;
      header->has_fault = 1;
    }
    header->death = KST_SIGNAL;
  }
  /* A sanitizer's handler has a report to write; else the default action ends the process. */
  for (size_t i = 0; i < SIGNAL_COUNT; i++) {
    if (SIGNALS[i] == number) {
      if (before[i].sa_flags & SA_SIGINFO) {
        before[i].sa_sigaction(number, info, context);
      }
      sigaction(number, &before[i], NULL);
    }
  }
  raise(number);
}

static void on_exit_call(void) {
  die(KST_EXIT, "the target called exit");
}

static void bugcheck(const char *text) {
  die(KST_BUGCHECK, text);
  fprintf(stderr, "%s\n", text);
  abort();
}

static void catch_death(void) {
  static char stack[65536];
  stack_t own = {.ss_sp = stack, .ss_size = sizeof stack, .ss_flags = 0};
  struct sigaction action;
  sigaltstack(&own, NULL);
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  for (size_t i = 0; i < SIGNAL_COUNT; i++) {
    sigaction(SIGNALS[i], &action, &before[i]);
  }
  atexit(on_exit_call);
}

/* What a call came to; a blocked one may learn it in another batch. */
struct result {
  uint64_t value;
  uint64_t bytes;
  uint32_t status;
};

static const struct result NOTHING = {0, KST_UNKNOWN_BYTES, 0};

static inline void answer_call(struct kst_call *call, enum kst_outcome outcome,
    struct result result) {
  call->irql_exit = cpu.irql;
  call->status = result.status;
  call->value = result.value;
  call->bytes = result.bytes;
  call->outcome = (uint8_t)outcome;
}

/* --- blocked calls --- */

static const char *const OPS[] = {"?", "initialize", "allocate", "free", "delete"};

/* Lets others run until somebody wakes the object. */
static void leave(struct kst_carrier *self, const void *object, const char *what) {
  struct kst_call *call = &calls[slot][hand];
  has_blocked = 1;
  if (self->op == 0) {
    /* The first time in this call: from here on its result comes as a note. */
    self->call = header->base[slot] + hand;
    self->op = call->op;
    self->allocator = call->allocator;
    self->frame = call->frame;
    if (call->op == KST_ALLOCATE && call->frame != KST_NONE) {
      frame(call->frame)->address = 0;
    }
    answer_call(call, KST_BLOCKED, NOTHING);
  }
  self->object = object;
  self->what = what;
  self->cpu = cpu;
  self->blocked = 1;
  kst_carrier_park();
  header->late = self->call;
  uint64_t now = cpu.time;
  cpu = self->cpu;
  cpu.time = now;
}

static void block(const void *object, const char *what) {
  leave(kst_carrier_current(), object, what);
}

/* One call at a time lets others in, and no more than the one that was sent right behind it. */
static void yield(void) {
  struct kst_carrier *self = kst_carrier_current();
  if (yielded == NULL && at < end && calls[slot][at].op < KST_BIND_FRAME) {
    yielded = self;
    leave(self, self, "its turn");
  }
}

/* Whether the call that let others in has to go on before anything else is done. */
static int is_over(void) {
  return yielded != NULL && (at == end || header->base[slot] + at != yielded->call + 1);
}

/* Nothing that is still to come may run before a call that waits has returned. */
static void deadlock(const struct kst_carrier *late, const char *why) {
  char text[sizeof header->death_text];
  int length = snprintf(text, sizeof text, "deadlock: %s;", why);
  for (const struct kst_carrier *c = kst_carrier_first_parked(); c != NULL; c = c->next) {
    if (length < (int)sizeof text) {
      length += snprintf(text + length, sizeof text - (size_t)length,
          " thread %u waits in %s for %s at 0x%llx.", (unsigned)c->cpu.thread, OPS[c->op & 7],
          c->what, (unsigned long long)(uintptr_t)c->object);
    }
  }
  header->death_call = late->call;
  die(KST_DEADLOCK, text);
  _exit(86);
}

/* --- calls --- */

static uint64_t pattern(uint32_t number, uint32_t generation) {
  return (((uint64_t)number << 32 | generation) + 1) * 0x9E3779B97F4A7C15ull;
}

static void touch(struct frame *f, uint32_t number, uint64_t bytes) {
  uint64_t value = pattern(number, f->generation);
  char *memory = (char *)(uintptr_t)f->address;
  f->filled = bytes;
  for (uint64_t i = 0; i < bytes; i += sizeof value) {
    memcpy(memory + i, &value, bytes - i < sizeof value ? bytes - i : sizeof value);
  }
}

static void verify(struct frame *f, uint32_t number) {
  uint64_t value = pattern(number, f->generation);
  const char *memory = (const char *)(uintptr_t)f->address;
  for (uint64_t i = 0; i < f->filled; i++) {
    if (memory[i] != ((const char *)&value)[i % sizeof value]) {
      char text[160];
      snprintf(text, sizeof text,
          "the frame at 0x%llx was written by somebody else while it was out, first at byte %llu",
          (unsigned long long)f->address, (unsigned long long)i);
      note(KST_NOTE_FRAME_DAMAGED, 0, f->address, i, text);
      break;
    }
  }
  f->filled = 0;
}

/* Pins by their recorded addresses. */
struct pin {
  struct pin *next;
  uint64_t id;
  struct kst_pin is;
};

static PKSPIN pin_of(uint64_t id, const KSALLOCATOR_FRAMING *framing) {
  static struct pin *pins;
  struct pin *p = pins;
  while (p != NULL && p->id != id) {
    p = p->next;
  }
  if (p == NULL) {
    p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
      perror("kstrace-host: no memory for a pin");
      _exit(70);
    }
    p->id = id;
    p->next = pins;
    pins = p;
    kst_pin_init(&p->is, dispatch);
  }
  kst_pin_ask(&p->is, framing);
  return &p->is.pin;
}

static int holds_frame(uint64_t from, uint64_t bytes) {
  for (uint32_t i = 0; i < frame_count; i++) {
    const struct frame *f = frame(i);
    if (f->live && f->address - from < (bytes ? bytes : 1)) {
      return 1;
    }
  }
  return 0;
}

/* Frames of an allocator that is gone lie nowhere any more. */
static void forget_frames(uint32_t of) {
  for (uint32_t i = 0; i < frame_count; i++) {
    if (frame(i)->allocator == of) {
      frame(i)->live = 0;
    }
  }
}

static void settle(uint8_t op, uint32_t a, uint32_t f, const struct result *result) {
  if (op == KST_INITIALIZE && a != KST_NONE) {
    struct allocator *made = allocator(a);
    made->state = NT_SUCCESS((NTSTATUS)result->status) ? MADE : REFUSED;
    made->context = result->value;
  } else if (op == KST_ALLOCATE && f != KST_NONE) {
    struct frame *got = frame(f);
    frame_count = f >= frame_count ? f + 1 : frame_count;
    got->address = result->value;
    got->allocator = a;
    got->live = result->value != 0;
    got->filled = 0;
    got->generation++;
    if ((header->options & KST_TOUCH) && got->live) {
      uint64_t bytes = a != KST_NONE ? allocator(a)->frame_bytes : 0;
      bytes = bytes ? bytes : result->bytes;
      touch(got, f, bytes == KST_UNKNOWN_BYTES ? 0 : bytes);
    }
  }
}

static void perform(uint8_t op, uint32_t owner, const struct kst_more *more, uint64_t context,
    uint64_t address, struct result *result) {
  PVOID made = NULL;
  if (op == KST_ALLOCATE) {
    result->value = (uint64_t)(uintptr_t)dispatch->Allocate((PVOID)(uintptr_t)context);
    if (result->value != 0 && shim != NULL) {
      result->bytes = shim->frame_bytes((const void *)(uintptr_t)result->value);
    }
  } else if (op == KST_FREE) {
    result->value = address;
    dispatch->Free((PVOID)(uintptr_t)context, (PVOID)(uintptr_t)address);
  } else if (op == KST_DELETE) {
    dispatch->DeleteAllocator((PVOID)(uintptr_t)context);
  } else {
    KSALLOCATOR_FRAMING framing;
    memcpy(&framing, more->framing, sizeof framing);
    if (owner != KST_NONE) {
      allocator(owner)->frame_bytes = framing.FrameSize;
    }
    result->status = (uint32_t)dispatch->InitializeAllocator(
        pin_of(more->a, &framing), &framing, &made);
    result->value = (uint64_t)(uintptr_t)made;
  }
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Presents what the call was made under. */
static inline void enter(const struct kst_call *call) {
  cpu.irql = call->irql;
  cpu.thread = call->thread;
  cpu.time = call->time;
  cpu.allocator = call->allocator;
}

/* Whether the call that has just returned blocked before, so that its record is another's now. */
static inline int is_late(void) {
  return has_blocked && kst_carrier_current()->op != 0;
}

/* The result of a blocked call goes into a note. */
static void answer_late(const struct result *result) {
  struct kst_carrier *self = kst_carrier_current();
  struct kst_note *late = new_note(KST_NOTE_RETURNED);
  if (late != NULL) {
    late->a = self->call;
    late->b = result->value;
    late->bytes = result->bytes;
    late->status = result->status;
    late->irql_exit = cpu.irql;
  }
  self->op = 0;
}

static void run(struct kst_call *call) {
  struct result result = NOTHING;
  /* Where the call blocks, another may stand in its place before it returns. */
  const uint8_t op = call->op;
  const uint16_t flags = call->flags;
  const uint32_t called = call->allocator;
  const uint32_t slot_number = call->frame;
  const struct kst_more *more = (const struct kst_more *)(call + 1);
  uint64_t context = flags & KST_WIDE ? more->a : 0;
  uint64_t address = call->b;
  enter(call);
  cpu.fail_at = flags & KST_FAIL ? KST_NTH(flags) : 0;
  cpu.yield_at = flags & KST_YIELD ? KST_NTH(flags) : 0;
  if (called != KST_NONE && op != KST_INITIALIZE) {
    const struct allocator *a = allocator(called);
    context = a->context;
    if (a->state != MADE) {
      if (op == KST_ALLOCATE && slot_number != KST_NONE && (flags & KST_FRESH)) {
        frame(slot_number)->address = 0;
      }
      answer_call(call, KST_SKIPPED, NOTHING);
      return;
    }
  }
  if (op == KST_FREE && slot_number != KST_NONE) {
    struct frame *freed = frame(slot_number);
    if (freed->address == 0) {
      answer_call(call, KST_SKIPPED, NOTHING);
      return;
    }
    address += freed->address;
    if (flags & KST_ENDS) {
      if (freed->filled) {
        verify(freed, slot_number);
      }
      freed->live = 0;
    }
  }
  if (shim != NULL) {
    shim->before_call();
  }
  uint64_t start = header->options & KST_MEASURE ? now_ns() : 0;
  perform(op, called, more, context, address, &result);
  if ((header->options & KST_MEASURE) && !is_late()) {
    call->spent = now_ns() - start;
  }
  cpu.fail_at = cpu.yield_at = 0;
  if (shim != NULL) {
    shim->after_call();
    if (op == KST_DELETE || (op == KST_INITIALIZE && !NT_SUCCESS((NTSTATUS)result.status))) {
      shim->after_delete(called, holds_frame);
      forget_frames(called);
    }
  }
  settle(op, called, slot_number, &result);
  if (is_late()) {
    answer_late(&result);
    return;
  }
  answer_call(call, KST_DONE, result);
  if (flags & KST_STOP_IF_MADE) {
    stopped |= op == KST_INITIALIZE ? NT_SUCCESS((NTSTATUS)result.status) : result.value != 0;
  }
}

/* The first members of a call in one word, as they are read and written at once. */
union first_word {
  uint64_t all;
  struct {
    uint8_t op; /* or outcome */
    uint8_t irql;
    uint16_t flags;
    uint32_t allocator; /* or status */
  };
};

static inline union first_word first_word(const struct kst_call *call) {
  union first_word word;
  memcpy(&word, call, sizeof word);
  return word;
}

/* As answer_call, where the first word is at hand. */
static inline void answer_plain(struct kst_call *call, union first_word word,
    enum kst_outcome outcome, uint64_t value, uint64_t bytes) {
  word.op = (uint8_t)outcome;
  word.allocator = 0; /* where the status is */
  call->value = value;
  call->bytes = bytes;
  memcpy(call, &word, sizeof word);
}

/*
 * Whether a call is an allocate or a free of what the recording names, with nothing else asked for,
 * as nearly all are. KST_NONE is beyond any capacity.
 */
static inline int is_plain(union first_word word, uint32_t number) {
  /* KST_ALLOCATE and KST_FREE differ in their lowest bit. */
  const union first_word may = {.op = KST_ALLOCATE ^ KST_FREE, .irql = UINT8_MAX,
      .flags = KST_FRESH | KST_ENDS, .allocator = UINT32_MAX};
  return (word.all & ~may.all) == (KST_ALLOCATE & KST_FREE) && word.allocator < allocators.capacity
      && number < frames.capacity;
}

/*
 * What `loop` and `run` do, for plain calls alone and so without asking at each of them for what
 * cannot be: up to the first call that is none, or that blocks, or has a note to leave. A target
 * without the shim cannot do the latter two and sees nothing of what its calls are made under.
 */
static inline __attribute__((always_inline)) void run_plain(const int shimmed) {
  const KSALLOCATOR_DISPATCH to = *dispatch;
  struct kst_header *const told = header;
  struct kst_call *const batch = calls[slot];
  const uint32_t notes_before = note_count;
  const uint32_t last = end;
  uint32_t next = at;
  while (next < last && (!shimmed || note_count == notes_before)) {
    struct kst_call *call = &batch[next];
    union first_word word = first_word(call);
    const uint32_t number = call->frame;
    if (!is_plain(word, number)) {
      break;
    }
    const int frees = word.op == KST_FREE;
    const uint32_t owner = word.allocator;
    const struct allocator *a = (const struct allocator *)allocators.rows + owner;
    struct frame *f = (struct frame *)frames.rows + number;
    uint64_t value, bytes = KST_UNKNOWN_BYTES;
    __builtin_prefetch(call + PREFETCHED, 1);
    told->index = next++;
    if (shimmed) {
      hand = at++;
      enter(call);
    }
    if (a->state != MADE || (frees && f->address == 0)) {
      if (!frees && (word.flags & KST_FRESH)) {
        f->address = 0;
      }
      answer_plain(call, word, KST_SKIPPED, 0, bytes);
      continue;
    }
    if (shimmed) {
      shim->before_call();
    }
    if (frees) {
      value = f->address + call->b;
      f->live &= (word.flags & KST_ENDS) == 0;
      to.Free((PVOID)(uintptr_t)a->context, (PVOID)(uintptr_t)value);
    } else {
      value = (uint64_t)(uintptr_t)to.Allocate((PVOID)(uintptr_t)a->context);
    }
    if (shimmed) {
      if (!frees && value != 0) {
        bytes = shim->frame_bytes((const void *)(uintptr_t)value);
      }
      shim->after_call();
      if (is_late()) {
        const struct result result = {value, bytes, 0};
        settle(frees ? KST_FREE : KST_ALLOCATE, owner, number, &result);
        answer_late(&result);
        return;
      }
      word.irql = cpu.irql;
    }
    if (!frees) {
      frame_count = number >= frame_count ? number + 1 : frame_count;
      f->address = value;
      f->allocator = owner;
      f->live = value != 0;
    }
    answer_plain(call, word, KST_DONE, value, bytes);
  }
  at = next;
  hand = next - 1;
}

static __attribute__((noinline)) void run_plain_shimmed(void) {
  run_plain(1);
}

static __attribute__((noinline)) void run_plain_bare(void) {
  run_plain(0);
}

/* Calls that are none of the target's. */
static void bind(struct kst_call *call) {
  if (call->op == KST_BIND_FRAME) {
    struct frame *f = frame(call->frame);
    frame_count = call->frame >= frame_count ? call->frame + 1 : frame_count;
    f->address = call->b;
    f->allocator = call->allocator;
    f->live = call->b != 0 && (call->flags & KST_BORN);
    f->filled = 0;
    f->generation++;
  } else if (call->op == KST_BIND_ALLOCATOR) {
    struct allocator *a = allocator(call->allocator);
    a->context = call->b;
    a->state = call->flags & KST_BORN ? MADE : REFUSED;
  } else if (call->op == KST_TELL_POOL) {
    if (shim != NULL) {
      shim->tell_pool();
    }
  } else if (kst_carriers_parked > 0) {
    deadlock(kst_carrier_first_parked(), "the recording ends and calls have not returned");
  }
  answer_call(call, KST_DONE, NOTHING);
}

/* --- batches --- */

static void answer(uint32_t done) {
  uint8_t byte = (uint8_t)slot;
  header->done[slot] = done;
  header->progress++;
  header->index = KST_NONE;
  header->late = UINT64_MAX;
  while (write(replies, &byte, 1) != 1) {
    if (errno != EINTR) {
      _exit(0);
    }
  }
}

/* Waits for the next batch that is meant for us as we are now. */
static void next_batch(void) {
  for (;;) {
    uint8_t byte;
    ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got != 1 || byte >= KST_SLOTS) {
      _exit(0);
    }
    slot = byte;
    at = 0;
    note_count = 0;
    header->notes[slot] = 0;
    end = header->count[slot] <= KST_CALLS ? header->count[slot] : KST_CALLS;
    stopped = 0;
    if (header->epoch[slot] == epoch) {
      header->slot = slot;
      return;
    }
    answer(0);
  }
}

static void loop(void) {
  for (;;) {
    if (kst_carriers_woken) {
      header->index = KST_NONE;
      kst_carrier_resume();
      continue;
    }
    if (is_over()) {
      kst_carrier_wake(yielded);
      yielded = NULL;
      continue;
    }
    if (at == end || stopped || note_count > KST_NOTES - NOTES_OF_A_CALL) {
      if (at < end || stopped) {
        epoch++; /* what was sent in the expectation that this would not happen is void */
        answer(at | KST_STOPPED);
      } else {
        answer(at);
      }
      next_batch();
      continue;
    }
    struct kst_call *call = &calls[slot][at];
    if (header->options == 0 && kst_carriers_parked == 0
        && is_plain(first_word(call), call->frame)) {
      if (shim != NULL) {
        run_plain_shimmed();
      } else {
        run_plain_bare();
      }
      continue;
    }
    if (kst_carriers_parked && call->op < KST_BIND_FRAME) {
      const struct kst_carrier *late = kst_carrier_of(call->thread);
      if (late != NULL) {
        deadlock(late, "the next call of a thread is due that has not returned from the last one");
      }
    }
    if ((header->options & KST_OS_THREADS) && call->op < KST_BIND_FRAME) {
      const struct kst_carrier *self = kst_carrier_current();
      if (!self->os_thread || self->thread != call->thread) {
        kst_carrier_hand_to(call->thread);
        continue;
      }
    }
    header->index = hand = at;
    at += call->flags & KST_WIDE ? 2 : 1;
    if (call->op < KST_BIND_FRAME) {
      run(call);
    } else {
      bind(call);
    }
  }
}

/* --- start --- */

static void refuse(const char *what, const char *why) {
  fprintf(stderr, "kstrace-host: %s: %s\n", what, why);
  _exit(70);
}

/* Addresses that are the same in each run make replays the same byte for byte. */
static void fix_addresses(char **arguments) {
#ifdef __linux__
  int now = personality(0xFFFFFFFF);
  if (now == -1) {
    return;
  }
  if (now & ADDR_NO_RANDOMIZE) {
    header->fixed_addresses = 1;
  } else if (getenv("KSTRACE_HOST_STARTED") == NULL
      && personality((unsigned long)now | ADDR_NO_RANDOMIZE) != -1) {
    setenv("KSTRACE_HOST_STARTED", "1", 1);
    execv("/proc/self/exe", arguments);
  }
#else
  (void)arguments;
#endif
}

static void map_file(const char *name) {
  int file = open(name, O_RDWR);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0 || status.st_size < (off_t)KST_FILE_BYTES) {
    refuse(name, "no file of the tool's");
  }
  char *base = mmap(NULL, KST_FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (base == MAP_FAILED) {
    refuse(name, strerror(errno));
  }
  close(file);
  header = (struct kst_header *)base;
  if (header->abi != KST_ABI_VERSION) {
    refuse(name, "made by another version of the tool");
  }
  for (uint32_t i = 0; i < KST_SLOTS; i++) {
    calls[i] = (struct kst_call *)(base + 4096 + i * KST_SLOT_BYTES);
    notes[i] = (struct kst_note *)(calls[i] + KST_CALLS);
  }
}

static void load(const char *library, const char *symbol) {
  static const struct kst_services services = {&cpu, note, block, kst_carrier_wake, yield, bugcheck};
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL) {
    refuse("cannot load the library", dlerror());
  }
  dispatch = dlsym(handle, symbol);
  if (dispatch == NULL) {
    refuse(symbol, "the library exports no such symbol (a static table has to lose its static, a const one in C++ needs extern)");
  }
  if (!dispatch->InitializeAllocator || !dispatch->DeleteAllocator || !dispatch->Allocate
      || !dispatch->Free) {
    refuse(symbol, "no KSALLOCATOR_DISPATCH: one of its four pointers is NULL");
  }
  shim = dlsym(handle, "kst_shim");
  if (shim != NULL) {
    if (shim->abi != KST_ABI_VERSION) {
      refuse(library, "built with another version of the shim; build it again");
    }
    shim->attach(&services);
    header->has_shim = 1;
    header->fixed_addresses |= shim->fixed_addresses() != 0;
  }
}

int main(int count, char **arguments) {
  if (count != 4) {
    fprintf(stderr, "usage: kstrace-host FILE LIBRARY SYMBOL\n");
    return 64;
  }
  map_file(arguments[1]);
  fix_addresses(arguments);
  replies = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 100);
  if (replies < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
    refuse("stdout", strerror(errno));
  }
  setvbuf(stdout, NULL, _IONBF, 0);
  header->index = KST_NONE;
  header->late = UINT64_MAX;
  load(arguments[2], arguments[3]);
  catch_death();
  kst_carriers_start((header->options & KST_OS_THREADS) != 0, loop);
  header->pointer_bytes = sizeof(void *);
  header->ready = KST_ABI_VERSION;
  answer(0);
  next_batch();
  loop();
  return 0;
}

/*
 * kstrace_ring.h: writes the calls of kernel-streaming allocators into the shared ring of
 * `kstrace capture run`, from user-mode programs in C99 or C++11.
 *
 * A file of fixed 64-byte slots is mapped by the recorder and by every producer. One compare-and-swap
 * claims a slot, and its place is the event's place in the total order. What was published before a
 * producer dies is not lost, since the file outlives it. The layout, drawn in docs/ring-transport.md,
 * stands here once; the recorder's constants are compared with this header by a test.
 *
 * Contract: every function may be called from any thread at any time, also when nothing records
 * (then it costs a load and a branch). None allocates, none locks, none fails visibly: a recorder
 * that is full or gone costs events, never the host. Not async-signal-safe.
 *
 * Tried with gcc and clang on Linux x86-64. The Windows half has not been run there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef KSTRACE_RING_H
#define KSTRACE_RING_H

#if defined(_WIN32) && defined(_NTDDK_)
/* windows.h and ntddk.h exclude each other; these are the few calls that are needed. */
#ifdef __cplusplus
extern "C" {
#endif
__declspec(dllimport) HANDLE __stdcall CreateFileA(const char *, ULONG, ULONG, PVOID, ULONG, ULONG, HANDLE);
__declspec(dllimport) HANDLE __stdcall CreateFileMappingA(HANDLE, PVOID, ULONG, ULONG, ULONG, const char *);
__declspec(dllimport) PVOID __stdcall MapViewOfFile(HANDLE, ULONG, ULONG, ULONG, SIZE_T);
__declspec(dllimport) int __stdcall GetFileSizeEx(HANDLE, LARGE_INTEGER *);
__declspec(dllimport) int __stdcall CloseHandle(HANDLE);
__declspec(dllimport) ULONG __stdcall GetCurrentProcessId(void);
__declspec(dllimport) ULONG __stdcall GetCurrentThreadId(void);
__declspec(dllimport) int __stdcall QueryPerformanceCounter(LARGE_INTEGER *);
__declspec(dllimport) int __stdcall QueryPerformanceFrequency(LARGE_INTEGER *);
__declspec(dllimport) void __stdcall Sleep(ULONG);
#ifdef __cplusplus
}
#endif
#define OPEN_EXISTING 3
#define FILE_MAP_ALL_ACCESS 0xF001F
#define INVALID_HANDLE_VALUE ((HANDLE)(LONG_PTR)-1)
#elif defined(_WIN32)
#include <windows.h>
#else
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif
#endif
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The environment variable that names the ring's file; without it nothing is recorded. */
/*
 * Define it to 0 for calls that cost half as much: allocate and free are then recorded without the time
 * of their return, so that nothing is known of how long they took.
 */
#ifndef KSTRACE_EXIT_TIMES
#define KSTRACE_EXIT_TIMES 1
#endif

#define KSTRACE_RING_VARIABLE "KSTRACE_RING"
/* "monotonic" avoids the processor's time stamp counter where it would be used. */
#define KSTRACE_CLOCK_VARIABLE "KSTRACE_CLOCK"

#define KSTRACE_RING_MAGIC 0x474E495254534B00ull /* bytes: 00 "KSTRING" */
#define KSTRACE_RING_VERSION 1u
#define KSTRACE_HEADER_BYTES 4096u
#define KSTRACE_SLOT_BYTES 64u

/* Operations and layers, as in the trace format. */
enum {
  KSTRACE_INITIALIZE = 1,
  KSTRACE_ALLOCATE = 2,
  KSTRACE_FREE = 3,
  KSTRACE_DELETE = 4,
  KSTRACE_PIN_CREATE = 16,
  KSTRACE_PIN_CLOSE = 17,
  KSTRACE_PIN_STATE = 18,
  KSTRACE_PIN_RESET = 19,
  KSTRACE_DRIVER_UNLOAD = 32,
  KSTRACE_MARK = 33,
  KSTRACE_EVENTS_LOST = 34
};
enum {
  KSTRACE_LAYER_NONE = 0,
  KSTRACE_LAYER_CALLBACK = 1,
  KSTRACE_LAYER_IRP_METHOD = 2,
  KSTRACE_LAYER_FUNCTION_TABLE = 3
};

/* Bits of kstrace_slot.present: the field is known. */
enum {
  KSTRACE_HAS_T_EXIT = 1,
  KSTRACE_HAS_THREAD = 2,
  KSTRACE_HAS_IRQL_ENTRY = 4,
  KSTRACE_HAS_IRQL_EXIT = 8,
  KSTRACE_HAS_PIN = 16,
  KSTRACE_HAS_CONTEXT = 32,
  KSTRACE_HAS_FRAME = 64,
  KSTRACE_HAS_SIZE = 128,
  KSTRACE_HAS_STATUS = 256,
  KSTRACE_HAS_FRAMING = 512,
  KSTRACE_HAS_DETAIL = 1024
};

/* Low half of kstrace_slot.state; the high half is kstrace_check_(position). 0 = not published. */
enum {
  KSTRACE_ENTERED = 1,  /* the call was entered and has not returned */
  KSTRACE_DONE = 2,     /* complete */
  KSTRACE_RETURNING = 3 /* the producer is adding the return */
};

/* One event. */
struct kstrace_slot {
  uint64_t state;
  int64_t t_entry; /* ns */
  int64_t t_exit;  /* ns */
  uint64_t context;
  uint64_t frame;
  uint64_t size;   /* bytes */
  uint32_t thread;
  int32_t status; /* NTSTATUS */
  uint8_t op;
  uint8_t layer;
  uint8_t irql_entry;
  uint8_t irql_exit;
  uint16_t present;
  uint8_t extra; /* slots behind this one that hold its particulars */
  uint8_t reserved;
};

/* What the slots behind an event hold together, if it has any. */
struct kstrace_particulars {
  uint64_t pin;
  uint32_t framing[6]; /* KSALLOCATOR_FRAMING, in its order */
  uint32_t text_bytes; /* JSON, UTF-8, follows here */
};
#define KSTRACE_PARTICULARS_BYTES 36u

/* Start of the file. Fields that different sides write lie on cache lines of their own. */
struct kstrace_ring_header {
  uint64_t magic;
  uint32_t version;
  uint32_t header_bytes;
  uint32_t slot_bytes;
  uint32_t capacity;        /* slots, a power of two */
  uint32_t block_when_full; /* 1: wait up to a second for room before an event is dropped */
  uint32_t reserved0[9];
  /* 64: written by producers. Bits: 63..22 next position, 21..1 losses not on record, 0 closed. */
  uint64_t word;
  uint64_t spilled; /* losses beyond what the word can count */
  uint64_t reserved1[6];
  /* 128: written by the recorder. Positions before it are free again. */
  uint64_t released;
  uint64_t reserved2[7];
  /* 192: producers. A process that ended in order is counted in both. */
  uint32_t attached;
  uint32_t detached;
  uint32_t clock_state; /* 0 not set, 1 being set, 2 set */
  uint32_t clock_kind;  /* 1 monotonic, 2 processor's counter */
  int64_t clock_ns;     /* ns at clock_ticks */
  uint64_t clock_ticks;
  uint64_t clock_scale; /* ns per tick, 32.32 fixed point */
  uint32_t dumps;       /* how often a program asked for one */
};

#define KSTRACE_CLOSED_BIT 1ull
#define KSTRACE_LOSS_SHIFT 1
#define KSTRACE_POSITION_SHIFT 22
#define KSTRACE_MOST_LOSSES ((1ull << (KSTRACE_POSITION_SHIFT - KSTRACE_LOSS_SHIFT)) - 1)
#define KSTRACE_NOT_RECORDED UINT64_MAX

#if defined(_MSC_VER)
#define KSTRACE_SHARED_ __declspec(selectany)
#define KSTRACE_THREAD_ __declspec(thread)
#define KSTRACE_INLINE_ static __inline
static __inline uint64_t kstrace_load_(const volatile uint64_t *p) { uint64_t v = *p; _ReadWriteBarrier(); return v; }
static __inline void kstrace_store_(volatile uint64_t *p, uint64_t v) { _ReadWriteBarrier(); *p = v; }
static __inline int kstrace_swap_(volatile uint64_t *p, uint64_t *seen, uint64_t next) {
  uint64_t was = (uint64_t)_InterlockedCompareExchange64((volatile long long *)p, (long long)next, (long long)*seen);
  int won = was == *seen;
  *seen = was;
  return won;
}
static __inline void kstrace_add_(volatile uint64_t *p, uint64_t n) { _InterlockedExchangeAdd64((volatile long long *)p, (long long)n); }
static __inline uint32_t kstrace_load32_(const volatile uint32_t *p) { uint32_t v = *p; _ReadWriteBarrier(); return v; }
static __inline void kstrace_store32_(volatile uint32_t *p, uint32_t v) { _ReadWriteBarrier(); *p = v; }
static __inline int kstrace_swap32_(volatile uint32_t *p, uint32_t seen, uint32_t next) {
  return (uint32_t)_InterlockedCompareExchange((volatile long *)p, (long)next, (long)seen) == seen;
}
static __inline void kstrace_add32_(volatile uint32_t *p, uint32_t n) { _InterlockedExchangeAdd((volatile long *)p, (long)n); }
#define KSTRACE_UNLIKELY_(x) (x)
#else
#if defined(_WIN32)
#define KSTRACE_SHARED_ __attribute__((selectany))
#else
#define KSTRACE_SHARED_ __attribute__((weak))
#endif
#define KSTRACE_THREAD_ __thread
#define KSTRACE_INLINE_ static inline __attribute__((unused))
KSTRACE_INLINE_ uint64_t kstrace_load_(const uint64_t *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
KSTRACE_INLINE_ void kstrace_store_(uint64_t *p, uint64_t v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); }
KSTRACE_INLINE_ int kstrace_swap_(uint64_t *p, uint64_t *seen, uint64_t next) {
  return __atomic_compare_exchange_n(p, seen, next, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
KSTRACE_INLINE_ void kstrace_add_(uint64_t *p, uint64_t n) { __atomic_fetch_add(p, n, __ATOMIC_ACQ_REL); }
KSTRACE_INLINE_ uint32_t kstrace_load32_(const uint32_t *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
KSTRACE_INLINE_ void kstrace_store32_(uint32_t *p, uint32_t v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); }
KSTRACE_INLINE_ int kstrace_swap32_(uint32_t *p, uint32_t seen, uint32_t next) {
  return __atomic_compare_exchange_n(p, &seen, next, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
KSTRACE_INLINE_ void kstrace_add32_(uint32_t *p, uint32_t n) { __atomic_fetch_add(p, n, __ATOMIC_ACQ_REL); }
#define KSTRACE_UNLIKELY_(x) __builtin_expect(!!(x), 0)
#endif

/* The process's side of the ring; one for all translation units. */
struct kstrace_process_ {
  uint32_t state; /* 0 not looked for, 1 being attached, 2 none, 3 attached */
  uint32_t clock_kind;
  struct kstrace_ring_header *header;
  struct kstrace_slot *slots;
  uint64_t mask;
  int64_t clock_ns;
  uint64_t clock_ticks;
  uint64_t clock_scale;
  long pid;
};
extern struct kstrace_process_ kstrace_process_;
KSTRACE_SHARED_ struct kstrace_process_ kstrace_process_ = {0, 0, 0, 0, 0, 0, 0, 0, 0};

/* The id of this thread, 0 = not asked yet. */
static KSTRACE_THREAD_ uint32_t kstrace_thread_;

/* ---- clock ---------------------------------------------------------------------------------- */

#if (defined(__x86_64__) || defined(_M_X64)) && defined(__linux__)
#define KSTRACE_HAS_TICKS_ 1
KSTRACE_INLINE_ uint64_t kstrace_ticks_(void) { return __builtin_ia32_rdtsc(); }
/* The kernel's own judgement: it leaves the counter where it is not steady over all processors. */
KSTRACE_INLINE_ int kstrace_ticks_are_steady_(void) {
  char name[8] = {0};
  int file = open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY | O_CLOEXEC);
  ssize_t got = file < 0 ? 0 : read(file, name, sizeof name - 1);
  if (file >= 0) {
    close(file);
  }
  return got >= 3 && strncmp(name, "tsc", 3) == 0;
}
#else
#define KSTRACE_HAS_TICKS_ 0
KSTRACE_INLINE_ uint64_t kstrace_ticks_(void) { return 0; }
KSTRACE_INLINE_ int kstrace_ticks_are_steady_(void) { return 0; }
#endif

KSTRACE_INLINE_ int64_t kstrace_monotonic_(void) {
#if defined(_WIN32)
  LARGE_INTEGER count, frequency;
  QueryPerformanceCounter(&count);
  QueryPerformanceFrequency(&frequency);
  return count.QuadPart / frequency.QuadPart * 1000000000
      + count.QuadPart % frequency.QuadPart * 1000000000 / frequency.QuadPart;
#else
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
#endif
}

/* Ticks and ns of one moment: of several tries the one that was interrupted least. */
KSTRACE_INLINE_ void kstrace_moment_(uint64_t *ticks, int64_t *ns) {
  uint64_t best = UINT64_MAX;
  int i;
  for (i = 0; i < 16; i++) {
    uint64_t before = kstrace_ticks_();
    int64_t now = kstrace_monotonic_();
    uint64_t took = kstrace_ticks_() - before;
    if (took < best) {
      best = took;
      *ticks = before + took / 2;
      *ns = now;
    }
  }
}

/* Sets the ring's clock, once for all producers, so that their times compare. */
KSTRACE_INLINE_ void kstrace_set_clock_(struct kstrace_ring_header *h) {
  const char *wish = getenv(KSTRACE_CLOCK_VARIABLE);
  if (KSTRACE_HAS_TICKS_ && !(wish && strcmp(wish, "monotonic") == 0) && kstrace_ticks_are_steady_()) {
    uint64_t first = 0, last = 0;
    int64_t start = 0, end = 0;
    kstrace_moment_(&first, &start);
    while (kstrace_monotonic_() - start < 2000000) {
    }
    kstrace_moment_(&last, &end);
    if (last > first && end > start) {
      h->clock_ticks = first;
      h->clock_ns = start;
      h->clock_scale = (uint64_t)((double)(end - start) / (double)(last - first) * 4294967296.0);
      h->clock_kind = 2;
      return;
    }
  }
  h->clock_kind = 1;
}

/* Nanoseconds on the ring's clock; only while recording. */
KSTRACE_INLINE_ int64_t kstrace_now(void) {
#if KSTRACE_HAS_TICKS_
  if (kstrace_process_.clock_kind == 2) {
    int64_t ticks = (int64_t)(kstrace_ticks_() - kstrace_process_.clock_ticks);
    __extension__ typedef __int128 wide;
    return kstrace_process_.clock_ns + (int64_t)((wide)ticks * (int64_t)kstrace_process_.clock_scale >> 32);
  }
#endif
  return kstrace_monotonic_();
}

/* ---- attach and detach ---------------------------------------------------------------------- */

KSTRACE_INLINE_ long kstrace_pid_(void) {
#if defined(_WIN32)
  return (long)GetCurrentProcessId();
#else
  return (long)getpid();
#endif
}

KSTRACE_INLINE_ void kstrace_nap_(void) {
#if defined(_WIN32)
  Sleep(0);
#else
  struct timespec t = {0, 50000};
  nanosleep(&t, NULL);
#endif
}

/* Page faults are better taken here than by the first calls. */
#if defined(MAP_POPULATE)
#define KSTRACE_POPULATE_ MAP_POPULATE
#else
#define KSTRACE_POPULATE_ 0
#endif

/* Maps the file; NULL where that is impossible. */
KSTRACE_INLINE_ void *kstrace_map_(const char *path, uint64_t *bytes) {
#if defined(_WIN32)
  HANDLE file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
  LARGE_INTEGER size;
  HANDLE mapping;
  void *view = NULL;
  if (file == INVALID_HANDLE_VALUE) {
    return NULL;
  }
  mapping = GetFileSizeEx(file, &size) ? CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL) : NULL;
  if (mapping != NULL) {
    view = MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, 0);
    CloseHandle(mapping);
  }
  CloseHandle(file);
  *bytes = (uint64_t)size.QuadPart;
  return view;
#else
  struct stat info;
  void *view = MAP_FAILED;
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) {
    return NULL;
  }
  if (fstat(file, &info) == 0 && info.st_size >= (off_t)KSTRACE_HEADER_BYTES) {
    *bytes = (uint64_t)info.st_size;
    view = mmap(NULL, (size_t)info.st_size, PROT_READ | PROT_WRITE, MAP_SHARED | KSTRACE_POPULATE_, file, 0);
  }
  close(file);
  return view == MAP_FAILED ? NULL : view;
#endif
}

KSTRACE_INLINE_ int kstrace_is_ring_(const struct kstrace_ring_header *h, uint64_t bytes) {
  return bytes >= KSTRACE_HEADER_BYTES && h->magic == KSTRACE_RING_MAGIC && h->version == KSTRACE_RING_VERSION
      && h->header_bytes == KSTRACE_HEADER_BYTES && h->slot_bytes == KSTRACE_SLOT_BYTES && h->capacity >= 1024
      && (h->capacity & (h->capacity - 1)) == 0
      && bytes == KSTRACE_HEADER_BYTES + (uint64_t)h->capacity * KSTRACE_SLOT_BYTES;
}

/* At an orderly exit: the recorder then knows that nothing was cut off. */
KSTRACE_INLINE_ void kstrace_detach_(void) {
  if (kstrace_process_.state == 3 && kstrace_process_.pid == kstrace_pid_()) {
    kstrace_add32_(&kstrace_process_.header->detached, 1);
  }
}

#if !defined(_WIN32)
/* A forked child has other ids, and counts as a process of its own. */
KSTRACE_INLINE_ void kstrace_forked_(void) {
  kstrace_thread_ = 0;
  if (kstrace_process_.state == 3) {
    kstrace_process_.pid = kstrace_pid_();
    kstrace_add32_(&kstrace_process_.header->attached, 1);
  }
}
#endif

KSTRACE_INLINE_ int kstrace_attach_to_(const char *path) {
  uint64_t bytes = 0;
  int naps;
  struct kstrace_ring_header *h = (struct kstrace_ring_header *)kstrace_map_(path, &bytes);
  if (h == NULL || !kstrace_is_ring_(h, bytes)) {
    fprintf(stderr, "kstrace: %s=%s is no ring of version %u; nothing is recorded\n", KSTRACE_RING_VARIABLE, path,
        KSTRACE_RING_VERSION);
    return 0;
  }
  if (kstrace_swap32_(&h->clock_state, 0, 1)) {
    kstrace_set_clock_(h);
    kstrace_store32_(&h->clock_state, 2);
  }
  for (naps = 0; kstrace_load32_(&h->clock_state) != 2; naps++) {
    if (naps == 2000) { /* 100 ms: whoever began to set it has died */
      kstrace_set_clock_(h);
      kstrace_store32_(&h->clock_state, 2);
    }
    kstrace_nap_();
  }
  kstrace_process_.clock_kind = h->clock_kind;
  kstrace_process_.clock_ns = h->clock_ns;
  kstrace_process_.clock_ticks = h->clock_ticks;
  kstrace_process_.clock_scale = h->clock_scale;
  kstrace_process_.mask = h->capacity - 1;
  kstrace_process_.slots = (struct kstrace_slot *)((char *)h + KSTRACE_HEADER_BYTES);
  kstrace_process_.header = h;
  kstrace_process_.pid = kstrace_pid_();
  kstrace_add32_(&h->attached, 1);
  return 1;
}

KSTRACE_INLINE_ int kstrace_attach_(void) {
  if (kstrace_swap32_(&kstrace_process_.state, 0, 1)) {
    const char *path = getenv(KSTRACE_RING_VARIABLE);
    int attached = path != NULL && *path != 0 && kstrace_attach_to_(path);
    kstrace_store32_(&kstrace_process_.state, attached ? 3 : 2);
    if (attached) {
      atexit(kstrace_detach_);
#if !defined(_WIN32)
      pthread_atfork(NULL, NULL, kstrace_forked_);
#endif
    }
  }
  while (kstrace_load32_(&kstrace_process_.state) == 1) {
    kstrace_nap_();
  }
  return kstrace_process_.state == 3;
}

/* Whether calls are recorded. The first call in a process looks for the ring. */
KSTRACE_INLINE_ int kstrace_enabled(void) {
  uint32_t state = kstrace_load32_(&kstrace_process_.state);
  return state == 3 || (KSTRACE_UNLIKELY_(state < 2) && kstrace_attach_());
}

/* ---- claim and publish ---------------------------------------------------------------------- */

KSTRACE_INLINE_ uint32_t kstrace_thread_id_(void) {
  if (KSTRACE_UNLIKELY_(kstrace_thread_ == 0)) {
#if defined(_WIN32)
    kstrace_thread_ = (uint32_t)GetCurrentThreadId();
#elif defined(__linux__)
    kstrace_thread_ = (uint32_t)syscall(SYS_gettid);
#else
    kstrace_thread_ = (uint32_t)(uintptr_t)pthread_self();
#endif
  }
  return kstrace_thread_;
}

KSTRACE_INLINE_ struct kstrace_slot *kstrace_slot_(uint64_t position) {
  return &kstrace_process_.slots[position & kstrace_process_.mask];
}

/* What the state of a published slot holds in its high half: no leftover is mistaken for it. */
KSTRACE_INLINE_ uint64_t kstrace_state_(uint64_t position, uint32_t stage) {
  return (uint64_t)((uint32_t)position ^ 0x4B535452u) << 32 | stage;
}

KSTRACE_INLINE_ void kstrace_publish_(uint64_t position, uint32_t stage) {
  kstrace_store_(&kstrace_slot_(position)->state, kstrace_state_(position, stage));
}

/* Fills the claimed slots with an events_lost event. */
KSTRACE_INLINE_ void kstrace_put_loss_(uint64_t position, uint64_t count, int64_t now) {
  struct kstrace_slot *slot = kstrace_slot_(position);
  slot->t_entry = now;
  slot->size = count;
  slot->op = KSTRACE_EVENTS_LOST;
  slot->layer = KSTRACE_LAYER_NONE;
  slot->present = KSTRACE_HAS_SIZE;
  slot->extra = 0;
  kstrace_publish_(position, KSTRACE_DONE);
}

/* Waits for room, for a second at most; whether to try again. */
KSTRACE_INLINE_ int kstrace_await_room_(struct kstrace_ring_header *h) {
  uint64_t released = kstrace_load_(&h->released);
  int64_t start = kstrace_monotonic_();
  do {
    kstrace_nap_();
    if (kstrace_load_(&h->released) != released) {
      return 1;
    }
  } while (kstrace_monotonic_() - start < 1000000000);
  return 0;
}

/*
 * Claims slots that follow each other: the place in the total order is taken here. Where there is no
 * room the event is counted as lost, and stands as such in front of the next one that finds room.
 */
KSTRACE_INLINE_ uint64_t kstrace_claim_(unsigned slots, int64_t now) {
  struct kstrace_ring_header *h = kstrace_process_.header;
  uint64_t seen = kstrace_load_(&h->word);
  int wait = h->block_when_full == 1;
  for (;;) {
    uint64_t position = seen >> KSTRACE_POSITION_SHIFT;
    uint64_t losses = seen >> KSTRACE_LOSS_SHIFT & KSTRACE_MOST_LOSSES;
    uint64_t wanted = slots + (losses != 0);
    if (seen & KSTRACE_CLOSED_BIT) {
      return KSTRACE_NOT_RECORDED;
    }
    if (KSTRACE_UNLIKELY_(position + wanted - kstrace_load_(&h->released) > kstrace_process_.mask + 1)) {
      if (wait) {
        wait = kstrace_await_room_(h);
        seen = kstrace_load_(&h->word);
      } else if (losses == KSTRACE_MOST_LOSSES) {
        kstrace_add_(&h->spilled, 1);
        return KSTRACE_NOT_RECORDED;
      } else if (kstrace_swap_(&h->word, &seen, seen + (1ull << KSTRACE_LOSS_SHIFT))) {
        return KSTRACE_NOT_RECORDED;
      }
    } else if (kstrace_swap_(&h->word, &seen, (position + wanted) << KSTRACE_POSITION_SHIFT)) {
      if (KSTRACE_UNLIKELY_(losses != 0)) {
        kstrace_put_loss_(position, losses, now);
        position++;
      }
      return position;
    }
  }
}

KSTRACE_INLINE_ struct kstrace_slot *kstrace_begin_(uint64_t position, int op, int layer, int64_t t_entry) {
  struct kstrace_slot *slot = kstrace_slot_(position);
  slot->t_entry = t_entry;
  slot->thread = kstrace_thread_id_();
  slot->op = (uint8_t)op;
  slot->layer = (uint8_t)layer;
  slot->present = KSTRACE_HAS_THREAD;
  slot->extra = 0;
  return slot;
}

KSTRACE_INLINE_ void kstrace_irqls_(struct kstrace_slot *slot, int irql_entry, int irql_exit) {
  if (irql_entry >= 0) {
    slot->irql_entry = (uint8_t)irql_entry;
    slot->present |= KSTRACE_HAS_IRQL_ENTRY;
  }
  if (irql_exit >= 0) {
    slot->irql_exit = (uint8_t)irql_exit;
    slot->present |= KSTRACE_HAS_IRQL_EXIT;
  }
}

/* Spreads particulars and text over the slots behind an event; they may wrap round the ring's end. */
KSTRACE_INLINE_ void kstrace_put_particulars_(
    uint64_t position, const struct kstrace_particulars *particulars, const char *text) {
  uint32_t bytes = KSTRACE_PARTICULARS_BYTES + particulars->text_bytes;
  uint32_t done = 0;
  while (done < bytes) {
    char *slot = (char *)kstrace_slot_(++position);
    uint32_t at = 0;
    if (done == 0) {
      memcpy(slot, particulars, KSTRACE_PARTICULARS_BYTES);
      at = KSTRACE_PARTICULARS_BYTES;
    }
    {
      uint32_t left = bytes - done - at;
      uint32_t fits = KSTRACE_SLOT_BYTES - at;
      uint32_t part = left < fits ? left : fits;
      if (part > 0) {
        memcpy(slot + at, text + (done == 0 ? 0 : done - KSTRACE_PARTICULARS_BYTES), part);
      }
      done += at + part;
    }
  }
}

KSTRACE_INLINE_ unsigned kstrace_extra_(uint32_t text_bytes) {
  return (KSTRACE_PARTICULARS_BYTES + text_bytes + KSTRACE_SLOT_BYTES - 1) / KSTRACE_SLOT_BYTES;
}

/* ---- allocator calls ------------------------------------------------------------------------ */

/* The call has returned. irql_*: -1 = not known. framing: six ULONGs in the structure's order. */
KSTRACE_INLINE_ void kstrace_initialized(uint64_t pin, const uint32_t framing[6], int32_t status, uint64_t context,
    int64_t t_entry, int irql_entry, int irql_exit) {
  struct kstrace_particulars particulars;
  struct kstrace_slot *slot;
  int64_t now = kstrace_now();
  uint64_t position = kstrace_claim_(2, now);
  if (position == KSTRACE_NOT_RECORDED) {
    return;
  }
  particulars.pin = pin;
  memcpy(particulars.framing, framing, sizeof particulars.framing);
  particulars.text_bytes = 0;
  slot = kstrace_begin_(position, KSTRACE_INITIALIZE, KSTRACE_LAYER_CALLBACK, t_entry);
  slot->t_exit = now < t_entry ? t_entry : now;
  slot->context = context;
  slot->status = status;
  slot->extra = 1;
  slot->present |= KSTRACE_HAS_T_EXIT | KSTRACE_HAS_PIN | KSTRACE_HAS_FRAMING | KSTRACE_HAS_STATUS | KSTRACE_HAS_CONTEXT;
  kstrace_irqls_(slot, irql_entry, irql_exit);
  kstrace_put_particulars_(position, &particulars, "");
  kstrace_publish_(position, KSTRACE_DONE);
}

/* The call has returned; frame 0 = failed. size: usable bytes, 0 = not known. */
KSTRACE_INLINE_ void kstrace_allocated(
    uint64_t context, uint64_t frame, uint64_t size, int64_t t_entry, int irql_entry, int irql_exit) {
  int64_t now = KSTRACE_EXIT_TIMES ? kstrace_now() : t_entry;
  uint64_t position = kstrace_claim_(1, now);
  struct kstrace_slot *slot;
  if (position == KSTRACE_NOT_RECORDED) {
    return;
  }
  slot = kstrace_begin_(position, KSTRACE_ALLOCATE, KSTRACE_LAYER_CALLBACK, t_entry);
  slot->t_exit = now < t_entry ? t_entry : now;
  slot->context = context;
  slot->frame = frame;
  slot->size = size;
  slot->present |= (KSTRACE_EXIT_TIMES ? KSTRACE_HAS_T_EXIT : 0) | KSTRACE_HAS_CONTEXT | KSTRACE_HAS_FRAME;
  slot->present |= size != 0 ? KSTRACE_HAS_SIZE : 0;
  kstrace_irqls_(slot, irql_entry, irql_exit);
  kstrace_publish_(position, KSTRACE_DONE);
}

/* A free (op KSTRACE_FREE) or delete (KSTRACE_DELETE, frame unused) is about to be made. */
KSTRACE_INLINE_ uint64_t kstrace_enter(int op, uint64_t context, uint64_t frame, int irql_entry) {
  int64_t now = kstrace_now();
  uint64_t position = kstrace_claim_(1, now);
  struct kstrace_slot *slot;
  if (position == KSTRACE_NOT_RECORDED) {
    return position;
  }
  slot = kstrace_begin_(position, op, KSTRACE_LAYER_CALLBACK, now);
  slot->context = context;
  slot->frame = frame;
  slot->present |= KSTRACE_HAS_CONTEXT | (op == KSTRACE_FREE ? KSTRACE_HAS_FRAME : 0);
  kstrace_irqls_(slot, irql_entry, -1);
  if (!KSTRACE_EXIT_TIMES) {
    kstrace_publish_(position, KSTRACE_DONE);
    return KSTRACE_NOT_RECORDED; /* nothing is left to be said */
  }
  kstrace_publish_(position, KSTRACE_ENTERED);
  return position;
}

/* That call has returned. The recorder may have written it without its return: then nothing happens. */
KSTRACE_INLINE_ void kstrace_leave(uint64_t position, int irql_exit) {
  struct kstrace_slot *slot;
  uint64_t seen;
  int64_t now;
  if (position == KSTRACE_NOT_RECORDED) {
    return;
  }
  slot = kstrace_slot_(position);
  seen = kstrace_state_(position, KSTRACE_ENTERED);
  if (!kstrace_swap_(&slot->state, &seen, kstrace_state_(position, KSTRACE_RETURNING))) {
    return;
  }
  now = kstrace_now();
  slot->t_exit = now < slot->t_entry ? slot->t_entry : now;
  slot->present |= KSTRACE_HAS_T_EXIT;
  kstrace_irqls_(slot, -1, irql_exit);
  kstrace_publish_(position, KSTRACE_DONE);
}

/* ---- context events; detail is a JSON object or NULL ----------------------------------------- */

#define KSTRACE_MOST_TEXT 4000u

KSTRACE_INLINE_ void kstrace_event_(int op, int has_pin, uint64_t pin, const char *detail) {
  struct kstrace_particulars particulars;
  struct kstrace_slot *slot;
  int64_t now;
  unsigned extra;
  uint64_t position;
  size_t bytes = detail == NULL ? 0 : strlen(detail);
  if (!kstrace_enabled()) {
    return;
  }
  memset(&particulars, 0, sizeof particulars);
  particulars.pin = pin;
  /* Half a JSON text is none: one that is too long is left out. */
  particulars.text_bytes = bytes <= KSTRACE_MOST_TEXT ? (uint32_t)bytes : 0;
  extra = kstrace_extra_(particulars.text_bytes);
  now = kstrace_now();
  position = kstrace_claim_(1 + extra, now);
  if (position == KSTRACE_NOT_RECORDED) {
    return;
  }
  slot = kstrace_begin_(position, op, KSTRACE_LAYER_NONE, now);
  slot->extra = (uint8_t)extra;
  slot->present |= (has_pin ? KSTRACE_HAS_PIN : 0) | (particulars.text_bytes != 0 ? KSTRACE_HAS_DETAIL : 0);
  kstrace_put_particulars_(position, &particulars, detail);
  kstrace_publish_(position, KSTRACE_DONE);
}

/* A pin instance came into being; detail as the trace format says, such as {"name":"preview"}. */
KSTRACE_INLINE_ void kstrace_pin_create(uint64_t pin, const char *detail) {
  kstrace_event_(KSTRACE_PIN_CREATE, 1, pin, detail);
}

KSTRACE_INLINE_ void kstrace_pin_close(uint64_t pin) { kstrace_event_(KSTRACE_PIN_CLOSE, 1, pin, NULL); }

/* from, to: 0 KSSTATE_STOP, 1 KSSTATE_ACQUIRE, 2 KSSTATE_PAUSE, 3 KSSTATE_RUN. */
KSTRACE_INLINE_ void kstrace_pin_state(uint64_t pin, int from, int to) {
  char detail[48];
  snprintf(detail, sizeof detail, "{\"from\":%d,\"to\":%d}", from, to);
  kstrace_event_(KSTRACE_PIN_STATE, 1, pin, detail);
}

KSTRACE_INLINE_ void kstrace_driver_unload(void) { kstrace_event_(KSTRACE_DRIVER_UNLOAD, 0, 0, NULL); }

/* Appends text to the inside of a JSON string, up to a place; the new end. */
KSTRACE_INLINE_ size_t kstrace_quote_(char *detail, size_t to, size_t most, const char *text) {
  static const char hex[] = "0123456789abcdef";
  for (; *text != 0 && to < most; text++) {
    unsigned char c = (unsigned char)*text;
    if (c < 0x20 || c == 0x7F) {
      memcpy(detail + to, "\\u00", 4);
      detail[to + 4] = hex[c >> 4];
      detail[to + 5] = hex[c & 15];
      to += 6;
    } else {
      if (c == '"' || c == '\\') {
        detail[to++] = '\\';
      }
      detail[to++] = (char)c;
    }
  }
  return to;
}

/* Names what follows, such as a phase of a test; findings then say it. UTF-8, the first 900 bytes count. */
KSTRACE_INLINE_ void kstrace_mark(const char *text) {
  char detail[1024] = "{\"text\":\"";
  size_t to = kstrace_quote_(detail, strlen(detail), sizeof detail - 16, text);
  memcpy(detail + to, "\"}", 3);
  kstrace_event_(KSTRACE_MARK, 0, 0, detail);
}

/* The same for a phase of a test; of both texts the first 450 bytes count. */
KSTRACE_INLINE_ void kstrace_mark_test(const char *test, const char *phase) {
  char detail[1024] = "{\"text\":\"";
  size_t to = kstrace_quote_(detail, strlen(detail), sizeof detail / 2, phase);
  memcpy(detail + to, "\",\"test\":\"", 10);
  to = kstrace_quote_(detail, to + 10, sizeof detail - 16, test);
  memcpy(detail + to, "\"}", 3);
  kstrace_event_(KSTRACE_MARK, 0, 0, detail);
}

/* With capture run --ring: has what is kept written to a file of its own, soon and beside the trace, while
 * recording goes on. For whoever finds something wrong. */
KSTRACE_INLINE_ void kstrace_dump(void) {
  if (kstrace_enabled()) {
    kstrace_add32_(&kstrace_process_.header->dumps, 1);
  }
}

#ifdef __cplusplus
}
#endif

#endif /* KSTRACE_RING_H */

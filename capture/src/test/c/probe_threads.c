/*
 * The probe in user mode: threads that call a malloc-backed allocator through KSTRACE_WRAP. On Windows
 * (or wine) against the open ntddk.h and ks.h, elsewhere against the few types below. Exit code 0.
 *
 *   probe_threads THREADS CALLS [speed]
 */
#define KSTRACE_USER
#if defined(_WIN32)
#include <ntddk.h>
#include <ks.h>
__declspec(dllimport) HANDLE __stdcall CreateThread(PVOID, SIZE_T, ULONG(__stdcall *)(PVOID), PVOID, ULONG, ULONG *);
__declspec(dllimport) ULONG __stdcall WaitForSingleObject(HANDLE, ULONG);
#else
#include "etw_stand_in.h"
#endif

#include "kstrace_probe.h"

typedef struct {
  KSALLOCATOR_FRAMING Framing;
} ALLOCATOR;

static NTSTATUS Initialize(PKSPIN Pin, PKSALLOCATOR_FRAMING AllocatorFraming, PVOID *Context) {
  ALLOCATOR *allocator = malloc(sizeof *allocator);
  (void)Pin;
  allocator->Framing = *AllocatorFraming;
  *Context = allocator;
  return STATUS_SUCCESS;
}

static PVOID Allocate(PVOID Context) { return malloc(((ALLOCATOR *)Context)->Framing.FrameSize); }

static VOID Free(PVOID Context, PVOID Buffer) {
  (void)Context;
  free(Buffer);
}

static VOID Delete(PVOID Context) { free(Context); }

static const KSALLOCATOR_DISPATCH Inner = {Initialize, Delete, Allocate, Free};
KSTRACE_WRAP(Recorded, Inner)

static long calls;

static void work(void) {
  KSALLOCATOR_FRAMING framing;
  KSPIN pin;
  PVOID context;
  PVOID frames[8] = {0};
  long i;
  memset(&framing, 0, sizeof framing);
  memset(&pin, 0, sizeof pin);
  framing.OptionsFlags = 2;
  framing.Frames = 8;
  framing.FrameSize = 256;
  if (Recorded.InitializeAllocator(&pin, &framing, &context) != STATUS_SUCCESS) {
    exit(8);
  }
  for (i = 0; i < calls; i++) {
    if (frames[i % 8] != NULL) {
      Recorded.Free(context, frames[i % 8]);
    }
    frames[i % 8] = Recorded.Allocate(context);
  }
  for (i = 0; i < 8; i++) {
    if (frames[i] != NULL) {
      Recorded.Free(context, frames[i]);
    }
  }
  Recorded.DeleteAllocator(context);
}

#if defined(_WIN32)
static ULONG __stdcall run(PVOID argument) {
  (void)argument;
  work();
  return 0;
}
#else
static void *run(void *argument) {
  (void)argument;
  work();
  return NULL;
}
#endif

static void start_and_await(long count) {
  long i;
#if defined(_WIN32)
  HANDLE threads[16];
  for (i = 0; i < count; i++) {
    threads[i] = CreateThread(NULL, 0, run, NULL, 0, NULL);
  }
  for (i = 0; i < count; i++) {
    WaitForSingleObject(threads[i], 0xFFFFFFFF);
  }
#else
  pthread_t threads[16];
  for (i = 0; i < count; i++) {
    pthread_create(&threads[i], NULL, run, NULL);
  }
  for (i = 0; i < count; i++) {
    pthread_join(threads[i], NULL);
  }
#endif
}

/* Processor time where there is such a clock: other programs are then not in it. */
static int64_t busy(void) {
#if defined(CLOCK_THREAD_CPUTIME_ID) && !defined(_WIN32)
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
#else
  return kstrace_monotonic_();
#endif
}

static int64_t ring_clock(void) { return kstrace_enabled() ? kstrace_now() : kstrace_monotonic_(); }

/* The table is volatile, as AVStream's use of it is. */
static void call_through(const KSALLOCATOR_DISPATCH *volatile *table, PVOID context, long n, int clocks) {
  static volatile int64_t times;
  long i;
  int c;
  for (i = 0; i < n; i++) {
    PVOID frame = (*table)->Allocate(context);
    (*table)->Free(context, frame);
    for (c = 0; c < 2 * clocks; c++) {
      times += ring_clock();
    }
  }
}

static int ascending(const void *a, const void *b) {
  return *(const double *)a < *(const double *)b ? -1 : *(const double *)a > *(const double *)b;
}

#define ROUNDS 15

/* ns per call: the bare table, the same with one and two looks at the ring's clock, the wrapped one. */
static void measure(void) {
  static const char *const names[] = {"bare", "one clock", "two clocks", "wrapped"};
  static double ns[4][ROUNDS];
  const KSALLOCATOR_DISPATCH *volatile table;
  KSALLOCATOR_FRAMING framing;
  KSPIN pin;
  PVOID context;
  int way, round;
  memset(&framing, 0, sizeof framing);
  memset(&pin, 0, sizeof pin);
  framing.FrameSize = 256;
  Recorded.InitializeAllocator(&pin, &framing, &context);
  for (round = -2; round < ROUNDS; round++) {
    for (way = 0; way < 4; way++) {
      int64_t start;
      table = way == 3 ? &Recorded : &Inner;
      start = busy();
      call_through(&table, context, calls, way % 3);
      ns[way][round < 0 ? 0 : round] = (double)(busy() - start) / (double)calls / 2;
    }
  }
  Recorded.DeleteAllocator(context);
  printf("%s, ns a call, min, median, max of %d rounds:", kstrace_enabled() ? "enabled" : "disabled", ROUNDS);
  for (way = 0; way < 4; way++) {
    qsort(ns[way], ROUNDS, sizeof(double), ascending);
    printf("%s %s %.1f %.1f %.1f", way == 0 ? "" : ";", names[way], ns[way][0], ns[way][ROUNDS / 2],
        ns[way][ROUNDS - 1]);
  }
  printf("\n");
}

int main(int count, char **arguments) {
  calls = count > 2 ? atol(arguments[2]) : 1000;
  if (count > 3) {
    measure();
    return 0;
  }
  kstrace_mark("probe_threads");
  start_and_await(count > 1 ? atol(arguments[1]) : 4);
  return 0;
}

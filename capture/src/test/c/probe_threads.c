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

/* ns per call through the table, bare and wrapped; the table is volatile, as AVStream's use of it is. */
static void measure(void) {
  const KSALLOCATOR_DISPATCH *volatile tables[2];
  double ns[2];
  KSALLOCATOR_FRAMING framing;
  KSPIN pin;
  PVOID context;
  int t;
  long i;
  memset(&framing, 0, sizeof framing);
  memset(&pin, 0, sizeof pin);
  framing.FrameSize = 256;
  tables[0] = &Inner;
  tables[1] = &Recorded;
  for (t = 0; t < 2; t++) {
    int64_t start;
    tables[t]->InitializeAllocator(&pin, &framing, &context);
    start = kstrace_monotonic_();
    for (i = 0; i < calls; i++) {
      tables[t]->Free(context, tables[t]->Allocate(context));
    }
    ns[t] = (double)(kstrace_monotonic_() - start) / (double)calls / 2;
    tables[t]->DeleteAllocator(context);
  }
  printf("%s: bare %.1f ns, wrapped %.1f ns, added %.1f ns a call\n", kstrace_enabled() ? "enabled" : "disabled", ns[0],
      ns[1], ns[1] - ns[0]);
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

/*
 * The kernel-mode half of the probe against the stand-in of ETW: writes each event that ETW would get
 * into the file named by the first argument, and checks that the wrappers change nothing. Exit code 0,
 * else the number of the check that failed.
 */
#include "etw_stand_in.h"

#include "kstrace_probe.h"

#define CHECK(number, condition) \
  if (!(condition)) { \
    exit(number); \
  }

static int contexts[3];
static char memory[8];
static NTSTATUS nextStatus;
static PVOID nextFrame;
static PVOID seenContext, seenFrame;
static PKSPIN seenPin;
static PKSALLOCATOR_FRAMING seenFraming;
static int calls;

static NTSTATUS Initialize(PKSPIN Pin, PKSALLOCATOR_FRAMING AllocatorFraming, PVOID *Context) {
  calls++;
  seenPin = Pin;
  seenFraming = AllocatorFraming;
  if (nextStatus >= 0) {
    *Context = seenContext;
  }
  return nextStatus;
}

static NTSTATUS InitializeEx(PVOID InitialContext, PKSALLOCATOR_FRAMING AllocatorFraming, PVOID *Context) {
  return Initialize((PKSPIN)InitialContext, AllocatorFraming, Context);
}

static PVOID Allocate(PVOID Context) {
  calls++;
  seenContext = Context;
  return nextFrame;
}

static VOID Free(PVOID Context, PVOID Buffer) {
  calls++;
  seenContext = Context;
  seenFrame = Buffer;
}

static VOID Delete(PVOID Context) {
  calls++;
  seenContext = Context;
}

static const KSALLOCATOR_DISPATCH Inner = {Initialize, Delete, Allocate, Free};
KSTRACE_WRAP(Recorded, Inner)
KSTRACE_WRAP_FUNCTIONS(RecordedEx, InitializeEx, Allocate, Free, Delete)

static PVOID initialize(int which, KSPIN *pin, KSALLOCATOR_FRAMING *framing) {
  PVOID context = NULL;
  seenContext = &contexts[which];
  CHECK(10, Recorded.InitializeAllocator(pin, framing, &context) == STATUS_SUCCESS);
  CHECK(11, seenPin == pin && seenFraming == framing && context == &contexts[which]);
  return context;
}

static void allocate_and_free(PVOID context, PVOID frame) {
  nextFrame = frame;
  CHECK(20, Recorded.Allocate(context) == frame && seenContext == context);
  Recorded.Free(context, frame);
  CHECK(21, seenContext == context && seenFrame == frame);
}

int main(int count, char **arguments) {
  KSPIN pin = {3};
  KSALLOCATOR_FRAMING framing = {2, 0, 4, 691200, 0xFFF, 0};
  PVOID before, context, untouched = &pin;
  long size;
  int i;
  stand_in_file = fopen(count > 1 ? arguments[1] : "/dev/null", "wb");
  CHECK(1, stand_in_file != NULL && KstraceRegister("probe_etw") == STATUS_SUCCESS);

  /* Nobody records: nothing is written, no Seq is used up. */
  before = initialize(0, &pin, &framing);
  allocate_and_free(before, &memory[0]);
  CHECK(2, ftell(stand_in_file) == 0 && KstraceProbe.Seq == 0);

  stand_in_enable(NULL, 1, 5, 0xFFFF, 0, NULL, NULL);
  stand_in_enable(NULL, 2, 5, 0xFFFF, 0, NULL, NULL);
  context = initialize(1, &pin, &framing);
  stand_in_irql = 2;
  allocate_and_free(context, &memory[1]);
  allocate_and_free(context, &memory[2]);
  stand_in_irql = 0;
  nextFrame = NULL;
  CHECK(3, Recorded.Allocate(context) == NULL);

  /* A refused initialize leaves the caller's context alone and is passed on as it is. */
  nextStatus = (NTSTATUS)0xC000009A;
  CHECK(4, Recorded.InitializeAllocator(&pin, &framing, &untouched) == (NTSTATUS)0xC000009A);
  CHECK(5, untouched == &pin);
  nextStatus = STATUS_SUCCESS;

  /* ETW does not take one event: its Seq is missing, and counted. */
  stand_in_fails = 1;
  nextFrame = &memory[3];
  CHECK(6, Recorded.Allocate(context) == &memory[3]);
  stand_in_fails = 0;
  Recorded.Free(context, &memory[3]);
  CHECK(7, KstraceProbe.WriteFailed == 1);

  /* One frame stays: the delete says so. */
  nextFrame = &memory[4];
  Recorded.Allocate(context);
  Recorded.DeleteAllocator(context);
  CHECK(8, seenContext == context);

  /* The other macro, and enough events for the counters to come by themselves. */
  seenContext = &contexts[2];
  CHECK(9, RecordedEx_Initialize(&pin, &framing, &context) == STATUS_SUCCESS && context == &contexts[2]);
  for (i = 0; i < 2100; i++) {
    nextFrame = &memory[5];
    CHECK(12, RecordedEx_Allocate(context) == &memory[5]);
    RecordedEx_Free(context, &memory[5]);
  }
  RecordedEx_Delete(context);
  Recorded.DeleteAllocator(before);

  KstraceUnregister();
  size = ftell(stand_in_file);
  allocate_and_free(before, &memory[6]);
  CHECK(13, ftell(stand_in_file) == size);
  printf("%lld seqs, %lld emitted, %lld failed, %d calls\n", (long long)KstraceProbe.Seq,
      (long long)KstraceProbe.Emitted, (long long)KstraceProbe.WriteFailed, calls);
  return fclose(stand_in_file);
}

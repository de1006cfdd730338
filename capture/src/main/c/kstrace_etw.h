/*
 * kstrace_etw.h: the kernel-mode half of kstrace_probe.h, which includes it. Not for users.
 *
 * Events are written with EtwWriteTransfer and metadata of our own making, so that the WDK and
 * mingw-w64, which has no TraceLoggingProvider.h, take the same path: three descriptors, of which the
 * Reserved member tells the consumer the first two apart (2 provider metadata, 1 event metadata).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef KSTRACE_ETW_H
#define KSTRACE_ETW_H

#if defined(_MSC_VER)
#define KSTRACE_ONE_ __declspec(selectany)
#define KSTRACE_FUNCTION_ static __inline
#elif defined(_WIN32)
#define KSTRACE_ONE_ __attribute__((selectany))
#define KSTRACE_FUNCTION_ static __inline__ __attribute__((unused))
#else
#define KSTRACE_ONE_ __attribute__((weak))
#define KSTRACE_FUNCTION_ static __inline__ __attribute__((unused))
#endif

/* Allocators that a rundown can name; more are recorded like all others, only not named there. */
#define KSTRACE_ALLOCATORS 64
#define KSTRACE_COUNTERS_EVERY 4096
#define KSTRACE_NOT_COUNTED (-1)

/* ---- payloads and metadata, made from the schema ------------------------------------------------ */

#define KSTRACE_MEMBER_UINT8(n) UCHAR n;
#define KSTRACE_MEMBER_UINT16(n) USHORT n;
#define KSTRACE_MEMBER_INT32(n) LONG n;
#define KSTRACE_MEMBER_UINT32(n) ULONG n;
#define KSTRACE_MEMBER_HEX32(n) ULONG n;
#define KSTRACE_MEMBER_INT64(n) LONGLONG n;
#define KSTRACE_MEMBER_UINT64(n) ULONGLONG n;
#define KSTRACE_MEMBER_HEX64(n) ULONGLONG n;
#define KSTRACE_MEMBER_COUNTED_ANSI(n) /* its bytes follow the structure */
#define KSTRACE_MEMBER_(n, type) KSTRACE_MEMBER_##type(n)

#define KSTRACE_IN_UINT8 "\x04"
#define KSTRACE_IN_UINT16 "\x06"
#define KSTRACE_IN_INT32 "\x07"
#define KSTRACE_IN_UINT32 "\x08"
#define KSTRACE_IN_INT64 "\x09"
#define KSTRACE_IN_UINT64 "\x0A"
#define KSTRACE_IN_HEX32 "\x14"
#define KSTRACE_IN_HEX64 "\x15"
#define KSTRACE_IN_COUNTED_ANSI "\x17"
#define KSTRACE_META_(n, type) #n "\0" KSTRACE_IN_##type

/* u16 size, one tag byte 0, name, fields; the literal's own end is not part of it. */
#define KSTRACE_META_TEXT_(Event) "\0" #Event "\0" KSTRACE_FIELDS_##Event(KSTRACE_META_)
#define KSTRACE_DEFINE_(Event) \
  typedef struct { \
    KSTRACE_FIELDS_##Event(KSTRACE_MEMBER_) \
  } KSTRACE_##Event; \
  static const struct { \
    USHORT Size; \
    char Text[sizeof(KSTRACE_META_TEXT_(Event))]; \
  } KstraceMeta##Event = {sizeof(KSTRACE_META_TEXT_(Event)) + 1, KSTRACE_META_TEXT_(Event)};

#pragma pack(push, 1)
KSTRACE_DEFINE_(ProbeStart)
KSTRACE_DEFINE_(AllocatorInitialize)
KSTRACE_DEFINE_(FrameAllocate)
KSTRACE_DEFINE_(FrameFree)
KSTRACE_DEFINE_(AllocatorDelete)
KSTRACE_DEFINE_(ProbeCounters)
KSTRACE_DEFINE_(AllocatorRundown)
static const struct {
  USHORT Size;
  char Name[sizeof("KsAllocTrace")];
} KstraceProvider = {sizeof("KsAllocTrace") + 2, "KsAllocTrace"};
#pragma pack(pop)

static const GUID KstraceGuid = {0xce250ee2, 0x6989, 0x5888, {0xfc, 0xfa, 0xf2, 0x60, 0x7f, 0xd7, 0x30, 0xc7}};

/* ---- state ------------------------------------------------------------------------------------- */

/* An allocator that lives; Used is 0 in a free entry, 1 while it is filled, 2 after. */
typedef struct {
  volatile LONG Used;
  volatile LONG Outstanding;
  PVOID Context;
  KSTRACE_AllocatorInitialize Initialize;
} KSTRACE_ALLOCATOR;

typedef struct {
  volatile LONG Enabled;
  REGHANDLE Handle;
  volatile LONGLONG Seq;
  volatile LONGLONG Emitted;
  volatile LONGLONG WriteFailed;
  const char *Driver;
  KSTRACE_ALLOCATOR Allocators[KSTRACE_ALLOCATORS];
} KSTRACE_PROBE;

/* One for the driver, whatever number of its files include this. */
extern KSTRACE_PROBE KstraceProbe;
KSTRACE_ONE_ KSTRACE_PROBE KstraceProbe = {0};

/* A call in progress. */
typedef struct {
  LONGLONG Begin;
  UCHAR Irql;
  UCHAR Enabled;
} KSTRACE_CALL;

KSTRACE_FUNCTION_ LONGLONG KstraceQpc_(void) {
  LARGE_INTEGER now = KeQueryPerformanceCounter(NULL);
  return now.QuadPart;
}

KSTRACE_FUNCTION_ ULONGLONG KstraceNextSeq_(void) { return (ULONGLONG)InterlockedIncrement64(&KstraceProbe.Seq); }

/* ---- writing ------------------------------------------------------------------------------------ */

/* Metadata and payload are in system space and never paged: the driver's data and the caller's stack. */
KSTRACE_FUNCTION_ void KstraceWrite_(ULONGLONG keyword, const void *meta, ULONG metaBytes, const void *payload,
    ULONG payloadBytes, const void *text, ULONG textBytes) {
  EVENT_DESCRIPTOR descriptor = {0};
  EVENT_DATA_DESCRIPTOR data[5];
  USHORT length = (USHORT)textBytes;
  ULONG count = 3;
  descriptor.Channel = 11;
  descriptor.Level = 4;
  descriptor.Keyword = keyword;
  data[0].Ptr = (ULONGLONG)(ULONG_PTR)&KstraceProvider;
  data[0].Size = KstraceProvider.Size;
  data[0].Reserved = 2;
  data[1].Ptr = (ULONGLONG)(ULONG_PTR)meta;
  data[1].Size = metaBytes;
  data[1].Reserved = 1;
  data[2].Ptr = (ULONGLONG)(ULONG_PTR)payload;
  data[2].Size = payloadBytes;
  data[2].Reserved = 0;
  if (text != NULL) {
    data[3].Ptr = (ULONGLONG)(ULONG_PTR)&length;
    data[3].Size = sizeof length;
    data[3].Reserved = 0;
    data[4].Ptr = (ULONGLONG)(ULONG_PTR)text;
    data[4].Size = textBytes;
    data[4].Reserved = 0;
    count = textBytes == 0 ? 4 : 5;
  }
  if (EtwWriteTransfer(KstraceProbe.Handle, &descriptor, NULL, NULL, count, data) >= 0) {
    InterlockedIncrement64(&KstraceProbe.Emitted);
  } else {
    InterlockedIncrement64(&KstraceProbe.WriteFailed);
  }
}

#define KSTRACE_WRITE_(keyword, Event, payload) \
  KstraceWrite_(keyword, &KstraceMeta##Event, KstraceMeta##Event.Size, &(payload), sizeof(payload), NULL, 0)

KSTRACE_FUNCTION_ void KstraceWriteCounters_(void) {
  KSTRACE_ProbeCounters event;
  event.LastSeq = (ULONGLONG)KstraceProbe.Seq;
  event.Emitted = (ULONGLONG)KstraceProbe.Emitted;
  event.WriteFailed = (ULONGLONG)KstraceProbe.WriteFailed;
  KSTRACE_WRITE_(KSTRACE_KEYWORD_COUNTERS, ProbeCounters, event);
}

KSTRACE_FUNCTION_ void KstraceWriteStart_(void) {
  KSTRACE_ProbeStart event;
  LARGE_INTEGER frequency;
  ULONG bytes = 0;
  (void)KeQueryPerformanceCounter(&frequency);
  while (bytes < 64 && KstraceProbe.Driver[bytes] != 0) {
    bytes++;
  }
  event.Seq = KstraceNextSeq_();
  event.Schema = KSTRACE_SCHEMA_VERSION;
  event.PointerSize = sizeof(PVOID);
  event.ProbeVersion = KSTRACE_PROBE_VERSION;
  event.QpcFreq = frequency.QuadPart;
  KstraceWrite_(KSTRACE_KEYWORD_CORE, &KstraceMetaProbeStart, KstraceMetaProbeStart.Size, &event, sizeof event,
      KstraceProbe.Driver, bytes);
}

KSTRACE_FUNCTION_ void KstraceCountersDue_(ULONGLONG seq) {
  if (seq % KSTRACE_COUNTERS_EVERY == 0) {
    KstraceWriteCounters_();
  }
}

/* ---- live allocators ------------------------------------------------------------------------------ */

KSTRACE_FUNCTION_ ULONG KstraceHome_(PVOID context) { return (ULONG)((ULONG_PTR)context >> 4) % KSTRACE_ALLOCATORS; }

/* The entry of a live allocator; NULL where it has none. */
KSTRACE_FUNCTION_ KSTRACE_ALLOCATOR *KstraceFind_(PVOID context) {
  ULONG home = KstraceHome_(context);
  ULONG i;
  for (i = 0; i < KSTRACE_ALLOCATORS; i++) {
    KSTRACE_ALLOCATOR *entry = &KstraceProbe.Allocators[(home + i) % KSTRACE_ALLOCATORS];
    if (entry->Used == 2 && entry->Context == context) {
      return entry;
    }
  }
  return NULL;
}

KSTRACE_FUNCTION_ void KstraceRemember_(const KSTRACE_AllocatorInitialize *initialize, PVOID context, LONG outstanding) {
  ULONG home = KstraceHome_(context);
  ULONG i;
  for (i = 0; i < KSTRACE_ALLOCATORS; i++) {
    KSTRACE_ALLOCATOR *entry = &KstraceProbe.Allocators[(home + i) % KSTRACE_ALLOCATORS];
    if (InterlockedCompareExchange(&entry->Used, 1, 0) == 0) {
      entry->Context = context;
      entry->Outstanding = outstanding;
      entry->Initialize = *initialize;
      InterlockedExchange(&entry->Used, 2);
      return;
    }
  }
}

/* Counts a frame that came or went; frames before the session are not known, so neither is the sum. */
KSTRACE_FUNCTION_ void KstraceCount_(PVOID context, LONG change) {
  KSTRACE_ALLOCATOR *entry = KstraceFind_(context);
  if (entry != NULL && entry->Outstanding != KSTRACE_NOT_COUNTED) {
    InterlockedExchangeAdd(&entry->Outstanding, change);
  }
}

KSTRACE_FUNCTION_ void KstraceRundown_(void) {
  ULONG i;
  for (i = 0; i < KSTRACE_ALLOCATORS; i++) {
    KSTRACE_ALLOCATOR *entry = &KstraceProbe.Allocators[i];
    if (entry->Used == 2) {
      KSTRACE_AllocatorRundown event;
      event.Seq = KstraceNextSeq_();
      event.Context = entry->Initialize.Context;
      event.Pin = entry->Initialize.Pin;
      event.PinId = entry->Initialize.PinId;
      event.Kind = entry->Initialize.Kind;
      event.OptionsFlags = entry->Initialize.OptionsFlags;
      event.PoolType = entry->Initialize.PoolType;
      event.Frames = entry->Initialize.Frames;
      event.FrameSize = entry->Initialize.FrameSize;
      event.FileAlignment = entry->Initialize.FileAlignment;
      event.Status = entry->Initialize.Status;
      event.BeginQpc = entry->Initialize.BeginQpc;
      event.Irql = entry->Initialize.Irql;
      event.Outstanding = entry->Outstanding;
      KSTRACE_WRITE_(KSTRACE_KEYWORD_CORE | KSTRACE_KEYWORD_RUNDOWN, AllocatorRundown, event);
    }
  }
}

/* ---- what the wrappers call ------------------------------------------------------------------------ */

KSTRACE_FUNCTION_ void KstraceBegin_(KSTRACE_CALL *call) {
  call->Enabled = KstraceProbe.Enabled != 0;
  call->Begin = 0;
  call->Irql = 0;
  if (call->Enabled) {
    call->Begin = KstraceQpc_();
    call->Irql = (UCHAR)KeGetCurrentIrql();
  }
}

/* Initialize is rare: the allocator is remembered also while nobody records, for a rundown. */
KSTRACE_FUNCTION_ void KstraceInitialized_(const KSTRACE_CALL *call, int kind, PVOID owner, ULONG pinId,
    const KSALLOCATOR_FRAMING *framing, LONG status, PVOID context) {
  KSTRACE_AllocatorInitialize event;
  event.Seq = call->Enabled ? KstraceNextSeq_() : 0;
  event.Context = (ULONGLONG)(ULONG_PTR)context;
  event.Pin = (ULONGLONG)(ULONG_PTR)owner;
  event.PinId = pinId;
  event.Kind = (UCHAR)kind;
  event.OptionsFlags = framing->OptionsFlags;
  event.PoolType = (ULONG)framing->PoolType;
  event.Frames = framing->Frames;
  event.FrameSize = framing->FrameSize;
  event.FileAlignment = (ULONG)framing->FileAlignment;
  event.Status = (ULONG)status;
  event.BeginQpc = call->Begin;
  event.Irql = call->Irql;
  if (status >= 0) {
    KstraceRemember_(&event, context, call->Enabled ? 0 : KSTRACE_NOT_COUNTED);
  }
  if (call->Enabled) {
    KSTRACE_WRITE_(KSTRACE_KEYWORD_CORE, AllocatorInitialize, event);
    KstraceCountersDue_(event.Seq);
  }
}

KSTRACE_FUNCTION_ void KstraceAllocated_(const KSTRACE_CALL *call, PVOID context, PVOID frame) {
  KSTRACE_FrameAllocate event;
  if (!call->Enabled) {
    return;
  }
  event.Seq = KstraceNextSeq_();
  event.Context = (ULONGLONG)(ULONG_PTR)context;
  event.Frame = (ULONGLONG)(ULONG_PTR)frame;
  event.BeginQpc = call->Begin;
  event.Irql = call->Irql;
  if (frame != NULL) {
    KstraceCount_(context, 1);
  }
  KSTRACE_WRITE_(KSTRACE_KEYWORD_CORE, FrameAllocate, event);
  KstraceCountersDue_(event.Seq);
}

KSTRACE_FUNCTION_ void KstraceFreeing_(PVOID context, PVOID frame) {
  KSTRACE_FrameFree event;
  if (KstraceProbe.Enabled == 0) {
    return;
  }
  event.Seq = KstraceNextSeq_();
  event.Context = (ULONGLONG)(ULONG_PTR)context;
  event.Frame = (ULONGLONG)(ULONG_PTR)frame;
  event.Irql = (UCHAR)KeGetCurrentIrql();
  KstraceCount_(context, -1);
  KSTRACE_WRITE_(KSTRACE_KEYWORD_CORE, FrameFree, event);
  KstraceCountersDue_(event.Seq);
}

KSTRACE_FUNCTION_ void KstraceDeleting_(PVOID context) {
  KSTRACE_AllocatorDelete event;
  KSTRACE_ALLOCATOR *entry = KstraceFind_(context);
  event.Outstanding = entry == NULL ? KSTRACE_NOT_COUNTED : entry->Outstanding;
  if (entry != NULL) {
    InterlockedExchange(&entry->Used, 0);
  }
  if (KstraceProbe.Enabled == 0) {
    return;
  }
  event.Seq = KstraceNextSeq_();
  event.Context = (ULONGLONG)(ULONG_PTR)context;
  event.Irql = (UCHAR)KeGetCurrentIrql();
  KSTRACE_WRITE_(KSTRACE_KEYWORD_CORE, AllocatorDelete, event);
  KstraceCountersDue_(event.Seq);
}

/* ---- register and unregister, at PASSIVE_LEVEL ------------------------------------------------------- */

/* ETW calls it when a session enables (1) or disables (0) the provider, or asks for its state (2). */
KSTRACE_FUNCTION_ VOID NTAPI KstraceEnable_(LPCGUID source, ULONG control, UCHAR level, ULONGLONG any, ULONGLONG all,
    PEVENT_FILTER_DESCRIPTOR filter, PVOID context) {
  ULONG i;
  (void)source, (void)level, (void)any, (void)all, (void)filter, (void)context;
  if (control == 1) {
    if (InterlockedExchange(&KstraceProbe.Enabled, 1) == 0) {
      KstraceWriteStart_();
    }
  } else if (control == 2) {
    KstraceRundown_();
  } else {
    /* The session may still take them, and then knows that nothing is missing at its end. */
    if (InterlockedExchange(&KstraceProbe.Enabled, 0) != 0) {
      KstraceWriteCounters_();
    }
    for (i = 0; i < KSTRACE_ALLOCATORS; i++) {
      InterlockedExchange(&KstraceProbe.Allocators[i].Outstanding, KSTRACE_NOT_COUNTED);
    }
  }
}

/* Tells ETW the provider's name, where the system has that call; consumers show the GUID otherwise. */
KSTRACE_FUNCTION_ void KstraceSetTraits_(void) {
  typedef NTSTATUS(NTAPI * SET_INFORMATION)(REGHANDLE, ULONG, PVOID, ULONG);
  SET_INFORMATION set;
  UNICODE_STRING name;
  RtlInitUnicodeString(&name, L"EtwSetInformation");
  set = (SET_INFORMATION)(ULONG_PTR)MmGetSystemRoutineAddress(&name);
  if (set != NULL) {
    (void)set(KstraceProbe.Handle, 2 /* EventProviderSetTraits */, (PVOID)(ULONG_PTR)&KstraceProvider,
        KstraceProvider.Size);
  }
}

/*
 * Makes the provider known. driver: a name of at most 64 characters that stays valid until
 * KstraceUnregister. An error means that nothing is ever recorded, and harms nothing.
 */
KSTRACE_FUNCTION_ NTSTATUS KstraceRegister(const char *driver) {
  NTSTATUS status;
  KstraceProbe.Driver = driver;
  status = EtwRegister(&KstraceGuid, KstraceEnable_, NULL, &KstraceProbe.Handle);
  if (status >= 0) {
    KstraceSetTraits_();
  }
  return status;
}

/* Writes the last counters and goes. The wrappers may still be called; they record nothing then. */
KSTRACE_FUNCTION_ void KstraceUnregister(void) {
  if (InterlockedExchange(&KstraceProbe.Enabled, 0) != 0) {
    KstraceWriteCounters_();
  }
  (void)EtwUnregister(KstraceProbe.Handle);
}

#endif /* KSTRACE_ETW_H */

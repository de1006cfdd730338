/*
 * kstrace_probe.h: records the calls of a minidriver's KSALLOCATOR_DISPATCH.
 *
 *   #include <ntddk.h>
 *   #include <ks.h>
 *   #include "kstrace_probe.h"
 *
 *   static const KSALLOCATOR_DISPATCH MyAllocator = {MyInitialize, MyDelete, MyAllocate, MyFree};
 *   KSTRACE_WRAP(MyRecordedAllocator, MyAllocator)
 *
 * and name MyRecordedAllocator instead of MyAllocator in the KSPIN_DISPATCH. In kernel mode call
 * KstraceRegister("name") in DriverEntry and KstraceUnregister() in Unload, both at PASSIVE_LEVEL. For
 * the function pointers of KsCreateDefaultAllocatorEx use KSTRACE_WRAP_FUNCTIONS.
 *
 * Kernel mode (the default) writes self-describing ETW events of the provider KsAllocTrace,
 * {ce250ee2-6989-5888-fcfa-f2607fd730c7}. With KSTRACE_USER defined the same macros write into the
 * shared ring of `kstrace capture run`, see kstrace_ring.h.
 *
 * What the wrappers promise: arguments, results and IRQL reach the other side unchanged, the context
 * included; callable at <= DISPATCH_LEVEL; no pageable code or data, no allocation, no lock; while
 * nobody records, a call costs a load and a branch.
 *
 * Compiled with mingw-w64 against its open ntddk.h and ks.h, and run as a user-mode program only. It
 * has not been compiled with the WDK nor loaded on Windows yet.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef KSTRACE_PROBE_H
#define KSTRACE_PROBE_H

#ifdef __cplusplus
extern "C" {
#endif

#define KSTRACE_PROBE_VERSION 1

/*
 * The event schema. It lives here and nowhere else: C makes the payload structures and the metadata
 * from these lists, and the importer's constants are compared with them by a test. A field has a name
 * and the type that a TraceLogging consumer sees. Further fields may be added at an end; a change of
 * meaning needs another KSTRACE_SCHEMA_VERSION.
 *
 * Seq is the place in the total order. It is taken after InitializeAllocator and Allocate have
 * returned, and before Free and DeleteAllocator are called: the free of an address comes before its
 * next use on whatever processor.
 */
#define KSTRACE_SCHEMA_VERSION 1

#define KSTRACE_KEYWORD_CORE 0x1
#define KSTRACE_KEYWORD_COUNTERS 0x2
#define KSTRACE_KEYWORD_RUNDOWN 0x4

/* Recording began. Driver: the name given to KstraceRegister. */
#define KSTRACE_FIELDS_ProbeStart(F) \
  F(Seq, UINT64) F(Schema, UINT16) F(PointerSize, UINT8) F(ProbeVersion, UINT32) F(QpcFreq, INT64) \
  F(Driver, COUNTED_ANSI)

/* InitializeAllocator returned. Kind: 0 a pin's dispatch, 1 KsCreateDefaultAllocatorEx. */
#define KSTRACE_FIELDS_AllocatorInitialize(F) \
  F(Seq, UINT64) F(Context, HEX64) F(Pin, HEX64) F(PinId, UINT32) F(Kind, UINT8) \
  F(OptionsFlags, HEX32) F(PoolType, UINT32) F(Frames, UINT32) F(FrameSize, UINT32) \
  F(FileAlignment, HEX32) F(Status, HEX32) F(BeginQpc, INT64) F(Irql, UINT8)

/* Allocate returned; Frame 0 = failed. */
#define KSTRACE_FIELDS_FrameAllocate(F) \
  F(Seq, UINT64) F(Context, HEX64) F(Frame, HEX64) F(BeginQpc, INT64) F(Irql, UINT8)

/* Free is about to be called. */
#define KSTRACE_FIELDS_FrameFree(F) F(Seq, UINT64) F(Context, HEX64) F(Frame, HEX64) F(Irql, UINT8)

/* DeleteAllocator is about to be called. Outstanding: frames not freed, -1 = not counted. */
#define KSTRACE_FIELDS_AllocatorDelete(F) \
  F(Seq, UINT64) F(Context, HEX64) F(Outstanding, INT32) F(Irql, UINT8)

/* Every 4096 events, at disable and at unload. */
#define KSTRACE_FIELDS_ProbeCounters(F) F(LastSeq, UINT64) F(Emitted, UINT64) F(WriteFailed, UINT64)

/* An allocator that was there before the session; the fields of its initialize, as far as known. */
#define KSTRACE_FIELDS_AllocatorRundown(F) KSTRACE_FIELDS_AllocatorInitialize(F) F(Outstanding, INT32)

/* ---- what both modes share: the call-through wrappers ----------------------------------------- */

#ifdef KSTRACE_USER
#include "kstrace_ring.h"

/* Define it to a call that gives the IRQL where the program has one. */
#ifndef KSTRACE_IRQL
#define KSTRACE_IRQL() (-1)
#endif

typedef struct {
  int64_t Begin;
  int Irql;
  int Enabled;
} KSTRACE_CALL;

static __inline__ __attribute__((unused)) void KstraceBegin_(KSTRACE_CALL *call) {
  call->Enabled = kstrace_enabled();
  if (call->Enabled) {
    call->Begin = kstrace_now();
    call->Irql = KSTRACE_IRQL();
  }
}

static __inline__ __attribute__((unused)) void KstraceInitialized_(const KSTRACE_CALL *call, int kind, PVOID owner,
    ULONG pinId, const KSALLOCATOR_FRAMING *framing, LONG status, PVOID context) {
  (void)kind;
  (void)pinId;
  if (call->Enabled) {
    uint32_t words[6];
    words[0] = framing->OptionsFlags;
    words[1] = (uint32_t)framing->PoolType;
    words[2] = framing->Frames;
    words[3] = framing->FrameSize;
    words[4] = (uint32_t)framing->FileAlignment;
    words[5] = framing->Reserved;
    kstrace_initialized((uint64_t)(ULONG_PTR)owner, words, status, (uint64_t)(ULONG_PTR)context, call->Begin,
        call->Irql, KSTRACE_IRQL());
  }
}

static __inline__ __attribute__((unused)) void KstraceAllocated_(const KSTRACE_CALL *call, PVOID context, PVOID frame) {
  if (call->Enabled) {
    kstrace_allocated((uint64_t)(ULONG_PTR)context, (uint64_t)(ULONG_PTR)frame, 0, call->Begin, call->Irql,
        KSTRACE_IRQL());
  }
}

/* Free and delete: recorded as entered here, their return by KstraceLeft_. */
static __inline__ __attribute__((unused)) uint64_t KstraceEntered_(int operation, PVOID context, PVOID frame) {
  return kstrace_enabled() ? kstrace_enter(operation, (uint64_t)(ULONG_PTR)context, (uint64_t)(ULONG_PTR)frame,
                                 KSTRACE_IRQL())
                           : KSTRACE_NOT_RECORDED;
}

static __inline__ __attribute__((unused)) void KstraceLeft_(uint64_t call) {
  if (call != KSTRACE_NOT_RECORDED) {
    kstrace_leave(call, KSTRACE_IRQL());
  }
}

#define KSTRACE_ENTERED_FREE_(context, frame) uint64_t call_ = KstraceEntered_(KSTRACE_FREE, context, frame)
#define KSTRACE_ENTERED_DELETE_(context) uint64_t call_ = KstraceEntered_(KSTRACE_DELETE, context, NULL)
#define KSTRACE_LEFT_() KstraceLeft_(call_)

/* The user-mode ring needs no registration. */
#define KstraceRegister(name) ((void)(name), STATUS_SUCCESS)
#define KstraceUnregister() ((void)0)

#else /* kernel mode */
#include "kstrace_etw.h"

#define KSTRACE_ENTERED_FREE_(context, frame) KstraceFreeing_(context, frame)
#define KSTRACE_ENTERED_DELETE_(context) KstraceDeleting_(context)
#define KSTRACE_LEFT_() ((void)0)
#endif

/* The functions that both macros make: Allocate, Free and Delete of an inner allocator. */
#define KSTRACE_WRAP_COMMON_(Name, InnerDelete, InnerAllocate, InnerFree) \
  static PVOID Name##_Allocate(PVOID Context) { \
    KSTRACE_CALL call_; \
    PVOID frame_; \
    KstraceBegin_(&call_); \
    frame_ = InnerAllocate(Context); \
    KstraceAllocated_(&call_, Context, frame_); \
    return frame_; \
  } \
  static VOID Name##_Free(PVOID Context, PVOID Buffer) { \
    KSTRACE_ENTERED_FREE_(Context, Buffer); \
    InnerFree(Context, Buffer); \
    KSTRACE_LEFT_(); \
  } \
  static VOID Name##_Delete(PVOID Context) { \
    KSTRACE_ENTERED_DELETE_(Context); \
    InnerDelete(Context); \
    KSTRACE_LEFT_(); \
  }

/* Makes a KSALLOCATOR_DISPATCH named Name that calls through to the table Inner. */
#define KSTRACE_WRAP(Name, Inner) \
  static NTSTATUS Name##_Initialize(PKSPIN Pin, PKSALLOCATOR_FRAMING AllocatorFraming, PVOID *Context) { \
    KSTRACE_CALL call_; \
    NTSTATUS status_; \
    KstraceBegin_(&call_); \
    status_ = (Inner).InitializeAllocator(Pin, AllocatorFraming, Context); \
    KstraceInitialized_(&call_, 0, Pin, Pin->Id, AllocatorFraming, status_, *Context); \
    return status_; \
  } \
  KSTRACE_WRAP_COMMON_(Name, (Inner).DeleteAllocator, (Inner).Allocate, (Inner).Free) \
  static const KSALLOCATOR_DISPATCH Name = {Name##_Initialize, Name##_Delete, Name##_Allocate, Name##_Free};

/*
 * Makes Name_Initialize, Name_Allocate, Name_Free and Name_Delete for KsCreateDefaultAllocatorEx, which
 * call through to the four functions given.
 */
#define KSTRACE_WRAP_FUNCTIONS(Name, InnerInitialize, InnerAllocate, InnerFree, InnerDelete) \
  static NTSTATUS Name##_Initialize(PVOID InitialContext, PKSALLOCATOR_FRAMING AllocatorFraming, PVOID *Context) { \
    KSTRACE_CALL call_; \
    NTSTATUS status_; \
    KstraceBegin_(&call_); \
    status_ = InnerInitialize(InitialContext, AllocatorFraming, Context); \
    KstraceInitialized_(&call_, 1, InitialContext, 0, AllocatorFraming, status_, *Context); \
    return status_; \
  } \
  KSTRACE_WRAP_COMMON_(Name, InnerDelete, InnerAllocate, InnerFree)

#ifdef __cplusplus
}
#endif

#endif /* KSTRACE_PROBE_H */

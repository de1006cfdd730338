/*
 * A sample of a minidriver's allocator: one pool block for each frame, and a list of those that are
 * out. The list is apart from the frames, which may be paged.
 *
 * Written as a driver is; nothing in it knows that it is replayed in user mode. BUG_... at compile
 * time seed one fault each.
 */
#include <ntddk.h>
#include <ks.h>

#define CONTEXT_TAG 'xtCP'
#define RECORD_TAG 'ceRP'
#define FRAME_TAG 'mrFP'

typedef struct _FRAME_RECORD {
  LIST_ENTRY Link;
  PVOID Block;
  PVOID Frame;
} FRAME_RECORD, *PFRAME_RECORD;

typedef struct _POOL_ALLOCATOR {
  KSALLOCATOR_FRAMING Framing;
  POOL_TYPE PoolType;
  KSPIN_LOCK Lock;
  LIST_ENTRY Out;
  ULONG Outstanding;
#ifdef BUG_LEAK_ON_DELETE
  PVOID Scratch;
#endif
} POOL_ALLOCATOR, *PPOOL_ALLOCATOR;

static VOID PoolLock(PPOOL_ALLOCATOR Allocator, PKIRQL Irql) {
#ifdef BUG_RACE
  UNREFERENCED_PARAMETER(Allocator);
  *Irql = KeGetCurrentIrql();
#else
  KeAcquireSpinLock(&Allocator->Lock, Irql);
#endif
}

static VOID PoolUnlock(PPOOL_ALLOCATOR Allocator, KIRQL Irql) {
#ifdef BUG_RACE
  UNREFERENCED_PARAMETER(Allocator);
  UNREFERENCED_PARAMETER(Irql);
#else
  KeReleaseSpinLock(&Allocator->Lock, Irql);
#endif
}

/* The record of a frame that is out, or NULL. Under the lock. */
static PFRAME_RECORD PoolFind(PPOOL_ALLOCATOR Allocator, PVOID Frame) {
  PLIST_ENTRY Link;

  for (Link = Allocator->Out.Flink; Link != &Allocator->Out; Link = Link->Flink) {
    PFRAME_RECORD Record = CONTAINING_RECORD(Link, FRAME_RECORD, Link);
    if (Record->Frame == Frame) {
      return Record;
    }
  }
  return NULL;
}

_Use_decl_annotations_ NTSTATUS PoolInitialize(
    PKSPIN Pin, PKSALLOCATOR_FRAMING Framing, PVOID *Context) {
  PPOOL_ALLOCATOR Allocator;

  PAGED_CODE();
  UNREFERENCED_PARAMETER(Pin);

  if (Framing->FrameSize == 0 || (Framing->FileAlignment & (Framing->FileAlignment + 1)) != 0) {
    return STATUS_INVALID_PARAMETER;
  }
  Allocator = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*Allocator), CONTEXT_TAG);
  if (Allocator == NULL) {
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  RtlZeroMemory(Allocator, sizeof(*Allocator));
  Allocator->Framing = *Framing;
  Allocator->PoolType = Framing->PoolType == PagedPool ? PagedPool : NonPagedPoolNx;
  KeInitializeSpinLock(&Allocator->Lock);
  InitializeListHead(&Allocator->Out);
#ifdef BUG_LEAK_ON_DELETE
  Allocator->Scratch = ExAllocatePoolWithTag(NonPagedPoolNx, 100, 'crSP');
#endif
  *Context = Allocator;
  return STATUS_SUCCESS;
}

/* Takes back what was counted for a frame that did not come about. */
static PVOID PoolGiveUp(PPOOL_ALLOCATOR Allocator, PFRAME_RECORD Record) {
  KIRQL Irql;

  if (Record != NULL) {
    ExFreePoolWithTag(Record, RECORD_TAG);
  }
  PoolLock(Allocator, &Irql);
  Allocator->Outstanding--;
  PoolUnlock(Allocator, Irql);
  return NULL;
}

_Use_decl_annotations_ PVOID PoolAllocate(PVOID Context) {
  PPOOL_ALLOCATOR Allocator = Context;
  ULONG_PTR Alignment = (ULONG_PTR)Allocator->Framing.FileAlignment + 1;
  SIZE_T Bytes = Alignment + Allocator->Framing.FrameSize;
  PFRAME_RECORD Record;
  BOOLEAN Full;
  KIRQL Irql;

  PoolLock(Allocator, &Irql);
  Full = Allocator->Framing.Frames != 0 && Allocator->Outstanding >= Allocator->Framing.Frames;
#ifdef BUG_NO_LIMIT
  Full = FALSE;
#endif
  Allocator->Outstanding += Full ? 0 : 1;
  PoolUnlock(Allocator, Irql);
  if (Full) {
    return NULL;
  }
  Record = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*Record), RECORD_TAG);
#ifndef BUG_UNCHECKED
  if (Record == NULL) {
    return PoolGiveUp(Allocator, NULL);
  }
#endif
  Record->Block = ExAllocatePoolWithTag(Allocator->PoolType, Bytes, FRAME_TAG);
  if (Record->Block == NULL) {
    return PoolGiveUp(Allocator, Record);
  }
#ifdef BUG_MISALIGNED
  Record->Frame = (PUCHAR)Record->Block + 8;
#else
  Record->Frame = (PVOID)ALIGN_UP_BY(Record->Block, Alignment);
#endif
  PoolLock(Allocator, &Irql);
  InsertTailList(&Allocator->Out, &Record->Link);
  PoolUnlock(Allocator, Irql);
  return Record->Frame;
}

_Use_decl_annotations_ VOID PoolFree(PVOID Context, PVOID Frame) {
  PPOOL_ALLOCATOR Allocator = Context;
  PFRAME_RECORD Record;
  KIRQL Irql;

  PoolLock(Allocator, &Irql);
  Record = PoolFind(Allocator, Frame);
  if (Record != NULL) {
#ifndef BUG_DOUBLE_FREE
    RemoveEntryList(&Record->Link);
#endif
    Allocator->Outstanding--;
  }
  PoolUnlock(Allocator, Irql);
  if (Record == NULL) {
    return; /* only what is out can come back: callers are not always right */
  }
  ExFreePoolWithTag(Record->Block, FRAME_TAG);
#ifndef BUG_DOUBLE_FREE
  ExFreePoolWithTag(Record, RECORD_TAG);
#endif
}

_Use_decl_annotations_ VOID PoolDelete(PVOID Context) {
  PPOOL_ALLOCATOR Allocator = Context;

  PAGED_CODE();
  /* Frames that are still out stay with their users. */
  while (!IsListEmpty(&Allocator->Out)) {
    PLIST_ENTRY Link = RemoveHeadList(&Allocator->Out);
    ExFreePoolWithTag(CONTAINING_RECORD(Link, FRAME_RECORD, Link), RECORD_TAG);
  }
  ExFreePoolWithTag(Allocator, CONTEXT_TAG);
#ifdef BUG_USE_AFTER_DELETE
  Allocator->Outstanding = 0;
#endif
}

const KSALLOCATOR_DISPATCH PoolAllocatorDispatch = {
    PoolInitialize, PoolDelete, PoolAllocate, PoolFree};

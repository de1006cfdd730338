/*
 * A sample of a minidriver's allocator: frames from a lookaside list; delete waits until the last
 * frame is back. BUG_... at compile time seed one fault each.
 */
#include <ntifs.h>
#include <ks.h>

#define CONTEXT_TAG 'xtCL'
#define FRAME_TAG 'mrFL'
#define MOST_FRAMES 64

typedef struct _LOOKASIDE_ALLOCATOR {
  NPAGED_LOOKASIDE_LIST List;
  KEVENT Idle;
  KSPIN_LOCK Lock;
  LONG Outstanding;
  ULONG Frames;
  PVOID Out[MOST_FRAMES];
} LOOKASIDE_ALLOCATOR, *PLOOKASIDE_ALLOCATOR;

/* The place of a frame that is out; NULL finds a place for one more. Under the lock. */
static PVOID *LookasidePlace(PLOOKASIDE_ALLOCATOR Allocator, PVOID Frame) {
  ULONG i;

  for (i = 0; i < MOST_FRAMES; i++) {
    if (Allocator->Out[i] == Frame) {
      return &Allocator->Out[i];
    }
  }
  return NULL;
}

static VOID LookasideLock(PLOOKASIDE_ALLOCATOR Allocator, PKIRQL Irql) {
#ifdef BUG_RACE
  UNREFERENCED_PARAMETER(Allocator);
  *Irql = KeGetCurrentIrql();
#else
  KeAcquireSpinLock(&Allocator->Lock, Irql);
#endif
}

static VOID LookasideUnlock(PLOOKASIDE_ALLOCATOR Allocator, KIRQL Irql) {
#ifdef BUG_RACE
  UNREFERENCED_PARAMETER(Allocator);
  UNREFERENCED_PARAMETER(Irql);
#else
  KeReleaseSpinLock(&Allocator->Lock, Irql);
#endif
}

NTSTATUS LookasideInitialize(PKSPIN Pin, PKSALLOCATOR_FRAMING Framing, PVOID *Context) {
  PLOOKASIDE_ALLOCATOR Allocator;
  SIZE_T Bytes = Framing->FrameSize;

  PAGED_CODE();

  /* The pin's descriptor says how many frames there may be at most. */
  if (Pin->Descriptor->AllocatorFraming->FramingItem[0].Frames != Framing->Frames) {
    return STATUS_INVALID_PARAMETER;
  }
#ifndef BUG_MISALIGNED
  /* Pool aligns what fills a page to a page, and all else to 16 bytes. */
  if (Framing->FileAlignment > 0xF && Bytes < PAGE_SIZE) {
    Bytes = PAGE_SIZE;
  }
#endif
  Allocator = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*Allocator), CONTEXT_TAG);
  if (Allocator == NULL) {
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  ExInitializeNPagedLookasideList(&Allocator->List, NULL, NULL, 0, Bytes, FRAME_TAG, 0);
  KeInitializeEvent(&Allocator->Idle, NotificationEvent, TRUE);
  KeInitializeSpinLock(&Allocator->Lock);
  Allocator->Frames = Framing->Frames;
  if (Allocator->Frames == 0 || Allocator->Frames > MOST_FRAMES) {
    Allocator->Frames = MOST_FRAMES;
  }
  *Context = Allocator;
  return STATUS_SUCCESS;
}

PVOID LookasideAllocate(PVOID Context) {
  PLOOKASIDE_ALLOCATOR Allocator = Context;
  BOOLEAN Full;
  PVOID Frame;
  PVOID *Place;
  KIRQL Irql;

  LookasideLock(Allocator, &Irql);
  Full = Allocator->Outstanding >= (LONG)Allocator->Frames;
#ifdef BUG_NO_LIMIT
  Full = FALSE;
#endif
  Frame = Full ? NULL : ExAllocateFromNPagedLookasideList(&Allocator->List);
  if (Frame != NULL) {
    Place = LookasidePlace(Allocator, NULL);
    if (Place != NULL) {
      *Place = Frame;
    }
    Allocator->Outstanding++;
    KeClearEvent(&Allocator->Idle);
  }
  LookasideUnlock(Allocator, Irql);
  return Frame;
}

VOID LookasideFree(PVOID Context, PVOID Frame) {
  PLOOKASIDE_ALLOCATOR Allocator = Context;
  PVOID *Place;
  KIRQL Irql;

  LookasideLock(Allocator, &Irql);
  Place = Frame == NULL ? NULL : LookasidePlace(Allocator, Frame);
  if (Place != NULL) {
    *Place = NULL;
  }
#ifdef BUG_DOUBLE_FREE
  /* As the kernel's own, this list takes whatever it is given: a double free aliases. */
  if (Frame != NULL) {
#else
  if (Place != NULL) {
#endif
    ExFreeToNPagedLookasideList(&Allocator->List, Frame);
    if (--Allocator->Outstanding == 0) {
      KeSetEvent(&Allocator->Idle, IO_NO_INCREMENT, FALSE);
    }
  }
  LookasideUnlock(Allocator, Irql);
}

VOID LookasideDelete(PVOID Context) {
  PLOOKASIDE_ALLOCATOR Allocator = Context;

  PAGED_CODE();
#ifdef WAIT_FOR_FRAMES
  KeWaitForSingleObject(&Allocator->Idle, Executive, KernelMode, FALSE, NULL);
#endif
#ifndef BUG_LEAK_ON_DELETE
  ExDeleteNPagedLookasideList(&Allocator->List);
#endif
  ExFreePool(Allocator);
#ifdef BUG_USE_AFTER_DELETE
  Allocator->Frames = 0;
#endif
}

KSALLOCATOR_DISPATCH LookasideAllocatorDispatch = {
    LookasideInitialize, LookasideDelete, LookasideAllocate, LookasideFree};

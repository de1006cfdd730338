/*
 * A sample of a minidriver's allocator: one common buffer that a device can reach, cut into frames,
 * with a free list under a spin lock. BUG_... at compile time seed one fault each.
 */
#include <wdm.h>
#include <ks.h>
#include <ksmedia.h>

#define CONTEXT_TAG 'xtCS'

typedef struct _SLAB_FRAME {
  LIST_ENTRY Link;
  PVOID Memory;
  BOOLEAN Out;
} SLAB_FRAME, *PSLAB_FRAME;

typedef struct _SLAB_ALLOCATOR {
  KSPIN_LOCK Lock;
  LIST_ENTRY Free;
  PDMA_ADAPTER Dma;
  PUCHAR Base;
  PHYSICAL_ADDRESS Logical;
  ULONG Bytes;
  ULONG Slot;
  ULONG Frames;
  SLAB_FRAME Frame[1];
} SLAB_ALLOCATOR, *PSLAB_ALLOCATOR;

NTSTATUS SlabInitialize(PKSPIN Pin, PKSALLOCATOR_FRAMING Framing, PVOID *Context) {
  DEVICE_DESCRIPTION Description;
  PSLAB_ALLOCATOR Slab;
  ULONG MapRegisters;
  ULONG i;

  PAGED_CODE();
  UNREFERENCED_PARAMETER(Pin);

  if (Framing->FrameSize == 0 || Framing->Frames == 0 || Framing->Frames > 1024) {
    return STATUS_INVALID_PARAMETER;
  }
  Slab = ExAllocatePool2(POOL_FLAG_NON_PAGED,
      sizeof(*Slab) + (Framing->Frames - 1) * sizeof(SLAB_FRAME), CONTEXT_TAG);
  if (Slab == NULL) {
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  RtlZeroMemory(&Description, sizeof(Description));
  Description.Version = DEVICE_DESCRIPTION_VERSION;
  Description.Master = TRUE;
  Description.ScatterGather = TRUE;
  Slab->Dma = IoGetDmaAdapter(NULL, &Description, &MapRegisters);
  Slab->Frames = Framing->Frames;
#if defined(BUG_MISALIGNED)
  Slab->Slot = Framing->FrameSize;
#elif defined(BUG_OVERLAP)
  Slab->Slot = (Framing->FrameSize / 2 + Framing->FileAlignment) & ~Framing->FileAlignment;
#else
  Slab->Slot = (Framing->FrameSize + Framing->FileAlignment) & ~Framing->FileAlignment;
#endif
  Slab->Bytes = Slab->Slot * Slab->Frames;
  Slab->Base = Slab->Dma->DmaOperations->AllocateCommonBuffer(
      Slab->Dma, Slab->Bytes, &Slab->Logical, TRUE);
  if (Slab->Base == NULL) {
#ifndef BUG_LEAK_ON_FAILURE
    ExFreePoolWithTag(Slab, CONTEXT_TAG);
#endif
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  KeInitializeSpinLock(&Slab->Lock);
  InitializeListHead(&Slab->Free);
  for (i = 0; i < Slab->Frames; i++) {
    Slab->Frame[i].Memory = Slab->Base + i * Slab->Slot;
    InsertTailList(&Slab->Free, &Slab->Frame[i].Link);
  }
  *Context = Slab;
  return STATUS_SUCCESS;
}

PVOID SlabAllocate(PVOID Context) {
  PSLAB_ALLOCATOR Slab = Context;
  PSLAB_FRAME Frame = NULL;
  KIRQL Irql;

#ifdef BUG_RACE
  /* Looked at without the lock: another thread may take the last frame in between. */
  if (IsListEmpty(&Slab->Free)) {
    return NULL;
  }
#endif
#ifdef BUG_RACE
  UNREFERENCED_PARAMETER(Irql);
#else
  KeAcquireSpinLock(&Slab->Lock, &Irql);
#endif
  if (!IsListEmpty(&Slab->Free)) {
    Frame = CONTAINING_RECORD(RemoveHeadList(&Slab->Free), SLAB_FRAME, Link);
    Frame->Out = TRUE;
  }
#ifdef BUG_NO_LIMIT
  else {
    Frame = &Slab->Frame[0];
  }
#endif
#ifndef BUG_RACE
#ifdef BUG_LOCK_HELD
  if (Frame == NULL) {
    return NULL;
  }
#endif
  KeReleaseSpinLock(&Slab->Lock, Irql);
#endif
  return Frame == NULL ? NULL : Frame->Memory;
}

VOID SlabFree(PVOID Context, PVOID Memory) {
  PSLAB_ALLOCATOR Slab = Context;
  ULONG_PTR Offset = (ULONG_PTR)Memory - (ULONG_PTR)Slab->Base;
  PSLAB_FRAME Frame;
  KIRQL Irql;

  if (Offset >= Slab->Bytes || Offset % Slab->Slot != 0) {
    return;
  }
  Frame = &Slab->Frame[Offset / Slab->Slot];
#ifndef BUG_RACE
  KeAcquireSpinLock(&Slab->Lock, &Irql);
#else
  UNREFERENCED_PARAMETER(Irql);
#endif
#ifdef BUG_DOUBLE_FREE
  /* The frame gets into the list a second time, and two users get it. */
  InsertHeadList(&Slab->Free, &Frame->Link);
#else
  if (Frame->Out) {
    Frame->Out = FALSE;
    InsertTailList(&Slab->Free, &Frame->Link);
  }
#endif
#ifndef BUG_RACE
  KeReleaseSpinLock(&Slab->Lock, Irql);
#endif
}

VOID SlabDelete(PVOID Context) {
  PSLAB_ALLOCATOR Slab = Context;

  PAGED_CODE();
#ifndef BUG_LEAK_ON_DELETE
  Slab->Dma->DmaOperations->FreeCommonBuffer(
      Slab->Dma, Slab->Bytes, Slab->Logical, Slab->Base, TRUE);
#endif
  Slab->Dma->DmaOperations->PutDmaAdapter(Slab->Dma);
  ExFreePoolWithTag(Slab, CONTEXT_TAG);
#ifdef BUG_USE_AFTER_DELETE
  Slab->Frames = 0;
#endif
}

const KSALLOCATOR_DISPATCH SlabAllocatorDispatch = {
    SlabInitialize, SlabDelete, SlabAllocate, SlabFree};

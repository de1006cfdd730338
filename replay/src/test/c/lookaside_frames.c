/*
 * A sample of a minidriver's allocator: frames from a lookaside list; delete waits until the last
 * frame is back. BUG_... at compile time seed one fault each.
 */
#include <ntifs.h>
#include <ks.h>

#define CONTEXT_TAG 'xtCL'
#define FRAME_TAG 'mrFL'

typedef struct _LOOKASIDE_ALLOCATOR {
  NPAGED_LOOKASIDE_LIST List;
  KEVENT Idle;
  LONG Outstanding;
  ULONG Frames;
} LOOKASIDE_ALLOCATOR, *PLOOKASIDE_ALLOCATOR;

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
  Allocator->Frames = Framing->Frames;
  *Context = Allocator;
  return STATUS_SUCCESS;
}

PVOID LookasideAllocate(PVOID Context) {
  PLOOKASIDE_ALLOCATOR Allocator = Context;
  PVOID Frame;

#ifndef BUG_NO_LIMIT
  if (Allocator->Frames != 0 && Allocator->Outstanding >= (LONG)Allocator->Frames) {
    return NULL;
  }
#endif
  Frame = ExAllocateFromNPagedLookasideList(&Allocator->List);
  if (Frame != NULL && InterlockedIncrement(&Allocator->Outstanding) == 1) {
    KeClearEvent(&Allocator->Idle);
  }
  return Frame;
}

VOID LookasideFree(PVOID Context, PVOID Frame) {
  PLOOKASIDE_ALLOCATOR Allocator = Context;

  /* As the kernel's own, this list takes whatever it is given: a double free aliases. */
  ExFreeToNPagedLookasideList(&Allocator->List, Frame);
  if (InterlockedDecrement(&Allocator->Outstanding) == 0) {
    KeSetEvent(&Allocator->Idle, IO_NO_INCREMENT, FALSE);
  }
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

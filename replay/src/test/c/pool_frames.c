/*
 * A sample of a minidriver's allocator: one pool block for each frame.
 *
 * Written as a driver is; nothing in it knows that it is replayed in user mode. BUG_... at compile
 * time seed one fault each.
 */
#include <ntddk.h>
#include <ks.h>

#define CONTEXT_TAG 'xtCP'
#define FRAME_TAG 'mrFP'

typedef struct _POOL_ALLOCATOR {
  KSALLOCATOR_FRAMING Framing;
  POOL_TYPE PoolType;
  LONG Outstanding;
#ifdef BUG_LEAK_ON_DELETE
  PVOID Scratch;
#endif
} POOL_ALLOCATOR, *PPOOL_ALLOCATOR;

/* A frame's block starts with where it starts, so that the frame can be aligned behind it. */
typedef struct _FRAME_PREFIX {
  PVOID Block;
} FRAME_PREFIX, *PFRAME_PREFIX;

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
#ifdef BUG_LEAK_ON_DELETE
  Allocator->Scratch = ExAllocatePoolWithTag(NonPagedPoolNx, 100, 'crSP');
#endif
  *Context = Allocator;
  return STATUS_SUCCESS;
}

_Use_decl_annotations_ PVOID PoolAllocate(PVOID Context) {
  PPOOL_ALLOCATOR Allocator = Context;
  ULONG_PTR Alignment = (ULONG_PTR)Allocator->Framing.FileAlignment + 1;
  SIZE_T Bytes = sizeof(FRAME_PREFIX) + Alignment + Allocator->Framing.FrameSize;
  PUCHAR Block;
  ULONG_PTR Frame;

  if (InterlockedIncrement(&Allocator->Outstanding) > (LONG)Allocator->Framing.Frames
      && Allocator->Framing.Frames != 0) {
#ifndef BUG_NO_LIMIT
    InterlockedDecrement(&Allocator->Outstanding);
    return NULL;
#endif
  }
  Block = ExAllocatePoolWithTag(Allocator->PoolType, Bytes, FRAME_TAG);
#ifndef BUG_UNCHECKED
  if (Block == NULL) {
    InterlockedDecrement(&Allocator->Outstanding);
    return NULL;
  }
#endif
#ifdef BUG_MISALIGNED
  Frame = (ULONG_PTR)Block + sizeof(FRAME_PREFIX);
#else
  Frame = ALIGN_UP_BY(Block + sizeof(FRAME_PREFIX), Alignment);
#endif
  ((PFRAME_PREFIX)Frame)[-1].Block = Block;
  return (PVOID)Frame;
}

_Use_decl_annotations_ VOID PoolFree(PVOID Context, PVOID Frame) {
  PPOOL_ALLOCATOR Allocator = Context;
  PFRAME_PREFIX Prefix = (PFRAME_PREFIX)Frame - 1;

  if (Frame == NULL) {
    return;
  }
  InterlockedDecrement(&Allocator->Outstanding);
  ExFreePoolWithTag(Prefix->Block, FRAME_TAG);
}

_Use_decl_annotations_ VOID PoolDelete(PVOID Context) {
  PPOOL_ALLOCATOR Allocator = Context;

  PAGED_CODE();
  ExFreePoolWithTag(Allocator, CONTEXT_TAG);
#ifdef BUG_USE_AFTER_DELETE
  Allocator->Outstanding = 0;
#endif
}

const KSALLOCATOR_DISPATCH PoolAllocatorDispatch = {
    PoolInitialize, PoolDelete, PoolAllocate, PoolFree};

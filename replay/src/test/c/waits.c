/*
 * An allocator whose calls wait for each other: allocate for a frame to come back, delete for all of
 * them. What is compiled depends on WAITS.
 */
#include <ntddk.h>
#include <ks.h>

#define TAG 'tiaW'

typedef struct _WAITS {
  KSEMAPHORE Free;
  KEVENT Idle;
  KSPIN_LOCK Lock;
  FAST_MUTEX Mutex;
  LONG Out;
  LONG Count;
  ULONG Bytes;
} WAITS_ALLOCATOR, *PWAITS_ALLOCATOR;

static NTSTATUS WaitsInitialize(PKSPIN Pin, PKSALLOCATOR_FRAMING Framing, PVOID *Context) {
  PWAITS_ALLOCATOR Waits = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*Waits), TAG);
  UNREFERENCED_PARAMETER(Pin);
  if (Waits == NULL) {
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  KeInitializeSemaphore(&Waits->Free, (LONG)Framing->Frames, (LONG)Framing->Frames);
  KeInitializeEvent(&Waits->Idle, NotificationEvent, TRUE);
  KeInitializeSpinLock(&Waits->Lock);
  ExInitializeFastMutex(&Waits->Mutex);
  Waits->Out = 0;
  Waits->Count = 0;
  Waits->Bytes = Framing->FrameSize;
  *Context = Waits;
  return STATUS_SUCCESS;
}

static PVOID WaitsAllocate(PVOID Context) {
  PWAITS_ALLOCATOR Waits = Context;
  KeWaitForSingleObject(&Waits->Free, Executive, KernelMode, FALSE, NULL);
#if WAITS == 2
  KIRQL Irql;
  KeAcquireSpinLock(&Waits->Lock, &Irql);
  if (++Waits->Count == 2) {
    KeAcquireSpinLock(&Waits->Lock, &Irql);
  }
  KeReleaseSpinLock(&Waits->Lock, Irql);
#endif
  if (InterlockedIncrement(&Waits->Out) == 1) {
    KeResetEvent(&Waits->Idle);
  }
  return ExAllocatePoolWithTag(NonPagedPoolNx, Waits->Bytes, TAG);
}

static VOID WaitsFree(PVOID Context, PVOID Frame) {
  PWAITS_ALLOCATOR Waits = Context;
  ExFreePoolWithTag(Frame, TAG);
  if (InterlockedDecrement(&Waits->Out) == 0) {
    KeSetEvent(&Waits->Idle, IO_NO_INCREMENT, FALSE);
  }
  KeReleaseSemaphore(&Waits->Free, IO_NO_INCREMENT, 1, FALSE);
}

static VOID WaitsDelete(PVOID Context) {
  PWAITS_ALLOCATOR Waits = Context;
  ExAcquireFastMutex(&Waits->Mutex);
  KeWaitForSingleObject(&Waits->Idle, Executive, KernelMode, FALSE, NULL);
  ExReleaseFastMutex(&Waits->Mutex);
  ExFreePoolWithTag(Waits, TAG);
}

KSALLOCATOR_DISPATCH WaitsDispatch = {WaitsInitialize, WaitsDelete, WaitsAllocate, WaitsFree};

/* A driver that does nothing but carry a recorded allocator: it must compile and link, and no more. */
#include <ntddk.h>
#include <ks.h>

#include "kstrace_probe.h"

#define TAG 'ecaK'

typedef struct {
  KSALLOCATOR_FRAMING Framing;
} ALLOCATOR;

static NTSTATUS Initialize(PKSPIN Pin, PKSALLOCATOR_FRAMING AllocatorFraming, PVOID *Context) {
  ALLOCATOR *allocator = ExAllocatePoolWithTag(NonPagedPool, sizeof *allocator, TAG);
  (void)Pin;
  if (allocator == NULL) {
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  allocator->Framing = *AllocatorFraming;
  *Context = allocator;
  return STATUS_SUCCESS;
}

static NTSTATUS InitializeEx(PVOID InitialContext, PKSALLOCATOR_FRAMING AllocatorFraming, PVOID *Context) {
  return Initialize((PKSPIN)InitialContext, AllocatorFraming, Context);
}

static PVOID Allocate(PVOID Context) {
  return ExAllocatePoolWithTag(NonPagedPool, ((ALLOCATOR *)Context)->Framing.FrameSize, TAG);
}

static VOID Free(PVOID Context, PVOID Buffer) {
  (void)Context;
  ExFreePoolWithTag(Buffer, TAG);
}

static VOID Delete(PVOID Context) { ExFreePoolWithTag(Context, TAG); }

static const KSALLOCATOR_DISPATCH Allocator = {Initialize, Delete, Allocate, Free};
KSTRACE_WRAP(RecordedAllocator, Allocator)
KSTRACE_WRAP_FUNCTIONS(RecordedEx, InitializeEx, Allocate, Free, Delete)

const KSALLOCATOR_DISPATCH *const Exported = &RecordedAllocator;
PFNKSINITIALIZEALLOCATOR const ExportedInitialize = RecordedEx_Initialize;
PFNKSDEFAULTALLOCATE const ExportedAllocate = RecordedEx_Allocate;
PFNKSDEFAULTFREE const ExportedFree = RecordedEx_Free;
PFNKSDELETEALLOCATOR const ExportedDelete = RecordedEx_Delete;

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject) {
  (void)DriverObject;
  KstraceUnregister();
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath) {
  (void)RegistryPath;
  DriverObject->DriverUnload = Unload;
  return KstraceRegister("probe_driver");
}

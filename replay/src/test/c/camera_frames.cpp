/*
 * A frame allocator as a camera's minidriver in C++ may have it: slots on an interlocked list, each
 * with an MDL, cut out of contiguous memory; an event says when all frames are back. With
 * BUG_BUGCHECK a free of a foreign frame says so in all formats that DbgPrint has, and ends.
 */
#include <ntddk.h>
#include <wdm.h>
#include <ks.h>
#include <ksmedia.h>
#include <ntstrsafe.h>


extern "C" {
DRIVER_INITIALIZE DriverEntry;
}

#define CAM_POOL_TAG 'maCK'
#define CAM_MAX_SLOTS 64

typedef struct _CAM_SLOT {
    SLIST_ENTRY FreeLink;
    LIST_ENTRY  BusyLink;
    PVOID       Buffer;
    PMDL        Mdl;
    BOOLEAN     Busy;
} CAM_SLOT, *PCAM_SLOT;

typedef struct _CAM_ALLOCATOR {
    KSALLOCATOR_FRAMING Framing;
    KSPIN_LOCK          Lock;
    _Guarded_by_(Lock) LIST_ENTRY BusyList;
    DECLSPEC_ALIGN(MEMORY_ALLOCATION_ALIGNMENT) SLIST_HEADER FreeList;
    LOOKASIDE_LIST_EX   SlotLookaside;
    KEVENT              Drained;
    LONG volatile       Outstanding;
    PVOID               Slab;
    PHYSICAL_ADDRESS    Physical;
    SIZE_T              SlabBytes;
    ULONG               SlotCount;
    LARGE_INTEGER       Created;
    FAST_MUTEX          Mutex;
} CAM_ALLOCATOR, *PCAM_ALLOCATOR;

_Must_inspect_result_
_IRQL_requires_max_(PASSIVE_LEVEL)
extern "C" NTSTATUS CamInitializeAllocator(_In_ PKSPIN Pin, _In_ PKSALLOCATOR_FRAMING Framing, _Outptr_ PVOID *Context);
_IRQL_requires_max_(PASSIVE_LEVEL)
extern "C" VOID CamDeleteAllocator(_In_ PVOID Context);
_IRQL_requires_max_(DISPATCH_LEVEL)
extern "C" PVOID CamAllocateFrame(_In_ PVOID Context);
_IRQL_requires_max_(DISPATCH_LEVEL)
extern "C" VOID CamFreeFrame(_In_ PVOID Context, _In_ PVOID Frame);

#ifdef ALLOC_PRAGMA
#pragma alloc_text(PAGE, CamInitializeAllocator)
#pragma alloc_text(PAGE, CamDeleteAllocator)
#endif

DECLARE_CONST_UNICODE_STRING(CamName, L"camera frames");

extern "C" const KSALLOCATOR_DISPATCH CamAllocatorDispatch = {
    CamInitializeAllocator,
    CamDeleteAllocator,
    CamAllocateFrame,
    CamFreeFrame
};

static DECLSPEC_NOINLINE ULONG CamAlignUp(ULONG Value, ULONG Mask)
{
    return (Value + Mask) & ~Mask;
}

extern "C"
NTSTATUS
DriverEntry(_In_ PDRIVER_OBJECT DriverObject, _In_ PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KdPrint(("camalloc: %wZ\n", &CamName));
    return STATUS_SUCCESS;
}

#pragma code_seg("PAGE")
extern "C"
_Use_decl_annotations_
NTSTATUS
CamInitializeAllocator(PKSPIN Pin, PKSALLOCATOR_FRAMING Framing, PVOID *Context)
{
    PCAM_ALLOCATOR Allocator;
    PHYSICAL_ADDRESS Low, High, Boundary;
    NTSTATUS Status = STATUS_SUCCESS;

    PAGED_CODE();
    NT_ASSERT(Context != NULL);
    UNREFERENCED_PARAMETER(Pin);

    if (Framing->Frames == 0 || Framing->Frames > CAM_MAX_SLOTS || Framing->FrameSize == 0) {
        return STATUS_INVALID_PARAMETER;
    }
    *Context = nullptr;
    Allocator = (PCAM_ALLOCATOR) ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(CAM_ALLOCATOR), CAM_POOL_TAG);
    if (!Allocator) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(Allocator, sizeof(*Allocator));
    RtlCopyMemory(&Allocator->Framing, Framing, sizeof(KSALLOCATOR_FRAMING));
    KeInitializeSpinLock(&Allocator->Lock);
    InitializeListHead(&Allocator->BusyList);
    InitializeSListHead(&Allocator->FreeList);
    ExInitializeFastMutex(&Allocator->Mutex);
    KeInitializeEvent(&Allocator->Drained, NotificationEvent, TRUE);
    KeQuerySystemTimePrecise(&Allocator->Created);
    Status = ExInitializeLookasideListEx(&Allocator->SlotLookaside, NULL, NULL, NonPagedPoolNx, 0, sizeof(CAM_SLOT), CAM_POOL_TAG, 0);
    if (!NT_SUCCESS(Status)) {
        ExFreePoolWithTag(Allocator, CAM_POOL_TAG);
        return Status;
    }

    Low.QuadPart = 0;
    High.QuadPart = MAXLONGLONG;
    Boundary.QuadPart = 0;
    ULONG Stride = CamAlignUp(Framing->FrameSize, Framing->FileAlignment > 15 ? Framing->FileAlignment : 15);
    Allocator->SlabBytes = (SIZE_T) Stride * Framing->Frames;
    Allocator->Slab = MmAllocateContiguousMemorySpecifyCache(Allocator->SlabBytes, Low, High, Boundary, MmNonCached);
    if (Allocator->Slab == NULL) {
        ExDeleteLookasideListEx(&Allocator->SlotLookaside);
        ExFreePoolWithTag(Allocator, CAM_POOL_TAG);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Allocator->Physical = MmGetPhysicalAddress(Allocator->Slab);
    for (ULONG Index = 0; Index < Framing->Frames; Index++) {
        PCAM_SLOT Slot = (PCAM_SLOT) ExAllocateFromLookasideListEx(&Allocator->SlotLookaside);
        if (Slot == NULL) {
            Status = STATUS_INSUFFICIENT_RESOURCES;
            break;
        }
        RtlZeroMemory(Slot, sizeof(CAM_SLOT));
        Slot->Buffer = Add2Ptr(Allocator->Slab, (SIZE_T) Index * Stride);
        Slot->Mdl = IoAllocateMdl(Slot->Buffer, Framing->FrameSize, FALSE, FALSE, NULL);
        if (Slot->Mdl != NULL) {
            MmBuildMdlForNonPagedPool(Slot->Mdl);
        }
        InterlockedPushEntrySList(&Allocator->FreeList, &Slot->FreeLink);
        Allocator->SlotCount++;
    }
    if (!NT_SUCCESS(Status)) {
        CamDeleteAllocator(Allocator);
        return Status;
    }
    DbgPrintEx(DPFLTR_IHVVIDEO_ID, DPFLTR_INFO_LEVEL, "camalloc: %lu slots of %lu\n", Allocator->SlotCount, Framing->FrameSize);
    *Context = Allocator;
    return STATUS_SUCCESS;
}

extern "C"
_Use_decl_annotations_
VOID
CamDeleteAllocator(PVOID Context)
{
    PCAM_ALLOCATOR Allocator = static_cast<PCAM_ALLOCATOR>(Context);
    PSLIST_ENTRY Entry;
    LARGE_INTEGER Timeout;

    PAGED_CODE();
    ASSERT(KeGetCurrentIrql() == PASSIVE_LEVEL);
    Timeout.QuadPart = -10 * 1000 * 1000;
    NTSTATUS Status = KeWaitForSingleObject(&Allocator->Drained, Executive, KernelMode, FALSE, &Timeout);
    if (Status == STATUS_TIMEOUT) {
        KdPrintEx((DPFLTR_IHVVIDEO_ID, DPFLTR_WARNING_LEVEL, "camalloc: %d frames out\n", ReadNoFence(&Allocator->Outstanding)));
    }
    ExAcquireFastMutex(&Allocator->Mutex);
    while ((Entry = InterlockedPopEntrySList(&Allocator->FreeList)) != NULL) {
        PCAM_SLOT Slot = CONTAINING_RECORD(Entry, CAM_SLOT, FreeLink);
        if (Slot->Mdl) {
            IoFreeMdl(Slot->Mdl);
        }
        ExFreeToLookasideListEx(&Allocator->SlotLookaside, Slot);
    }
    while (!IsListEmpty(&Allocator->BusyList)) {
        PLIST_ENTRY Link = RemoveHeadList(&Allocator->BusyList);
        PCAM_SLOT Slot = CONTAINING_RECORD(Link, CAM_SLOT, BusyLink);
        if (Slot->Mdl) {
            IoFreeMdl(Slot->Mdl);
        }
        ExFreeToLookasideListEx(&Allocator->SlotLookaside, Slot);
    }
    ExReleaseFastMutex(&Allocator->Mutex);
    ExDeleteLookasideListEx(&Allocator->SlotLookaside);
    MmFreeContiguousMemorySpecifyCache(Allocator->Slab, Allocator->SlabBytes, MmNonCached);
    ExFreePoolWithTag(Allocator, CAM_POOL_TAG);
}
#pragma code_seg()

extern "C"
_Use_decl_annotations_
PVOID
CamAllocateFrame(PVOID Context)
{
    PCAM_ALLOCATOR Allocator = reinterpret_cast<PCAM_ALLOCATOR>(Context);
    KLOCK_QUEUE_HANDLE LockHandle;
    PSLIST_ENTRY Entry = InterlockedPopEntrySList(&Allocator->FreeList);
    if (Entry == NULL) {
        return NULL;
    }
    PCAM_SLOT Slot = CONTAINING_RECORD(Entry, CAM_SLOT, FreeLink);
    KeAcquireInStackQueuedSpinLock(&Allocator->Lock, &LockHandle);
    InsertTailList(&Allocator->BusyList, &Slot->BusyLink);
    Slot->Busy = TRUE;
    KeReleaseInStackQueuedSpinLock(&LockHandle);
    if (InterlockedIncrement(&Allocator->Outstanding) == 1) {
        KeClearEvent(&Allocator->Drained);
    }
    return Slot->Buffer;
}

extern "C"
_Use_decl_annotations_
VOID
CamFreeFrame(PVOID Context, PVOID Frame)
{
    PCAM_ALLOCATOR Allocator = (PCAM_ALLOCATOR) Context;
    KIRQL OldIrql;
    PLIST_ENTRY Link;
    PCAM_SLOT Found = NULL;

    KeAcquireSpinLock(&Allocator->Lock, &OldIrql);
    for (Link = Allocator->BusyList.Flink; Link != &Allocator->BusyList; Link = Link->Flink) {
        PCAM_SLOT Slot = CONTAINING_RECORD(Link, CAM_SLOT, BusyLink);
        if (Slot->Buffer == Frame) {
            Found = Slot;
            RemoveEntryList(Link);
            Slot->Busy = FALSE;
            break;
        }
    }
    KeReleaseSpinLock(&Allocator->Lock, OldIrql);
    if (Found == NULL) {
#ifdef BUG_BUGCHECK
        DbgPrint("%wZ: %lu of %I64d, %#lx, %ws, %s, %c %05d%%\n", &CamName, Allocator->SlotCount,
            (LONGLONG) -1 << 40, 0xABCUL, L"wide", "narrow", 'x', 42);
        KeBugCheckEx(0x10D, 1, 2, 3, 4);
#endif
        NT_ASSERTMSG("frame that is not ours", FALSE);
        return;
    }
    InterlockedPushEntrySList(&Allocator->FreeList, &Found->FreeLink);
    if (InterlockedDecrement(&Allocator->Outstanding) == 0) {
        KeSetEvent(&Allocator->Drained, IO_NO_INCREMENT, FALSE);
    }
}

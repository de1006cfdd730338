/*
 * A stand-in for the WDK's wdm.h, ntddk.h and ntifs.h: as much as the code of a frame allocator uses,
 * so that it compiles unmodified in user mode. Written from Microsoft's public documentation; names,
 * sizes and values are theirs, the insides of opaque structures are our own.
 *
 * What is not declared here is not offered: PnP, the registry, files, work items, DPCs and timers.
 */
#ifndef KST_WDM_H
#define KST_WDM_H

#include "kst_types.h"

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- words that only Microsoft's compiler and its code analysis understand --- */

#define __int64 long long
/* Of what __declspec says as much as matters here; the rest is a compile error that names it. */
#define __declspec(x) KST_DECLSPEC_##x
#define KST_DECLSPEC_align(n) __attribute__((aligned(n)))
#define KST_DECLSPEC_noinline __attribute__((noinline))
#define KST_DECLSPEC_noreturn __attribute__((noreturn))
#define KST_DECLSPEC_selectany __attribute__((weak))
#define KST_DECLSPEC_deprecated __attribute__((deprecated))
#define KST_DECLSPEC_allocate(section)
#define KST_DECLSPEC_code_seg(section)
#define KST_DECLSPEC_dllexport __attribute__((visibility("default")))
#define KST_DECLSPEC_dllimport
#define KST_DECLSPEC_nothrow
#define KST_DECLSPEC_novtable
#define KST_DECLSPEC_restrict
#define __cdecl
#define __stdcall
#define __fastcall
#define NTAPI
#define NTKERNELAPI
#define NTSYSAPI
#define NTHALAPI
#define DECLSPEC_IMPORT
#define DECLSPEC_NORETURN __attribute__((noreturn))
#define DECLSPEC_NOINLINE __attribute__((noinline))
#define DECLSPEC_SELECTANY __attribute__((weak))
#define DECLSPEC_CACHEALIGN DECLSPEC_ALIGN(64)
#define DECLSPEC_ALIGN(n) __attribute__((aligned(n)))
#define MEMORY_ALLOCATION_ALIGNMENT 16
#define CONST const
#define FORCEINLINE static inline __attribute__((always_inline, unused))
#define __forceinline FORCEINLINE
#ifdef __cplusplus
#define EXTERN_C extern "C"
#define EXTERN_C_START extern "C" {
#define EXTERN_C_END }
#else
#define EXTERN_C extern
#define EXTERN_C_START
#define EXTERN_C_END
#endif
#ifndef IN
#define IN
#define OUT
#define OPTIONAL
#endif
#define __in
#define __out
#define __inout
#define __in_opt
#define __out_opt
#define _In_
#define _In_opt_
#define _Out_
#define _Out_opt_
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Outptr_result_nullonfailure_
#define _Out_writes_opt_(n)
#define _Out_writes_to_(n, m)
#define _In_range_(low, high)
#define _Out_range_(low, high)
#define _Field_range_(low, high)
#define _Field_size_(n)
#define _Field_size_opt_(n)
#define _Field_size_bytes_(n)
#define _Field_z_
#define _Struct_size_bytes_(n)
#define _Null_terminated_
#define _Printf_format_string_
#define _Kernel_clear_do_init_(x)
#define _Has_lock_kind_(x)
#define _Benign_race_begin_
#define _Benign_race_end_
#define _Inout_
#define _Inout_opt_
#define _In_reads_(n)
#define _In_reads_bytes_(n)
#define _In_reads_bytes_opt_(n)
#define _Out_writes_(n)
#define _Out_writes_bytes_(n)
#define _Inout_updates_(n)
#define _Inout_updates_bytes_(n)
#define _In_z_
#define _Reserved_
#define _Must_inspect_result_
#define _Check_return_
#define _Ret_maybenull_
#define _Ret_notnull_
#define _Success_(x)
#define _When_(x, y)
#define _At_(x, y)
#define _Post_
#define _Pre_
#define _Post_writable_byte_size_(n)
#define _Use_decl_annotations_
#define _Function_class_(x)
#define _IRQL_requires_(x)
#define _IRQL_requires_max_(x)
#define _IRQL_requires_min_(x)
#define _IRQL_requires_same_
#define _IRQL_saves_
#define _IRQL_restores_
#define _IRQL_raises_(x)
#define _IRQL_saves_global_(x, y)
#define _IRQL_restores_global_(x, y)
#define _Requires_lock_held_(x)
#define _Requires_lock_not_held_(x)
#define _Acquires_lock_(x)
#define _Releases_lock_(x)
#define _Guarded_by_(x)
#define _Interlocked_operand_
#define _Analysis_assume_(x)
#define __analysis_assume(x)
#define __drv_aliasesMem
#define __drv_freesMem(x)
#define __drv_allocatesMem(x)

#define UNREFERENCED_PARAMETER(x) ((void)(x))
#define UNREFERENCED_LOCAL_VARIABLE(x) ((void)(x))
#define DBG_UNREFERENCED_PARAMETER(x) ((void)(x))
#define C_ASSERT(x) KST_STATIC_ASSERT(x, #x)
#define FIELD_OFFSET(type, field) ((LONG)offsetof(type, field))
#define RTL_FIELD_SIZE(type, field) (sizeof(((type *)0)->field))
#define RTL_NUMBER_OF(a) (sizeof(a) / sizeof((a)[0]))
#define ARRAYSIZE(a) RTL_NUMBER_OF(a)
#define SIZEOF_ARRAY(a) RTL_NUMBER_OF(a)
#define CONTAINING_RECORD(address, type, field) \
  ((type *)((UCHAR *)(address) - offsetof(type, field)))
#ifndef __cplusplus
#ifndef min
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#endif
#endif
#define TRUE 1
#define FALSE 0
#define MAXULONG 0xFFFFFFFFu
#define MAXLONG 0x7FFFFFFF
#define MAXUSHORT 0xFFFF
#define MAXUCHAR 0xFF
#define MAXLONGLONG 0x7FFFFFFFFFFFFFFFll
#define MAXULONGLONG 0xFFFFFFFFFFFFFFFFull
#define Add2Ptr(p, n) ((PVOID)((PUCHAR)(p) + (n)))
#define PtrOffset(base, p) ((ULONG)((ULONG_PTR)(p) - (ULONG_PTR)(base)))
#define PAGE_SIZE 0x1000
#define PAGE_SHIFT 12
#define ROUND_TO_PAGES(n) (((ULONG_PTR)(n) + PAGE_SIZE - 1) & ~(ULONG_PTR)(PAGE_SIZE - 1))
#define BYTES_TO_PAGES(n) (((ULONG_PTR)(n) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PAGE_ALIGN(p) ((PVOID)((ULONG_PTR)(p) & ~(ULONG_PTR)(PAGE_SIZE - 1)))
#define BYTE_OFFSET(p) ((ULONG)((ULONG_PTR)(p) & (PAGE_SIZE - 1)))
#define ALIGN_DOWN_BY(n, a) ((ULONG_PTR)(n) & ~((ULONG_PTR)(a) - 1))
#define ALIGN_UP_BY(n, a) ALIGN_DOWN_BY((ULONG_PTR)(n) + (a) - 1, a)
#define ALIGN_DOWN_POINTER_BY(p, a) ((PVOID)ALIGN_DOWN_BY(p, a))
#define ALIGN_UP_POINTER_BY(p, a) ((PVOID)ALIGN_UP_BY(p, a))
#define SYSTEM_CACHE_ALIGNMENT_SIZE 64

/* --- status values --- */

#define NT_SUCCESS(s) (((NTSTATUS)(s)) >= 0)
#define NT_INFORMATION(s) ((((ULONG)(s)) >> 30) == 1)
#define NT_WARNING(s) ((((ULONG)(s)) >> 30) == 2)
#define NT_ERROR(s) ((((ULONG)(s)) >> 30) == 3)
#define STATUS_SUCCESS ((NTSTATUS)0x00000000)
#define STATUS_WAIT_0 ((NTSTATUS)0x00000000)
#define STATUS_TIMEOUT ((NTSTATUS)0x00000102)
#define STATUS_PENDING ((NTSTATUS)0x00000103)
#define STATUS_BUFFER_OVERFLOW ((NTSTATUS)0x80000005)
#define STATUS_DEVICE_BUSY ((NTSTATUS)0x80000011)
#define STATUS_UNSUCCESSFUL ((NTSTATUS)0xC0000001)
#define STATUS_NOT_IMPLEMENTED ((NTSTATUS)0xC0000002)
#define STATUS_INVALID_HANDLE ((NTSTATUS)0xC0000008)
#define STATUS_INVALID_PARAMETER ((NTSTATUS)0xC000000D)
#define STATUS_INVALID_DEVICE_REQUEST ((NTSTATUS)0xC0000010)
#define STATUS_NO_MEMORY ((NTSTATUS)0xC0000017)
#define STATUS_BUFFER_TOO_SMALL ((NTSTATUS)0xC0000023)
#define STATUS_DELETE_PENDING ((NTSTATUS)0xC0000056)
#define STATUS_INTEGER_OVERFLOW ((NTSTATUS)0xC0000095)
#define STATUS_INSUFFICIENT_RESOURCES ((NTSTATUS)0xC000009A)
#define STATUS_DEVICE_NOT_READY ((NTSTATUS)0xC00000A3)
#define STATUS_NOT_SUPPORTED ((NTSTATUS)0xC00000BB)
#define STATUS_INTERNAL_ERROR ((NTSTATUS)0xC00000E5)
#define STATUS_CANCELLED ((NTSTATUS)0xC0000120)
#define STATUS_INVALID_DEVICE_STATE ((NTSTATUS)0xC0000184)
#define STATUS_NOT_FOUND ((NTSTATUS)0xC0000225)

/* --- strings and memory --- */

typedef struct _UNICODE_STRING {
  USHORT Length;
  USHORT MaximumLength;
  PWSTR Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;

#define RTL_CONSTANT_STRING(s) {sizeof(s) - sizeof((s)[0]), sizeof(s), (PWSTR)(s)}
#define DECLARE_CONST_UNICODE_STRING(name, text) \
  static const WCHAR name##_buffer[] = text;     \
  static const UNICODE_STRING name = {           \
      sizeof(text) - sizeof(WCHAR), sizeof(text), (PWSTR)name##_buffer}
VOID RtlInitUnicodeString(PUNICODE_STRING to, PCWSTR from);

#define RtlZeroMemory(p, n) memset((p), 0, (n))
#define RtlSecureZeroMemory(p, n) memset((p), 0, (n))
#define RtlFillMemory(p, n, value) memset((p), (value), (n))
#define RtlCopyMemory(to, from, n) memcpy((to), (from), (n))
#define RtlMoveMemory(to, from, n) memmove((to), (from), (n))
#define RtlEqualMemory(a, b, n) (memcmp((a), (b), (n)) == 0)
SIZE_T RtlCompareMemory(const VOID *a, const VOID *b, SIZE_T bytes);

/* --- lists --- */

typedef struct _LIST_ENTRY {
  struct _LIST_ENTRY *Flink;
  struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY;

typedef struct _SINGLE_LIST_ENTRY {
  struct _SINGLE_LIST_ENTRY *Next;
} SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;

typedef struct DECLSPEC_ALIGN(16) _SLIST_ENTRY {
  struct _SLIST_ENTRY *Next;
} SLIST_ENTRY, *PSLIST_ENTRY;

typedef struct DECLSPEC_ALIGN(16) _SLIST_HEADER {
  PSLIST_ENTRY KstFirst;
  USHORT KstDepth;
  USHORT KstSequence;
} SLIST_HEADER, *PSLIST_HEADER;

/* A place where another thread may get in; see KST_YIELD in kst_abi.h. */
VOID KstMayYield(VOID);

FORCEINLINE VOID InitializeListHead(PLIST_ENTRY head) {
  head->Flink = head->Blink = head;
}
FORCEINLINE BOOLEAN IsListEmpty(const LIST_ENTRY *head) {
  return (BOOLEAN)(head->Flink == head);
}
/* As in the WDK a list whose links do not fit each other is a bug check. */
VOID KstListCorrupt(const LIST_ENTRY *entry, const char *where);
FORCEINLINE BOOLEAN RemoveEntryList(PLIST_ENTRY entry) {
  PLIST_ENTRY next = entry->Flink;
  PLIST_ENTRY before = entry->Blink;
  if (next->Blink != entry || before->Flink != entry) {
    KstListCorrupt(entry, "RemoveEntryList");
  }
  before->Flink = next;
  next->Blink = before;
  return (BOOLEAN)(next == before);
}
FORCEINLINE PLIST_ENTRY RemoveHeadList(PLIST_ENTRY head) {
  PLIST_ENTRY entry = head->Flink;
  KstMayYield();
  RemoveEntryList(entry);
  return entry;
}
FORCEINLINE PLIST_ENTRY RemoveTailList(PLIST_ENTRY head) {
  PLIST_ENTRY entry = head->Blink;
  KstMayYield();
  RemoveEntryList(entry);
  return entry;
}
FORCEINLINE VOID InsertTailList(PLIST_ENTRY head, PLIST_ENTRY entry) {
  PLIST_ENTRY last = head->Blink;
  if (last->Flink != head) {
    KstListCorrupt(head, "InsertTailList");
  }
  KstMayYield();
  entry->Flink = head;
  entry->Blink = last;
  last->Flink = entry;
  head->Blink = entry;
}
FORCEINLINE VOID InsertHeadList(PLIST_ENTRY head, PLIST_ENTRY entry) {
  PLIST_ENTRY first = head->Flink;
  if (first->Blink != head) {
    KstListCorrupt(head, "InsertHeadList");
  }
  KstMayYield();
  entry->Flink = first;
  entry->Blink = head;
  first->Blink = entry;
  head->Flink = entry;
}
FORCEINLINE VOID PushEntryList(PSINGLE_LIST_ENTRY head, PSINGLE_LIST_ENTRY entry) {
  entry->Next = head->Next;
  KstMayYield();
  head->Next = entry;
}
FORCEINLINE PSINGLE_LIST_ENTRY PopEntryList(PSINGLE_LIST_ENTRY head) {
  PSINGLE_LIST_ENTRY entry = head->Next;
  KstMayYield();
  if (entry != NULL) {
    head->Next = entry->Next;
  }
  return entry;
}

/* --- IRQL --- */

#define PASSIVE_LEVEL 0
#define LOW_LEVEL 0
#define APC_LEVEL 1
#define DISPATCH_LEVEL 2
#define HIGH_LEVEL 15

KIRQL KeGetCurrentIrql(VOID);
VOID KstRaiseIrql(KIRQL to, PKIRQL old, const char *routine);
VOID KeLowerIrql(KIRQL to);
KIRQL KeRaiseIrqlToDpcLevel(VOID);
#define KeRaiseIrql(to, old) KstRaiseIrql((to), (old), "KeRaiseIrql")
VOID KstPagedCode(const char *function);
#define PAGED_CODE() KstPagedCode(__func__)
#define PAGED_CODE_LOCKED() ((void)0)

/* --- pool --- */

typedef ULONG POOL_TYPE;
enum {
  NonPagedPool = 0,
  NonPagedPoolExecute = 0,
  PagedPool = 1,
  NonPagedPoolMustSucceed = 2,
  DontUseThisType = 3,
  NonPagedPoolCacheAligned = 4,
  PagedPoolCacheAligned = 5,
  NonPagedPoolCacheAlignedMustS = 6,
  MaxPoolType = 7,
  NonPagedPoolNx = 512,
  NonPagedPoolNxCacheAligned = 516
};
#define POOL_COLD_ALLOCATION 256
#define POOL_RAISE_IF_ALLOCATION_FAILURE 16

#define POOL_FLAG_USE_QUOTA 0x0000000000000001ull
#define POOL_FLAG_UNINITIALIZED 0x0000000000000002ull
#define POOL_FLAG_SESSION 0x0000000000000004ull
#define POOL_FLAG_CACHE_ALIGNED 0x0000000000000008ull
#define POOL_FLAG_RAISE_ON_FAILURE 0x0000000000000020ull
#define POOL_FLAG_NON_PAGED 0x0000000000000040ull
#define POOL_FLAG_NON_PAGED_EXECUTE 0x0000000000000080ull
#define POOL_FLAG_PAGED 0x0000000000000100ull

typedef enum _EX_POOL_PRIORITY {
  LowPoolPriority = 0,
  NormalPoolPriority = 16,
  HighPoolPriority = 32
} EX_POOL_PRIORITY;

PVOID ExAllocatePool(POOL_TYPE type, SIZE_T bytes);
PVOID ExAllocatePoolWithTag(POOL_TYPE type, SIZE_T bytes, ULONG tag);
PVOID ExAllocatePoolZero(POOL_TYPE type, SIZE_T bytes, ULONG tag);
PVOID ExAllocatePoolUninitialized(POOL_TYPE type, SIZE_T bytes, ULONG tag);
PVOID ExAllocatePoolWithTagPriority(
    POOL_TYPE type, SIZE_T bytes, ULONG tag, EX_POOL_PRIORITY priority);
PVOID ExAllocatePool2(POOL_FLAGS flags, SIZE_T bytes, ULONG tag);
VOID ExFreePool(PVOID block);
VOID ExFreePoolWithTag(PVOID block, ULONG tag);

/* --- memory that devices reach --- */

typedef enum _MEMORY_CACHING_TYPE {
  MmNonCached = 0,
  MmCached = 1,
  MmWriteCombined = 2
} MEMORY_CACHING_TYPE;

PVOID MmAllocateContiguousMemory(SIZE_T bytes, PHYSICAL_ADDRESS highest);
PVOID MmAllocateContiguousMemorySpecifyCache(
    SIZE_T bytes,
    PHYSICAL_ADDRESS lowest,
    PHYSICAL_ADDRESS highest,
    PHYSICAL_ADDRESS boundary,
    MEMORY_CACHING_TYPE cache);
VOID MmFreeContiguousMemory(PVOID base);
VOID MmFreeContiguousMemorySpecifyCache(PVOID base, SIZE_T bytes, MEMORY_CACHING_TYPE cache);
PVOID MmAllocateNonCachedMemory(SIZE_T bytes);
VOID MmFreeNonCachedMemory(PVOID base, SIZE_T bytes);
PHYSICAL_ADDRESS MmGetPhysicalAddress(PVOID address);

typedef struct _DEVICE_OBJECT DEVICE_OBJECT, *PDEVICE_OBJECT;
typedef struct _DRIVER_OBJECT DRIVER_OBJECT, *PDRIVER_OBJECT;
typedef struct _IRP IRP, *PIRP;
typedef NTSTATUS DRIVER_INITIALIZE(PDRIVER_OBJECT driver, PUNICODE_STRING registry);

typedef short CSHORT;
typedef struct _MDL {
  struct _MDL *Next;
  CSHORT Size;
  CSHORT MdlFlags;
  struct _EPROCESS *Process;
  PVOID MappedSystemVa;
  PVOID StartVa;
  ULONG ByteCount;
  ULONG ByteOffset;
} MDL, *PMDL;
#define MDL_MAPPED_TO_SYSTEM_VA 0x0001
#define MDL_SOURCE_IS_NONPAGED_POOL 0x0004
#define MmGetMdlVirtualAddress(mdl) ((PVOID)((PUCHAR)(mdl)->StartVa + (mdl)->ByteOffset))
#define MmGetMdlByteCount(mdl) ((mdl)->ByteCount)
#define MmGetMdlByteOffset(mdl) ((mdl)->ByteOffset)
PMDL IoAllocateMdl(PVOID address, ULONG bytes, BOOLEAN secondary, BOOLEAN quota, PIRP irp);
VOID IoFreeMdl(PMDL mdl);
VOID MmBuildMdlForNonPagedPool(PMDL mdl);
PVOID MmGetSystemAddressForMdlSafe(PMDL mdl, ULONG priority);

typedef struct _DEVICE_DESCRIPTION {
  ULONG Version;
  BOOLEAN Master;
  BOOLEAN ScatterGather;
  BOOLEAN DemandMode;
  BOOLEAN AutoInitialize;
  BOOLEAN Dma32BitAddresses;
  BOOLEAN IgnoreCount;
  BOOLEAN Reserved1;
  BOOLEAN Dma64BitAddresses;
  ULONG BusNumber;
  ULONG DmaChannel;
  ULONG InterfaceType;
  ULONG DmaWidth;
  ULONG DmaSpeed;
  ULONG MaximumLength;
  ULONG DmaPort;
} DEVICE_DESCRIPTION, *PDEVICE_DESCRIPTION;
#define DEVICE_DESCRIPTION_VERSION 0
#define DEVICE_DESCRIPTION_VERSION2 2

typedef struct _DMA_ADAPTER *PDMA_ADAPTER;
typedef VOID (*PPUT_DMA_ADAPTER)(PDMA_ADAPTER adapter);
typedef PVOID (*PALLOCATE_COMMON_BUFFER)(
    PDMA_ADAPTER adapter, ULONG bytes, PPHYSICAL_ADDRESS logical, BOOLEAN cached);
typedef VOID (*PFREE_COMMON_BUFFER)(
    PDMA_ADAPTER adapter, ULONG bytes, PHYSICAL_ADDRESS logical, PVOID base, BOOLEAN cached);

/* The operations behind these are for transfers; nobody replays one. */
typedef struct _DMA_OPERATIONS {
  ULONG Size;
  PPUT_DMA_ADAPTER PutDmaAdapter;
  PALLOCATE_COMMON_BUFFER AllocateCommonBuffer;
  PFREE_COMMON_BUFFER FreeCommonBuffer;
} DMA_OPERATIONS, *PDMA_OPERATIONS;

typedef struct _DMA_ADAPTER {
  USHORT Version;
  USHORT Size;
  PDMA_OPERATIONS DmaOperations;
} DMA_ADAPTER;

PDMA_ADAPTER IoGetDmaAdapter(
    PDEVICE_OBJECT device, PDEVICE_DESCRIPTION description, PULONG map_registers);

/* --- locks --- */

typedef ULONG_PTR KSPIN_LOCK, *PKSPIN_LOCK;

VOID KeInitializeSpinLock(PKSPIN_LOCK lock);
VOID KstAcquireSpinLock(PKSPIN_LOCK lock, PKIRQL old);
VOID KeReleaseSpinLock(PKSPIN_LOCK lock, KIRQL old);
VOID KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK lock);
VOID KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK lock);
KIRQL KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK lock);
BOOLEAN KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK lock);
#define KeAcquireSpinLock(lock, old) KstAcquireSpinLock((lock), (old))

typedef struct _KLOCK_QUEUE_HANDLE {
  PKSPIN_LOCK KstLock;
  KIRQL OldIrql;
} KLOCK_QUEUE_HANDLE, *PKLOCK_QUEUE_HANDLE;
VOID KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK lock, PKLOCK_QUEUE_HANDLE handle);
VOID KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE handle);

typedef struct _FAST_MUTEX {
  ULONG_PTR KstOwner;
  ULONG KstMagic;
  UCHAR KstOldIrql;
} FAST_MUTEX, *PFAST_MUTEX;
VOID ExInitializeFastMutex(PFAST_MUTEX mutex);
VOID ExAcquireFastMutex(PFAST_MUTEX mutex);
VOID ExReleaseFastMutex(PFAST_MUTEX mutex);
BOOLEAN ExTryToAcquireFastMutex(PFAST_MUTEX mutex);

/* --- interlocked operations --- */

#define KST_ATOMIC(name, type, operation)                                    \
  FORCEINLINE type name(type volatile *target, type value) {                 \
    KstMayYield();                                                           \
    return (type)operation(target, value, __ATOMIC_SEQ_CST);                 \
  }
KST_ATOMIC(InterlockedExchange, LONG, __atomic_exchange_n)
KST_ATOMIC(InterlockedExchangeAdd, LONG, __atomic_fetch_add)
KST_ATOMIC(InterlockedAdd, LONG, __atomic_add_fetch)
KST_ATOMIC(InterlockedOr, LONG, __atomic_fetch_or)
KST_ATOMIC(InterlockedAnd, LONG, __atomic_fetch_and)
KST_ATOMIC(InterlockedXor, LONG, __atomic_fetch_xor)
KST_ATOMIC(InterlockedExchange64, LONG64, __atomic_exchange_n)
KST_ATOMIC(InterlockedExchangeAdd64, LONG64, __atomic_fetch_add)
KST_ATOMIC(InterlockedAdd64, LONG64, __atomic_add_fetch)
KST_ATOMIC(InterlockedOr64, LONG64, __atomic_fetch_or)
KST_ATOMIC(InterlockedAnd64, LONG64, __atomic_fetch_and)
#undef KST_ATOMIC

FORCEINLINE LONG InterlockedIncrement(LONG volatile *target) {
  KstMayYield();
  return __atomic_add_fetch(target, 1, __ATOMIC_SEQ_CST);
}
FORCEINLINE LONG InterlockedDecrement(LONG volatile *target) {
  KstMayYield();
  return __atomic_sub_fetch(target, 1, __ATOMIC_SEQ_CST);
}
FORCEINLINE LONG64 InterlockedIncrement64(LONG64 volatile *target) {
  KstMayYield();
  return __atomic_add_fetch(target, 1, __ATOMIC_SEQ_CST);
}
FORCEINLINE LONG64 InterlockedDecrement64(LONG64 volatile *target) {
  KstMayYield();
  return __atomic_sub_fetch(target, 1, __ATOMIC_SEQ_CST);
}
FORCEINLINE LONG InterlockedCompareExchange(LONG volatile *target, LONG value, LONG expected) {
  KstMayYield();
  __atomic_compare_exchange_n(target, &expected, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return expected;
}
FORCEINLINE LONG64
InterlockedCompareExchange64(LONG64 volatile *target, LONG64 value, LONG64 expected) {
  KstMayYield();
  __atomic_compare_exchange_n(target, &expected, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return expected;
}
FORCEINLINE PVOID InterlockedExchangePointer(PVOID volatile *target, PVOID value) {
  KstMayYield();
  return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}
FORCEINLINE PVOID
InterlockedCompareExchangePointer(PVOID volatile *target, PVOID value, PVOID expected) {
  KstMayYield();
  __atomic_compare_exchange_n(target, &expected, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return expected;
}
FORCEINLINE BOOLEAN InterlockedBitTestAndSet(LONG volatile *base, LONG bit) {
  return (BOOLEAN)((__atomic_fetch_or(base, 1 << bit, __ATOMIC_SEQ_CST) >> bit) & 1);
}
FORCEINLINE BOOLEAN InterlockedBitTestAndReset(LONG volatile *base, LONG bit) {
  return (BOOLEAN)((__atomic_fetch_and(base, ~(1 << bit), __ATOMIC_SEQ_CST) >> bit) & 1);
}
#define ReadNoFence(source) __atomic_load_n((source), __ATOMIC_RELAXED)
#define ReadAcquire(source) __atomic_load_n((source), __ATOMIC_ACQUIRE)
#define WriteNoFence(target, value) __atomic_store_n((target), (value), __ATOMIC_RELAXED)
#define WriteRelease(target, value) __atomic_store_n((target), (value), __ATOMIC_RELEASE)
#define ReadPointerAcquire(source) ReadAcquire(source)
#define WritePointerRelease(target, value) WriteRelease(target, value)
#define KeMemoryBarrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define MemoryBarrier() KeMemoryBarrier()

VOID InitializeSListHead(PSLIST_HEADER head);
#define ExInitializeSListHead(head) InitializeSListHead(head)
PSLIST_ENTRY InterlockedPushEntrySList(PSLIST_HEADER head, PSLIST_ENTRY entry);
PSLIST_ENTRY InterlockedPopEntrySList(PSLIST_HEADER head);
PSLIST_ENTRY InterlockedFlushSList(PSLIST_HEADER head);
USHORT QueryDepthSList(PSLIST_HEADER head);
#define ExQueryDepthSList(head) QueryDepthSList(head)
#define ExInterlockedPushEntrySList(head, entry, lock) InterlockedPushEntrySList((head), (entry))
#define ExInterlockedPopEntrySList(head, lock) InterlockedPopEntrySList(head)
#define ExInterlockedFlushSList(head) InterlockedFlushSList(head)

PLIST_ENTRY ExInterlockedInsertHeadList(PLIST_ENTRY head, PLIST_ENTRY entry, PKSPIN_LOCK lock);
PLIST_ENTRY ExInterlockedInsertTailList(PLIST_ENTRY head, PLIST_ENTRY entry, PKSPIN_LOCK lock);
PLIST_ENTRY ExInterlockedRemoveHeadList(PLIST_ENTRY head, PKSPIN_LOCK lock);
PSINGLE_LIST_ENTRY ExInterlockedPushEntryList(
    PSINGLE_LIST_ENTRY head, PSINGLE_LIST_ENTRY entry, PKSPIN_LOCK lock);
PSINGLE_LIST_ENTRY ExInterlockedPopEntryList(PSINGLE_LIST_ENTRY head, PKSPIN_LOCK lock);

/* --- lookaside lists --- */

typedef PVOID ALLOCATE_FUNCTION(POOL_TYPE type, SIZE_T bytes, ULONG tag);
typedef ALLOCATE_FUNCTION *PALLOCATE_FUNCTION;
typedef VOID FREE_FUNCTION(PVOID block);
typedef FREE_FUNCTION *PFREE_FUNCTION;

typedef struct DECLSPEC_ALIGN(16) _GENERAL_LOOKASIDE {
  PVOID KstFirst;
  ULONG KstMagic;
  ULONG KstDepth;
  POOL_TYPE KstType;
  ULONG KstTag;
  SIZE_T KstBytes;
  PALLOCATE_FUNCTION KstAllocate;
  PFREE_FUNCTION KstFree;
} NPAGED_LOOKASIDE_LIST, *PNPAGED_LOOKASIDE_LIST, PAGED_LOOKASIDE_LIST, *PPAGED_LOOKASIDE_LIST,
    LOOKASIDE_LIST_EX, *PLOOKASIDE_LIST_EX;

VOID ExInitializeNPagedLookasideList(
    PNPAGED_LOOKASIDE_LIST list,
    PALLOCATE_FUNCTION allocate,
    PFREE_FUNCTION release,
    ULONG flags,
    SIZE_T bytes,
    ULONG tag,
    USHORT depth);
VOID ExInitializePagedLookasideList(
    PPAGED_LOOKASIDE_LIST list,
    PALLOCATE_FUNCTION allocate,
    PFREE_FUNCTION release,
    ULONG flags,
    SIZE_T bytes,
    ULONG tag,
    USHORT depth);
VOID ExDeleteNPagedLookasideList(PNPAGED_LOOKASIDE_LIST list);
VOID ExDeletePagedLookasideList(PPAGED_LOOKASIDE_LIST list);
PVOID ExAllocateFromNPagedLookasideList(PNPAGED_LOOKASIDE_LIST list);
PVOID ExAllocateFromPagedLookasideList(PPAGED_LOOKASIDE_LIST list);
VOID ExFreeToNPagedLookasideList(PNPAGED_LOOKASIDE_LIST list, PVOID entry);
VOID ExFreeToPagedLookasideList(PPAGED_LOOKASIDE_LIST list, PVOID entry);
/* The callbacks of an extended list also get the list; only NULL is offered here. */
NTSTATUS ExInitializeLookasideListEx(
    PLOOKASIDE_LIST_EX list,
    PVOID allocate,
    PVOID release,
    POOL_TYPE type,
    ULONG flags,
    SIZE_T bytes,
    ULONG tag,
    USHORT depth);
VOID ExDeleteLookasideListEx(PLOOKASIDE_LIST_EX list);
PVOID ExAllocateFromLookasideListEx(PLOOKASIDE_LIST_EX list);
VOID ExFreeToLookasideListEx(PLOOKASIDE_LIST_EX list, PVOID entry);

/* --- objects to wait for --- */

typedef enum _EVENT_TYPE { NotificationEvent, SynchronizationEvent } EVENT_TYPE;
typedef enum _KWAIT_REASON { Executive = 0, UserRequest = 6 } KWAIT_REASON;
typedef enum _WAIT_TYPE { WaitAll, WaitAny } WAIT_TYPE;
enum { KernelMode = 0, UserMode = 1 };
typedef struct _KWAIT_BLOCK {
  PVOID KstUnused;
} KWAIT_BLOCK, *PKWAIT_BLOCK;
#define IO_NO_INCREMENT 0
#define EVENT_INCREMENT 1
#define MAXIMUM_WAIT_OBJECTS 64
#define THREAD_WAIT_OBJECTS 3

/* The beginning of everything that can be waited for. */
typedef struct _DISPATCHER_HEADER {
  ULONG KstMagic;
  UCHAR KstKind;
  LONG KstSignals;
} DISPATCHER_HEADER;
typedef struct _KEVENT {
  DISPATCHER_HEADER Header;
} KEVENT, *PKEVENT, *PRKEVENT;
typedef struct _KSEMAPHORE {
  DISPATCHER_HEADER Header;
  LONG Limit;
} KSEMAPHORE, *PKSEMAPHORE, *PRKSEMAPHORE;
typedef struct _KMUTANT {
  DISPATCHER_HEADER Header;
  ULONG KstOwner;
  ULONG KstCount;
} KMUTEX, *PKMUTEX, *PRKMUTEX;

VOID KeInitializeEvent(PRKEVENT event, EVENT_TYPE type, BOOLEAN signalled);
LONG KeSetEvent(PRKEVENT event, KPRIORITY increment, BOOLEAN wait);
VOID KeClearEvent(PRKEVENT event);
LONG KeResetEvent(PRKEVENT event);
LONG KeReadStateEvent(PRKEVENT event);
VOID KeInitializeSemaphore(PRKSEMAPHORE semaphore, LONG count, LONG limit);
LONG KeReleaseSemaphore(PRKSEMAPHORE semaphore, KPRIORITY increment, LONG count, BOOLEAN wait);
VOID KeInitializeMutex(PRKMUTEX mutex, ULONG level);
LONG KeReleaseMutex(PRKMUTEX mutex, BOOLEAN wait);
NTSTATUS KeWaitForSingleObject(
    PVOID object,
    KWAIT_REASON reason,
    KPROCESSOR_MODE mode,
    BOOLEAN alertable,
    PLARGE_INTEGER timeout);
NTSTATUS KeWaitForMultipleObjects(
    ULONG count,
    PVOID objects[],
    WAIT_TYPE type,
    KWAIT_REASON reason,
    KPROCESSOR_MODE mode,
    BOOLEAN alertable,
    PLARGE_INTEGER timeout,
    PKWAIT_BLOCK blocks);
#define KeWaitForMutexObject KeWaitForSingleObject
NTSTATUS KeDelayExecutionThread(KPROCESSOR_MODE mode, BOOLEAN alertable, PLARGE_INTEGER interval);

/* --- time and threads, as recorded --- */

typedef struct _KTHREAD *PKTHREAD, *PETHREAD, *PRKTHREAD;
PKTHREAD KeGetCurrentThread(VOID);
#define PsGetCurrentThread() KeGetCurrentThread()
HANDLE PsGetCurrentThreadId(VOID);
ULONG KeGetCurrentProcessorNumber(VOID);
VOID KeQuerySystemTime(PLARGE_INTEGER time);
#define KeQuerySystemTimePrecise(time) KeQuerySystemTime(time)
LARGE_INTEGER KeQueryPerformanceCounter(PLARGE_INTEGER frequency);
ULONGLONG KeQueryInterruptTime(VOID);
VOID KeQueryTickCount(PLARGE_INTEGER count);
ULONG KeQueryTimeIncrement(VOID);
VOID KeStallExecutionProcessor(ULONG microseconds);

/* --- words to the developer --- */

/* With the formats of Microsoft's compiler, which this one cannot check. */
ULONG DbgPrint(const char *format, ...);
ULONG DbgPrintEx(ULONG component, ULONG level, const char *format, ...);
#define DPFLTR_IHVDRIVER_ID 77
#define DPFLTR_IHVVIDEO_ID 78
#define DPFLTR_IHVAUDIO_ID 79
#define DPFLTR_IHVNETWORK_ID 80
#define DPFLTR_IHVSTREAMING_ID 81
#define DPFLTR_IHVBUS_ID 82
#define DPFLTR_ERROR_LEVEL 0
#define DPFLTR_WARNING_LEVEL 1
#define DPFLTR_TRACE_LEVEL 2
#define DPFLTR_INFO_LEVEL 3
VOID KstAssertionFailed(const char *text, const char *file, int line);
VOID KeBugCheck(ULONG code);
VOID KeBugCheckEx(ULONG code, ULONG_PTR a, ULONG_PTR b, ULONG_PTR c, ULONG_PTR d);
#define DbgBreakPoint() KstAssertionFailed("DbgBreakPoint", __FILE__, __LINE__)
#if DBG
#define KdPrint(x) DbgPrint x
#define KdPrintEx(x) DbgPrintEx x
#define KdBreakPoint() DbgBreakPoint()
#define ASSERT(x) ((x) ? (void)0 : KstAssertionFailed(#x, __FILE__, __LINE__))
#define ASSERTMSG(text, x) ((x) ? (void)0 : KstAssertionFailed(text, __FILE__, __LINE__))
#else
#define KdPrint(x)
#define KdPrintEx(x)
#define KdBreakPoint()
#define ASSERT(x) ((void)0)
#define ASSERTMSG(text, x) ((void)0)
#endif
#define NT_ASSERT(x) ASSERT(x)
#define NT_ASSERTMSG(text, x) ASSERTMSG(text, x)
#define NT_VERIFY(x) ((x) ? 1 : (KstAssertionFailed(#x, __FILE__, __LINE__), 0))

#ifdef __cplusplus
}
#endif

#endif

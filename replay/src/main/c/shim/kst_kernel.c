/* IRQL, locks, lists, waits, time and messages of the kernel, in user mode. */
#include "kst_shim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* --- the host --- */

static struct kst_cpu lone_cpu = {0, 0, KST_NONE, PASSIVE_LEVEL, 0, 0};

static void lone_note(int kind, uint32_t tag, uint64_t a, uint64_t b, const char *text) {
  (void)kind;
  (void)tag;
  (void)a;
  (void)b;
  fprintf(stderr, "kstrace shim: %s\n", text);
}

static void lone_block(const void *object, const char *what) {
  fprintf(stderr, "kstrace shim: waits for ever for %s %p\n", what, object);
  abort();
}

static void lone_wake(const void *object) {
  (void)object;
}

static void lone_yield(void) {}

static void lone_bugcheck(const char *text) {
  fprintf(stderr, "kstrace shim: %s\n", text);
  abort();
}

/* For programs that link the shim without a host, such as exported test cases. */
static const struct kst_services lone = {
    &lone_cpu, lone_note, lone_block, lone_wake, lone_yield, lone_bugcheck};

const struct kst_services *kst_host = &lone;

static void attach(const struct kst_services *services) {
  kst_host = services;
}

void kst_note(int kind, ULONG tag, uint64_t a, uint64_t b, const char *format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  kst_host->note(kind, tag, a, b, text);
}

const char *kst_tag_text(ULONG tag, char *text) {
  for (int i = 0; i < 4; i++) {
    char c = (char)(tag >> (8 * i));
    text[i] = c >= ' ' && c < 0x7F ? c : '.';
  }
  text[4] = 0;
  return text;
}

VOID KstMayYield(VOID) {
  struct kst_cpu *cpu = kst_host->cpu;
  if (cpu->yield_at != 0 && --cpu->yield_at == 0) {
    kst_host->yield();
  }
}

/* --- IRQL --- */

static const char *irql_name(KIRQL irql) {
  switch (irql) {
    case PASSIVE_LEVEL: return "PASSIVE_LEVEL";
    case APC_LEVEL: return "APC_LEVEL";
    case DISPATCH_LEVEL: return "DISPATCH_LEVEL";
    case HIGH_LEVEL: return "HIGH_LEVEL";
    default: return "a device's IRQL";
  }
}

void kst_require_irql(KIRQL highest, const char *routine) {
  KIRQL irql = kst_host->cpu->irql;
  if (irql > highest) {
    kst_note(KST_NOTE_IRQL, 0, irql, highest, "%s at %s, allowed up to %s", routine,
        irql_name(irql), irql_name(highest));
  }
}

KIRQL KeGetCurrentIrql(VOID) {
  return kst_host->cpu->irql;
}

VOID KstRaiseIrql(KIRQL to, PKIRQL old, const char *routine) {
  *old = kst_host->cpu->irql;
  if (to < *old) {
    kst_note(KST_NOTE_IRQL, 0, *old, to, "%s from %s down to %s", routine, irql_name(*old),
        irql_name(to));
  }
  kst_host->cpu->irql = to;
}

VOID KeLowerIrql(KIRQL to) {
  KIRQL irql = kst_host->cpu->irql;
  if (to > irql) {
    kst_note(KST_NOTE_IRQL, 0, irql, to, "KeLowerIrql from %s up to %s", irql_name(irql),
        irql_name(to));
  }
  kst_host->cpu->irql = to;
}

KIRQL KeRaiseIrqlToDpcLevel(VOID) {
  KIRQL old;
  KstRaiseIrql(DISPATCH_LEVEL, &old, "KeRaiseIrqlToDpcLevel");
  return old;
}

VOID KstPagedCode(const char *function) {
  kst_require_irql(APC_LEVEL, function);
}

/* --- spin locks --- */

#define HELD_LOCKS 64

/* Which locks are held by whom, since a lock itself has no room for more than one word. */
static struct {
  PKSPIN_LOCK lock;
  ULONG thread;
  int reported;
} held[HELD_LOCKS];
static int held_count;

static void take_lock(PKSPIN_LOCK lock) {
  KstMayYield();
  while (__atomic_load_n(lock, __ATOMIC_ACQUIRE) != 0) {
    kst_host->block(lock, "the spin lock");
  }
  __atomic_store_n(lock, (ULONG_PTR)1, __ATOMIC_RELEASE);
  if (held_count < HELD_LOCKS) {
    held[held_count].lock = lock;
    held[held_count].reported = 0;
    held[held_count++].thread = kst_host->cpu->thread;
  }
}

static void drop_lock(PKSPIN_LOCK lock, const char *routine) {
  if (*lock == 0) {
    kst_note(KST_NOTE_LOCK, 0, (uint64_t)(uintptr_t)lock, 0, "%s: spin lock %p is not held",
        routine, (void *)lock);
    return;
  }
  __atomic_store_n(lock, (ULONG_PTR)0, __ATOMIC_RELEASE);
  for (int i = held_count - 1; i >= 0; i--) {
    if (held[i].lock == lock) {
      held[i] = held[--held_count];
      break;
    }
  }
  kst_host->wake(lock);
  KstMayYield();
}

VOID KeInitializeSpinLock(PKSPIN_LOCK lock) {
  *lock = 0;
}

KIRQL KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK lock) {
  KIRQL old;
  kst_require_irql(DISPATCH_LEVEL, "KeAcquireSpinLock");
  old = kst_host->cpu->irql;
  kst_host->cpu->irql = DISPATCH_LEVEL;
  take_lock(lock);
  return old;
}

VOID KstAcquireSpinLock(PKSPIN_LOCK lock, PKIRQL old) {
  *old = KeAcquireSpinLockRaiseToDpc(lock);
}

VOID KeReleaseSpinLock(PKSPIN_LOCK lock, KIRQL old) {
  drop_lock(lock, "KeReleaseSpinLock");
  kst_host->cpu->irql = old;
}

static void require_dispatch(const char *routine) {
  KIRQL irql = kst_host->cpu->irql;
  if (irql < DISPATCH_LEVEL) {
    kst_note(KST_NOTE_IRQL, 0, irql, DISPATCH_LEVEL, "%s at %s, allowed from DISPATCH_LEVEL on",
        routine, irql_name(irql));
  }
}

VOID KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK lock) {
  require_dispatch("KeAcquireSpinLockAtDpcLevel");
  take_lock(lock);
}

VOID KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK lock) {
  require_dispatch("KeReleaseSpinLockFromDpcLevel");
  drop_lock(lock, "KeReleaseSpinLockFromDpcLevel");
}

BOOLEAN KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK lock) {
  require_dispatch("KeTryToAcquireSpinLockAtDpcLevel");
  if (*lock != 0) {
    return FALSE;
  }
  take_lock(lock);
  return TRUE;
}

VOID KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK lock, PKLOCK_QUEUE_HANDLE handle) {
  handle->KstLock = lock;
  handle->OldIrql = KeAcquireSpinLockRaiseToDpc(lock);
}

VOID KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE handle) {
  KeReleaseSpinLock(handle->KstLock, handle->OldIrql);
}

/* --- fast mutexes --- */

#define MUTEX 0x7874754D

static void check_mutex(const FAST_MUTEX *mutex, const char *routine) {
  if (mutex->KstMagic != MUTEX) {
    kst_note(KST_NOTE_MISUSE, 0, (uint64_t)(uintptr_t)mutex, 0,
        "%s: the fast mutex is not initialized", routine);
  }
}

VOID ExInitializeFastMutex(PFAST_MUTEX mutex) {
  memset(mutex, 0, sizeof *mutex);
  mutex->KstMagic = MUTEX;
}

VOID ExAcquireFastMutex(PFAST_MUTEX mutex) {
  check_mutex(mutex, "ExAcquireFastMutex");
  kst_require_irql(APC_LEVEL, "ExAcquireFastMutex");
  while (__atomic_load_n(&mutex->KstOwner, __ATOMIC_ACQUIRE) != 0) {
    kst_host->block(mutex, "the fast mutex");
  }
  mutex->KstOwner = (ULONG_PTR)kst_host->cpu->thread + 1;
  mutex->KstOldIrql = kst_host->cpu->irql;
  kst_host->cpu->irql = APC_LEVEL;
}

BOOLEAN ExTryToAcquireFastMutex(PFAST_MUTEX mutex) {
  check_mutex(mutex, "ExTryToAcquireFastMutex");
  if (mutex->KstOwner != 0) {
    return FALSE;
  }
  ExAcquireFastMutex(mutex);
  return TRUE;
}

VOID ExReleaseFastMutex(PFAST_MUTEX mutex) {
  check_mutex(mutex, "ExReleaseFastMutex");
  if (mutex->KstOwner != (ULONG_PTR)kst_host->cpu->thread + 1) {
    kst_note(KST_NOTE_LOCK, 0, (uint64_t)(uintptr_t)mutex, 0,
        "ExReleaseFastMutex: the caller does not hold the fast mutex");
  }
  kst_host->cpu->irql = mutex->KstOldIrql;
  __atomic_store_n(&mutex->KstOwner, (ULONG_PTR)0, __ATOMIC_RELEASE);
  kst_host->wake(mutex);
}

/* --- interlocked lists --- */

VOID KstListCorrupt(const LIST_ENTRY *entry, const char *where) {
  char text[128];
  snprintf(text, sizeof text, "KERNEL_SECURITY_CHECK_FAILURE: %s found list entry %p corrupt",
      where, (const void *)entry);
  kst_host->bugcheck(text);
}

VOID InitializeSListHead(PSLIST_HEADER head) {
  memset(head, 0, sizeof *head);
}

PSLIST_ENTRY InterlockedPushEntrySList(PSLIST_HEADER head, PSLIST_ENTRY entry) {
  KstMayYield();
  PSLIST_ENTRY first = __atomic_load_n(&head->KstFirst, __ATOMIC_ACQUIRE);
  entry->Next = first;
  __atomic_store_n(&head->KstFirst, entry, __ATOMIC_RELEASE);
  head->KstDepth++;
  head->KstSequence++;
  return first;
}

PSLIST_ENTRY InterlockedPopEntrySList(PSLIST_HEADER head) {
  KstMayYield();
  PSLIST_ENTRY first = __atomic_load_n(&head->KstFirst, __ATOMIC_ACQUIRE);
  if (first != NULL) {
    __atomic_store_n(&head->KstFirst, first->Next, __ATOMIC_RELEASE);
    head->KstDepth--;
    head->KstSequence++;
  }
  return first;
}

PSLIST_ENTRY InterlockedFlushSList(PSLIST_HEADER head) {
  PSLIST_ENTRY first = head->KstFirst;
  head->KstFirst = NULL;
  head->KstDepth = 0;
  return first;
}

USHORT QueryDepthSList(PSLIST_HEADER head) {
  return head->KstDepth;
}

PLIST_ENTRY ExInterlockedInsertHeadList(PLIST_ENTRY head, PLIST_ENTRY entry, PKSPIN_LOCK lock) {
  take_lock(lock);
  PLIST_ENTRY first = IsListEmpty(head) ? NULL : head->Flink;
  InsertHeadList(head, entry);
  drop_lock(lock, "ExInterlockedInsertHeadList");
  return first;
}

PLIST_ENTRY ExInterlockedInsertTailList(PLIST_ENTRY head, PLIST_ENTRY entry, PKSPIN_LOCK lock) {
  take_lock(lock);
  PLIST_ENTRY last = IsListEmpty(head) ? NULL : head->Blink;
  InsertTailList(head, entry);
  drop_lock(lock, "ExInterlockedInsertTailList");
  return last;
}

PLIST_ENTRY ExInterlockedRemoveHeadList(PLIST_ENTRY head, PKSPIN_LOCK lock) {
  take_lock(lock);
  PLIST_ENTRY entry = IsListEmpty(head) ? NULL : RemoveHeadList(head);
  drop_lock(lock, "ExInterlockedRemoveHeadList");
  return entry;
}

PSINGLE_LIST_ENTRY ExInterlockedPushEntryList(
    PSINGLE_LIST_ENTRY head, PSINGLE_LIST_ENTRY entry, PKSPIN_LOCK lock) {
  take_lock(lock);
  PSINGLE_LIST_ENTRY first = head->Next;
  PushEntryList(head, entry);
  drop_lock(lock, "ExInterlockedPushEntryList");
  return first;
}

PSINGLE_LIST_ENTRY ExInterlockedPopEntryList(PSINGLE_LIST_ENTRY head, PKSPIN_LOCK lock) {
  take_lock(lock);
  PSINGLE_LIST_ENTRY entry = PopEntryList(head);
  drop_lock(lock, "ExInterlockedPopEntryList");
  return entry;
}

SIZE_T RtlCompareMemory(const VOID *a, const VOID *b, SIZE_T bytes) {
  SIZE_T same = 0;
  while (same < bytes && ((const UCHAR *)a)[same] == ((const UCHAR *)b)[same]) {
    same++;
  }
  return same;
}

/* --- waits --- */

#define OBJECT 0x6A624F4B
enum { NOTIFICATION = 1, SYNCHRONIZATION, SEMAPHORE, MUTANT };

static const char *const WHAT[] = {
    "an object that is not initialized", "the notification event", "the synchronization event",
    "the semaphore", "the mutex"};

static DISPATCHER_HEADER *header_of(PVOID object, const char *routine) {
  DISPATCHER_HEADER *header = object;
  if (header->KstMagic != OBJECT) {
    kst_note(KST_NOTE_MISUSE, 0, (uint64_t)(uintptr_t)object, 0,
        "%s: the object at %p is not initialized", routine, object);
    header->KstMagic = OBJECT;
    header->KstKind = NOTIFICATION;
    header->KstSignals = 0;
  }
  return header;
}

/* Whoever is let go by this sees what was written before it: a sanitizer has to know. */
static void signal_to(DISPATCHER_HEADER *header, LONG signals) {
  __atomic_store_n(&header->KstSignals, signals, __ATOMIC_RELEASE);
}

static void make_object(DISPATCHER_HEADER *header, UCHAR kind, LONG signals) {
  header->KstMagic = OBJECT;
  header->KstKind = kind;
  header->KstSignals = signals;
}

VOID KeInitializeEvent(PRKEVENT event, EVENT_TYPE type, BOOLEAN signalled) {
  make_object(&event->Header, type == NotificationEvent ? NOTIFICATION : SYNCHRONIZATION,
      signalled ? 1 : 0);
}

LONG KeSetEvent(PRKEVENT event, KPRIORITY increment, BOOLEAN wait) {
  DISPATCHER_HEADER *header = header_of(event, "KeSetEvent");
  LONG before = header->KstSignals;
  (void)increment;
  (void)wait;
  kst_require_irql(DISPATCH_LEVEL, "KeSetEvent");
  signal_to(header, 1);
  kst_host->wake(event);
  return before;
}

LONG KeResetEvent(PRKEVENT event) {
  DISPATCHER_HEADER *header = header_of(event, "KeResetEvent");
  LONG before = header->KstSignals;
  kst_require_irql(DISPATCH_LEVEL, "KeResetEvent");
  header->KstSignals = 0;
  return before;
}

VOID KeClearEvent(PRKEVENT event) {
  header_of(event, "KeClearEvent")->KstSignals = 0;
}

LONG KeReadStateEvent(PRKEVENT event) {
  return header_of(event, "KeReadStateEvent")->KstSignals;
}

VOID KeInitializeSemaphore(PRKSEMAPHORE semaphore, LONG count, LONG limit) {
  make_object(&semaphore->Header, SEMAPHORE, count);
  semaphore->Limit = limit;
}

LONG KeReleaseSemaphore(PRKSEMAPHORE semaphore, KPRIORITY increment, LONG count, BOOLEAN wait) {
  DISPATCHER_HEADER *header = header_of(semaphore, "KeReleaseSemaphore");
  LONG before = header->KstSignals;
  (void)increment;
  (void)wait;
  kst_require_irql(DISPATCH_LEVEL, "KeReleaseSemaphore");
  if (count <= 0 || count > semaphore->Limit - before) {
    kst_host->bugcheck("STATUS_SEMAPHORE_LIMIT_EXCEEDED raised by KeReleaseSemaphore");
    return before;
  }
  signal_to(header, before + count);
  kst_host->wake(semaphore);
  return before;
}

VOID KeInitializeMutex(PRKMUTEX mutex, ULONG level) {
  (void)level;
  make_object(&mutex->Header, MUTANT, 1);
  mutex->KstOwner = 0;
  mutex->KstCount = 0;
}

LONG KeReleaseMutex(PRKMUTEX mutex, BOOLEAN wait) {
  DISPATCHER_HEADER *header = header_of(mutex, "KeReleaseMutex");
  (void)wait;
  if (mutex->KstCount == 0 || mutex->KstOwner != kst_host->cpu->thread) {
    kst_host->bugcheck("STATUS_MUTANT_NOT_OWNED raised by KeReleaseMutex");
    return 0;
  }
  if (--mutex->KstCount == 0) {
    signal_to(header, 1);
    kst_host->wake(mutex);
  }
  return (LONG)mutex->KstCount;
}

static int is_signalled(const DISPATCHER_HEADER *header) {
  LONG signals = __atomic_load_n(&header->KstSignals, __ATOMIC_ACQUIRE);
  if (header->KstKind == MUTANT && signals == 0) {
    return ((const KMUTEX *)header)->KstOwner == kst_host->cpu->thread;
  }
  return signals > 0;
}

static void consume(DISPATCHER_HEADER *header) {
  switch (header->KstKind) {
    case SYNCHRONIZATION: header->KstSignals = 0; break;
    case SEMAPHORE: header->KstSignals--; break;
    case MUTANT:
      header->KstSignals = 0;
      ((PKMUTEX)header)->KstOwner = kst_host->cpu->thread;
      ((PKMUTEX)header)->KstCount++;
      break;
    default: break;
  }
}

NTSTATUS KeWaitForMultipleObjects(ULONG count, PVOID objects[], WAIT_TYPE type, KWAIT_REASON reason,
    KPROCESSOR_MODE mode, BOOLEAN alertable, PLARGE_INTEGER timeout, PKWAIT_BLOCK blocks) {
  (void)reason;
  (void)mode;
  (void)alertable;
  (void)blocks;
  /* Nobody may sleep at DISPATCH_LEVEL; to look (a timeout of zero) is allowed there. */
  kst_require_irql(
      timeout != NULL && timeout->QuadPart == 0 ? DISPATCH_LEVEL : APC_LEVEL, "KeWaitFor...Object");
  for (;;) {
    ULONG ready = 0;
    PVOID missing = NULL;
    for (ULONG i = 0; i < count; i++) {
      DISPATCHER_HEADER *header = header_of(objects[i], "KeWaitFor...Object");
      if (!is_signalled(header)) {
        missing = objects[i];
      } else if (type == WaitAny) {
        consume(header);
        return STATUS_WAIT_0 + (NTSTATUS)i;
      } else {
        ready++;
      }
    }
    if (ready == count) {
      for (ULONG i = 0; i < count; i++) {
        consume(objects[i]);
      }
      return STATUS_SUCCESS;
    }
    /* Recorded time does not pass while a call is inside: whatever has a limit is over at once. */
    if (timeout != NULL) {
      return STATUS_TIMEOUT;
    }
    /* Whoever waits for any of several looks again whenever anything is signalled. */
    kst_host->block(type == WaitAny && count > 1 ? NULL : missing,
        WHAT[((DISPATCHER_HEADER *)missing)->KstKind]);
  }
}

NTSTATUS KeWaitForSingleObject(PVOID object, KWAIT_REASON reason, KPROCESSOR_MODE mode,
    BOOLEAN alertable, PLARGE_INTEGER timeout) {
  return KeWaitForMultipleObjects(1, &object, WaitAll, reason, mode, alertable, timeout, NULL);
}

NTSTATUS KeDelayExecutionThread(KPROCESSOR_MODE mode, BOOLEAN alertable, PLARGE_INTEGER interval) {
  (void)mode;
  (void)alertable;
  (void)interval;
  kst_require_irql(APC_LEVEL, "KeDelayExecutionThread");
  return STATUS_SUCCESS;
}

/* --- time and threads --- */

PKTHREAD KeGetCurrentThread(VOID) {
  /* Never dereferenced; no two threads alike, and none NULL. */
  return (PKTHREAD)(uintptr_t)(0xFFFF800000000000ull + ((uint64_t)kst_host->cpu->thread << 6));
}

HANDLE PsGetCurrentThreadId(VOID) {
  return (HANDLE)(uintptr_t)kst_host->cpu->thread;
}

ULONG KeGetCurrentProcessorNumber(VOID) {
  return 0;
}

/* 1 January 2024 in units of 100 ns since 1601: some day, and always the same. */
#define SYSTEM_START 133485408000000000ll

VOID RtlInitUnicodeString(PUNICODE_STRING to, PCWSTR from) {
  USHORT length = 0;
  while (from != NULL && from[length] != 0) {
    length++;
  }
  to->Length = (USHORT)(length * sizeof(WCHAR));
  to->MaximumLength = (USHORT)(from == NULL ? 0 : to->Length + sizeof(WCHAR));
  to->Buffer = (PWSTR)from;
}

VOID KeQuerySystemTime(PLARGE_INTEGER time) {
  time->QuadPart = SYSTEM_START + (LONGLONG)(kst_host->cpu->time / 100);
}

LARGE_INTEGER KeQueryPerformanceCounter(PLARGE_INTEGER frequency) {
  LARGE_INTEGER count;
  if (frequency != NULL) {
    frequency->QuadPart = 10000000;
  }
  count.QuadPart = (LONGLONG)(kst_host->cpu->time / 100);
  return count;
}

ULONGLONG KeQueryInterruptTime(VOID) {
  return kst_host->cpu->time / 100;
}

VOID KeQueryTickCount(PLARGE_INTEGER count) {
  count->QuadPart = (LONGLONG)(kst_host->cpu->time / 15625000);
}

ULONG KeQueryTimeIncrement(VOID) {
  return 156250;
}

VOID KeStallExecutionProcessor(ULONG microseconds) {
  (void)microseconds;
}

/* --- messages --- */

VOID KstAssertionFailed(const char *text, const char *file, int line) {
  const char *name = strrchr(file, '/');
  kst_note(KST_NOTE_ASSERT, 0, (uint64_t)line, 0, "assertion failed: %s (%s:%d)", text,
      name != NULL ? name + 1 : file, line);
}

VOID KeBugCheckEx(ULONG code, ULONG_PTR a, ULONG_PTR b, ULONG_PTR c, ULONG_PTR d) {
  char text[128];
  snprintf(text, sizeof text, "KeBugCheckEx(0x%X, 0x%llx, 0x%llx, 0x%llx, 0x%llx)", (unsigned)code,
      (unsigned long long)a, (unsigned long long)b, (unsigned long long)c, (unsigned long long)d);
  kst_host->bugcheck(text);
}

VOID KeBugCheck(ULONG code) {
  KeBugCheckEx(code, 0, 0, 0, 0);
}

/* --- what the host looks for --- */

static void after_call(void) {
  for (int i = 0; i < held_count; i++) {
    if (held[i].thread == kst_host->cpu->thread && !held[i].reported) {
      held[i].reported = 1;
      kst_note(KST_NOTE_LOCK, 0, (uint64_t)(uintptr_t)held[i].lock, 0,
          "returned with spin lock %p still held", (void *)held[i].lock);
    }
  }
}

__attribute__((visibility("default"))) const struct kst_shim_table kst_shim = {
    KST_ABI_VERSION,
    attach,
    kst_frame_bytes,
    kst_pool_before_call,
    after_call,
    kst_pool_after_delete,
    kst_pool_fixed,
    kst_pool_tell};

/*
 * The kernel's part for tests on other systems: the types that the probe names, and an ETW that keeps
 * what it is given. Only what the probe needs, written from the public documentation.
 */
#ifndef ETW_STAND_IN_H
#define ETW_STAND_IN_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef void VOID, *PVOID;
typedef unsigned char UCHAR;
typedef unsigned short USHORT;
typedef int32_t LONG, NTSTATUS;
typedef uint32_t ULONG;
typedef int64_t LONGLONG;
typedef uint64_t ULONGLONG, REGHANDLE, *PREGHANDLE;
typedef uintptr_t ULONG_PTR;
typedef int POOL_TYPE;
typedef union {
  LONGLONG QuadPart;
} LARGE_INTEGER;
typedef struct {
  uint32_t Data1;
  uint16_t Data2, Data3;
  uint8_t Data4[8];
} GUID;
typedef const GUID *LPCGUID;
#define NTAPI
#define STATUS_SUCCESS 0

typedef struct {
  ULONG OptionsFlags;
  POOL_TYPE PoolType;
  ULONG Frames, FrameSize, FileAlignment, Reserved;
} KSALLOCATOR_FRAMING, *PKSALLOCATOR_FRAMING;
typedef struct {
  ULONG Id;
} KSPIN, *PKSPIN;
typedef struct {
  NTSTATUS (*InitializeAllocator)(PKSPIN, PKSALLOCATOR_FRAMING, PVOID *);
  VOID (*DeleteAllocator)(PVOID);
  PVOID (*Allocate)(PVOID);
  VOID (*Free)(PVOID, PVOID);
} KSALLOCATOR_DISPATCH;

typedef struct {
  USHORT Id;
  UCHAR Version, Channel, Level, Opcode;
  USHORT Task;
  ULONGLONG Keyword;
} EVENT_DESCRIPTOR;
typedef struct {
  ULONGLONG Ptr;
  ULONG Size, Reserved;
} EVENT_DATA_DESCRIPTOR;
typedef void *PEVENT_FILTER_DESCRIPTOR;
typedef struct {
  int unused;
} UNICODE_STRING;
typedef VOID (*ENABLE_CALLBACK)(LPCGUID, ULONG, UCHAR, ULONGLONG, ULONGLONG, PEVENT_FILTER_DESCRIPTOR, PVOID);

#define InterlockedIncrement64(p) __atomic_add_fetch(p, 1, __ATOMIC_SEQ_CST)
#define InterlockedExchange(p, v) __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define InterlockedExchangeAdd(p, v) __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST)
#define RtlInitUnicodeString(name, text) ((void)(name), (void)(text))

static inline __attribute__((unused)) LONG stand_in_swap(volatile LONG *p, LONG next, LONG seen) {
  __atomic_compare_exchange_n(p, &seen, next, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return seen;
}
#define InterlockedCompareExchange(p, next, seen) stand_in_swap(p, next, seen)

#ifndef KSTRACE_USER
/* Set by the test: the IRQL, where events go, and whether the next write fails. */
static UCHAR stand_in_irql;
static FILE *stand_in_file;
static int stand_in_fails;
static ENABLE_CALLBACK stand_in_enable;

static UCHAR KeGetCurrentIrql(void) { return stand_in_irql; }
static PVOID MmGetSystemRoutineAddress(UNICODE_STRING *name) {
  (void)name;
  return NULL;
}
static LARGE_INTEGER KeQueryPerformanceCounter(LARGE_INTEGER *frequency) {
  static LONGLONG ticks = 1000;
  LARGE_INTEGER now;
  if (frequency != NULL) {
    frequency->QuadPart = 10000000;
  }
  now.QuadPart = ticks++;
  return now;
}
static NTSTATUS EtwRegister(LPCGUID id, ENABLE_CALLBACK enable, PVOID context, PREGHANDLE handle) {
  (void)id, (void)context;
  stand_in_enable = enable;
  *handle = 7;
  return STATUS_SUCCESS;
}
static NTSTATUS EtwUnregister(REGHANDLE handle) { return handle == 7 ? STATUS_SUCCESS : -1; }

/* keyword u64, level u8, channel u8, ticks u64, count u8, then type u8, size u32 and bytes of each part. */
static NTSTATUS EtwWriteTransfer(REGHANDLE handle, const EVENT_DESCRIPTOR *descriptor, LPCGUID activity,
    LPCGUID related, ULONG count, EVENT_DATA_DESCRIPTOR *data) {
  LONGLONG ticks = KeQueryPerformanceCounter(NULL).QuadPart;
  UCHAR parts = (UCHAR)count;
  ULONG i;
  (void)activity, (void)related;
  if (handle != 7 || stand_in_fails) {
    return -1;
  }
  fwrite(&descriptor->Keyword, 8, 1, stand_in_file);
  fwrite(&descriptor->Level, 1, 1, stand_in_file);
  fwrite(&descriptor->Channel, 1, 1, stand_in_file);
  fwrite(&ticks, 8, 1, stand_in_file);
  fwrite(&parts, 1, 1, stand_in_file);
  for (i = 0; i < count; i++) {
    UCHAR type = (UCHAR)data[i].Reserved;
    fwrite(&type, 1, 1, stand_in_file);
    fwrite(&data[i].Size, 4, 1, stand_in_file);
    fwrite((const void *)(uintptr_t)data[i].Ptr, 1, data[i].Size, stand_in_file);
  }
  return STATUS_SUCCESS;
}
#endif

#endif /* ETW_STAND_IN_H */

/*
 * The basic types of Windows in their sizes (LLP64: int and long 32 bits, pointers 64), for code that
 * is compiled on systems where long is as wide as a pointer. Names and sizes are those of Microsoft's
 * public documentation (Windows Data Types). C11 or C++11.
 */
#ifndef KST_TYPES_H
#define KST_TYPES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define KST_STATIC_ASSERT(condition, text) static_assert(condition, text)
#else
#define KST_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#endif

typedef char CHAR, CCHAR, *PCHAR, *PSTR, *PSZ;
typedef const char *PCSTR, *LPCSTR;
typedef unsigned char UCHAR, BYTE, *PUCHAR, *PBYTE;
typedef signed char SCHAR, INT8, *PINT8;
typedef uint8_t UINT8, *PUINT8;
typedef short SHORT, *PSHORT;
typedef unsigned short USHORT, WORD, *PUSHORT;
typedef int16_t INT16;
typedef uint16_t UINT16;
typedef int INT, *PINT;
typedef unsigned int UINT, *PUINT;
typedef int32_t LONG, INT32, *PLONG;
typedef uint32_t ULONG, DWORD, UINT32, ULONG32, *PULONG, *PDWORD;
typedef int64_t LONGLONG, INT64, LONG64, *PLONGLONG, *PLONG64;
typedef uint64_t ULONGLONG, UINT64, ULONG64, DWORDLONG, *PULONGLONG, *PULONG64;
typedef intptr_t LONG_PTR, INT_PTR, SSIZE_T, *PLONG_PTR;
typedef uintptr_t ULONG_PTR, UINT_PTR, DWORD_PTR, SIZE_T, *PULONG_PTR, *PSIZE_T;
typedef UCHAR BOOLEAN, *PBOOLEAN;
typedef int BOOL;
typedef void *PVOID, *HANDLE, **PPVOID, **PHANDLE;
typedef LONG NTSTATUS, *PNTSTATUS;
typedef UCHAR KIRQL, *PKIRQL;
typedef ULONG64 POOL_FLAGS;
typedef LONG KPRIORITY;
typedef ULONG ACCESS_MASK;
typedef ULONG_PTR KAFFINITY;
typedef CCHAR KPROCESSOR_MODE;

/* The compiler's wchar_t has to be made 16 bits wide for this (-fshort-wchar). */
typedef wchar_t WCHAR, *PWCHAR, *PWSTR;
typedef const wchar_t *PCWSTR;

#ifndef VOID
#define VOID void
#endif

typedef struct _GUID {
  ULONG Data1;
  USHORT Data2;
  USHORT Data3;
  UCHAR Data4[8];
} GUID, *PGUID;

typedef union _LARGE_INTEGER {
  struct {
    ULONG LowPart;
    LONG HighPart;
  };
  struct {
    ULONG LowPart;
    LONG HighPart;
  } u;
  LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER, PHYSICAL_ADDRESS, *PPHYSICAL_ADDRESS;

typedef union _ULARGE_INTEGER {
  struct {
    ULONG LowPart;
    ULONG HighPart;
  };
  ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

KST_STATIC_ASSERT(sizeof(LONG) == 4 && sizeof(ULONG) == 4, "LLP64: LONG and ULONG are 32 bits");
KST_STATIC_ASSERT(sizeof(NTSTATUS) == 4, "NTSTATUS is a LONG");
KST_STATIC_ASSERT(sizeof(PVOID) == 8 && sizeof(ULONG_PTR) == 8, "a 64-bit compiler is needed");
KST_STATIC_ASSERT(sizeof(SIZE_T) == 8, "SIZE_T is as wide as a pointer");
KST_STATIC_ASSERT(sizeof(GUID) == 16, "GUID");
KST_STATIC_ASSERT(sizeof(LARGE_INTEGER) == 8, "LARGE_INTEGER");

#endif

/* A stand-in for the WDK's ntstrsafe.h: what names and messages are made with, for 8-bit strings. */
#ifndef KST_NTSTRSAFE_H
#define KST_NTSTRSAFE_H

#include "wdm.h"

#include <stdarg.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

FORCEINLINE NTSTATUS RtlStringCbVPrintfA(PSTR to, SIZE_T bytes, PCSTR format, va_list values) {
  if (bytes == 0 || bytes > MAXLONG) {
    return STATUS_INVALID_PARAMETER;
  }
  int length = vsnprintf(to, bytes, format, values);
  return length >= 0 && (SIZE_T)length < bytes ? STATUS_SUCCESS : STATUS_BUFFER_OVERFLOW;
}
static inline __attribute__((unused, format(printf, 3, 4))) NTSTATUS RtlStringCbPrintfA(
    PSTR to, SIZE_T bytes, PCSTR format, ...) {
  va_list values;
  va_start(values, format);
  NTSTATUS status = RtlStringCbVPrintfA(to, bytes, format, values);
  va_end(values);
  return status;
}
FORCEINLINE NTSTATUS RtlStringCbCopyA(PSTR to, SIZE_T bytes, PCSTR from) {
  return RtlStringCbPrintfA(to, bytes, "%s", from);
}
#define RtlStringCchPrintfA RtlStringCbPrintfA
#define RtlStringCchVPrintfA RtlStringCbVPrintfA
#define RtlStringCchCopyA RtlStringCbCopyA

#ifdef __cplusplus
}
#endif

#endif

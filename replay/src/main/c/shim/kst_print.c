/*
 * DbgPrint with the formats of Microsoft's compiler: `l` is 32 bits, `I64` 64, `Z` a counted string,
 * `w`, `S` and `ls` strings of 16-bit characters. What is not known ends the message, since nobody
 * can say how large its argument is.
 */
#include "kst_shim.h"

#include <stdarg.h>
#include <stdio.h>

/* Characters beyond ASCII are shown as a question mark. */
static void put_wide(PCWSTR text, SIZE_T length) {
  for (SIZE_T i = 0; i < length && text[i] != 0; i++) {
    fputc(text[i] < 0x80 ? (int)text[i] : '?', stderr);
  }
}

static void put_number(const char *flags, int flag_length, char kind, int is_long, va_list *from) {
  char format[40];
  snprintf(format, sizeof format, "%%%.*s%s%c", flag_length, flags, is_long ? "ll" : "", kind);
  if (is_long) {
    fprintf(stderr, format, va_arg(*from, long long));
  } else {
    fprintf(stderr, format, va_arg(*from, int));
  }
}

/* One conversion, from behind its percent sign; behind it, or NULL where it is not known. */
static const char *put(const char *at, va_list *from) {
  const char *flags = at;
  int is_long = 0;
  int is_wide = 0;
  at += strspn(at, "-+ #0123456789.");
  int flag_length = (int)(at - flags) < 20 ? (int)(at - flags) : 20;
  for (;; at++) {
    if (strncmp(at, "I64", 3) == 0 || strncmp(at, "ll", 2) == 0) {
      is_long = 1;
      at += at[0] == 'I' ? 2 : 1;
    } else if (strncmp(at, "I32", 3) == 0) {
      at += 2;
    } else if (*at == 'I' || *at == 'z') {
      is_long = 1;
    } else if (*at == 'l' || *at == 'w') {
      is_wide = 1;
    } else if (*at != 'h') {
      break;
    }
  }
  switch (*at) {
    case 'd': case 'i': case 'u': case 'x': case 'X': case 'o': case 'c':
      put_number(flags, flag_length, *at, is_long, from);
      break;
    case 'p':
      fprintf(stderr, "%016llX", (unsigned long long)(uintptr_t)va_arg(*from, void *));
      break;
    case 'Z': {
      PCUNICODE_STRING text = va_arg(*from, PCUNICODE_STRING);
      if (text != NULL && is_wide) {
        put_wide(text->Buffer, text->Length / sizeof(WCHAR));
      }
      break;
    }
    case 's': case 'S': {
      const void *text = va_arg(*from, const void *);
      if (text == NULL) {
        fputs("(null)", stderr);
      } else if (is_wide || *at == 'S') {
        put_wide(text, MAXLONG);
      } else {
        fputs(text, stderr);
      }
      break;
    }
    case '%':
      fputc('%', stderr);
      break;
    default:
      return NULL;
  }
  return at + 1;
}

static void print(const char *format, va_list *from) {
  const char *at = format;
  while (at != NULL && *at != 0) {
    if (*at == '%') {
      const char *behind = put(at + 1, from);
      if (behind == NULL) {
        fprintf(stderr, "%s\n", at);
      }
      at = behind;
    } else {
      fputc(*at++, stderr);
    }
  }
}

ULONG DbgPrint(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print(format, &arguments);
  va_end(arguments);
  return STATUS_SUCCESS;
}

ULONG DbgPrintEx(ULONG component, ULONG level, const char *format, ...) {
  va_list arguments;
  (void)component;
  if (level <= DPFLTR_WARNING_LEVEL) {
    va_start(arguments, format);
    print(format, &arguments);
    va_end(arguments);
  }
  return STATUS_SUCCESS;
}

/*
 * An allocator in plain C, without any header of the tool's, that ends its process in its third
 * allocate in the way that FATAL names. Frames are 64 bytes of a static block.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char memory[64 * 1024];
static unsigned next;

#if FATAL == 8
static __attribute__((noinline)) int deeper(volatile char *above, int n) {
  volatile char here[4096];
  here[0] = *above;
  return n == 0 ? here[0] : deeper(here, n - 1) + here[0];
}
#endif

static int32_t initialize(void *pin, void *framing, void **context) {
  (void)pin;
  (void)framing;
  *context = memory;
  return 0;
}

static void delete_allocator(void *context) {
  (void)context;
}

static void *allocate(void *context) {
  (void)context;
  if (++next == 3) {
    fprintf(stderr, "about to end\n");
#if FATAL == 1
    *(volatile int *)(uintptr_t)0x10 = 1;
#elif FATAL == 2
    abort();
#elif FATAL == 3
    void *volatile block = malloc(40);
    free(block);
    free(block);
#elif FATAL == 4
    exit(7);
#elif FATAL == 5
    for (;;) {
      pause();
    }
#elif FATAL == 6
    char *volatile gone = malloc(40);
    free(gone);
    gone[3] = 1;
#elif FATAL == 7
    volatile int big = 0x7FFFFFFF;
    big = big + 1;
    return (void *)(intptr_t)big;
#elif FATAL == 8
    char here = 0;
    return (void *)(intptr_t)deeper(&here, 1 << 20);
#elif FATAL == 9
    volatile int zero = 0;
    next = 100 / zero;
#elif FATAL == 10
    _exit(0);
#endif
  }
  return memory + 64 * next;
}

static void free_frame(void *context, void *frame) {
  (void)context;
  (void)frame;
}

struct {
  int32_t (*initialize)(void *, void *, void **);
  void (*delete_allocator)(void *);
  void *(*allocate)(void *);
  void (*free_frame)(void *, void *);
} FatalDispatch = {initialize, delete_allocator, allocate, free_frame};

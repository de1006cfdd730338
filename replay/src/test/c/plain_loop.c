/*
 * The limit of what a host can do: the calls of NativeTransportBenchmark from a plain loop.
 *
 *   plain_loop LIBRARY CALLS
 *
 * Prints the processor time of a call in ns.
 */
#define _POSIX_C_SOURCE 199309L
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct table {
  int32_t (*initialize)(void *, void *, void **);
  void (*delete_allocator)(void *);
  void *(*allocate)(void *);
  void (*free_frame)(void *, void *);
};

static double cpu_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return 1e9 * (double)time.tv_sec + (double)time.tv_nsec;
}

int main(int count, char **arguments) {
  uint32_t framing[6] = {0};
  void *contexts[4];
  void *frame = NULL;
  void *library = count == 3 ? dlopen(arguments[1], RTLD_NOW) : NULL;
  struct table *table = library == NULL ? NULL : dlsym(library, "StackFramesDispatch");
  if (table == NULL) {
    fprintf(stderr, "usage: plain_loop LIBRARY CALLS\n");
    return 2;
  }
  for (int i = 0; i < 4; i++) {
    table->initialize(NULL, framing, &contexts[i]);
  }
  long calls = atol(arguments[2]);
  double start = cpu_ns();
  for (long i = 0; i < calls; i++) {
    void *context = contexts[i >> 1 & 3];
    if (i & 1) {
      table->free_frame(context, frame);
    } else {
      frame = table->allocate(context);
    }
  }
  printf("%.3f\n", (cpu_ns() - start) / (double)calls);
  return frame == NULL;
}

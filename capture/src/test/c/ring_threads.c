/* Threads with an allocator each, recorded through kstrace_ring.h. Prints the events that were made.
 *
 *   ring_threads THREADS CALLS [leak|double-free|kill|abort|fork|dump|early|layout|speed]
 */
#include "kstrace_ring.h"

#include <signal.h>
#include <sys/wait.h>

#define FRAMES 8

static long calls;
static const char *mode;

static uint64_t address(const void *p) { return (uint64_t)(uintptr_t)p; }

static void *allocate(uint64_t context) {
  int64_t entry = kstrace_now();
  void *frame = malloc(256);
  kstrace_allocated(context, address(frame), 256, entry, 0, 0);
  return frame;
}

static void release(uint64_t context, void *frame) {
  uint64_t call = kstrace_enter(KSTRACE_FREE, context, address(frame), 0);
  free(frame);
  kstrace_leave(call, 0);
}

static void *work(void *argument) {
  static const uint32_t framing[6] = {2, 0, FRAMES, 256, 0, 0};
  uint64_t pin = 0xFFFFA00000000000u + 0x1000 * (uint64_t)(uintptr_t)argument;
  uint64_t context = 0xFFFFC00000000000u + 0x1000 * (uint64_t)(uintptr_t)argument;
  uint64_t call;
  void *frames[FRAMES] = {0};
  long i;
  int f;
  kstrace_pin_create(pin, "{\"name\":\"pin\",\"peer_mode\":\"kernel\"}");
  kstrace_initialized(pin, framing, 0, context, kstrace_now(), 0, 0);
  for (i = 0; i < calls; i++) {
    f = (int)(i % FRAMES);
    if (frames[f] != NULL) {
      release(context, frames[f]);
    }
    frames[f] = allocate(context);
    if (strcmp(mode, "early") == 0) {
      if (i == 10) {
        call = kstrace_enter(KSTRACE_FREE, context, 0x1234, 0);
        kstrace_leave(call, 0);
      }
      if (i % 64 == 0) {
        usleep(5000);
      }
    }
    if (i == calls / 2 && argument == NULL) {
      if (strcmp(mode, "dump") == 0) {
        kstrace_dump();
        sleep(1); /* what comes later is not to be in it */
      } else if (strcmp(mode, "kill") == 0) {
        raise(SIGKILL);
      } else if (strcmp(mode, "abort") == 0) {
        abort();
      }
    }
  }
  for (f = strcmp(mode, "leak") == 0; f < FRAMES; f++) {
    if (frames[f] != NULL) {
      release(context, frames[f]);
    }
  }
  if (strcmp(mode, "double-free") == 0) {
    call = kstrace_enter(KSTRACE_FREE, context, address(frames[1]), 0);
    kstrace_leave(call, 0);
  }
  call = kstrace_enter(KSTRACE_DELETE, context, 0, 0);
  kstrace_leave(call, 0);
  kstrace_pin_close(pin);
  return NULL;
}

/* Offsets and sizes, in the order of RingLayout's constants. */
static void print_layout(void) {
#define HEADER(f) printf("header.%s %zu\n", #f, offsetof(struct kstrace_ring_header, f))
#define SLOT(f) printf("slot.%s %zu\n", #f, offsetof(struct kstrace_slot, f))
#define PARTICULARS(f) printf("particulars.%s %zu\n", #f, offsetof(struct kstrace_particulars, f))
#define VALUE(n, v) printf("%s %llu\n", n, (unsigned long long)(v))
  HEADER(magic), HEADER(version), HEADER(header_bytes), HEADER(slot_bytes), HEADER(capacity);
  HEADER(block_when_full), HEADER(word), HEADER(spilled), HEADER(released), HEADER(attached), HEADER(detached);
  HEADER(dumps);
  SLOT(state), SLOT(t_entry), SLOT(t_exit), SLOT(context), SLOT(frame), SLOT(size), SLOT(thread), SLOT(status);
  SLOT(op), SLOT(layer), SLOT(irql_entry), SLOT(irql_exit), SLOT(present), SLOT(extra);
  PARTICULARS(pin), PARTICULARS(framing), PARTICULARS(text_bytes);
  VALUE("magic", KSTRACE_RING_MAGIC);
  VALUE("version", KSTRACE_RING_VERSION);
  VALUE("header_bytes", KSTRACE_HEADER_BYTES);
  VALUE("slot_bytes", sizeof(struct kstrace_slot));
  VALUE("particulars_bytes", KSTRACE_PARTICULARS_BYTES);
  VALUE("closed_bit", KSTRACE_CLOSED_BIT);
  VALUE("loss_shift", KSTRACE_LOSS_SHIFT);
  VALUE("position_shift", KSTRACE_POSITION_SHIFT);
  VALUE("most_losses", KSTRACE_MOST_LOSSES);
  VALUE("entered", KSTRACE_ENTERED);
  VALUE("done", KSTRACE_DONE);
  VALUE("returning", KSTRACE_RETURNING);
  VALUE("has_t_exit", KSTRACE_HAS_T_EXIT);
  VALUE("has_thread", KSTRACE_HAS_THREAD);
  VALUE("has_irql_entry", KSTRACE_HAS_IRQL_ENTRY);
  VALUE("has_irql_exit", KSTRACE_HAS_IRQL_EXIT);
  VALUE("has_pin", KSTRACE_HAS_PIN);
  VALUE("has_context", KSTRACE_HAS_CONTEXT);
  VALUE("has_frame", KSTRACE_HAS_FRAME);
  VALUE("has_size", KSTRACE_HAS_SIZE);
  VALUE("has_status", KSTRACE_HAS_STATUS);
  VALUE("has_framing", KSTRACE_HAS_FRAMING);
  VALUE("has_detail", KSTRACE_HAS_DETAIL);
  VALUE("state", kstrace_state_(0x123456789Aull, KSTRACE_DONE));
  printf("variable %s\n", KSTRACE_RING_VARIABLE);
}

/* ns per allocate and free, over the same loop without recording. */
static void measure(void) {
  double ns[2];
  int recorded;
  void *volatile frame;
  long i;
  for (recorded = 0; recorded < 2; recorded++) {
    int64_t start = kstrace_monotonic_();
    for (i = 0; i < calls; i++) {
      if (recorded) {
        frame = allocate(1);
        release(1, frame);
      } else {
        frame = malloc(256);
        free(frame);
      }
    }
    ns[recorded] = (double)(kstrace_monotonic_() - start) / (double)calls / 2;
  }
  printf("bare %.1f ns, recorded %.1f ns, added %.1f ns a call\n", ns[0], ns[1], ns[1] - ns[0]);
}

int main(int count, char **arguments) {
  pthread_t threads[64];
  long n = count > 1 ? atol(arguments[1]) : 4;
  long i;
  calls = count > 2 ? atol(arguments[2]) : 1000;
  mode = count > 3 ? arguments[3] : "";
  if (strcmp(mode, "layout") == 0) {
    print_layout();
    return 0;
  }
  if (!kstrace_enabled()) {
    fprintf(stderr, "not recorded\n");
    return 9;
  }
  kstrace_mark("phase \"one\" \033[31m\303\244");
  if (strcmp(mode, "speed") == 0) {
    measure();
    return 0;
  }
  if (strcmp(mode, "fork") == 0) {
    pid_t child = fork();
    if (child == 0) {
      work((void *)(uintptr_t)40);
      exit(0);
    }
    waitpid(child, NULL, 0);
  }
  for (i = 0; i < n; i++) {
    pthread_create(&threads[i], NULL, work, (void *)(uintptr_t)i);
  }
  for (i = 0; i < n; i++) {
    pthread_join(threads[i], NULL);
  }
  if (strcmp(mode, "dump") == 0) {
    kstrace_dump();
  }
  return 0;
}

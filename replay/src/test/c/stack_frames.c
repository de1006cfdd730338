/* A stack of free slots that takes whatever it is given; StackFrames.java is the same in Java. */
#include <stdint.h>
#include <stdlib.h>

enum { SLOTS = 8, SLOT_BYTES = 4096, MOST = 64, ALLOCATORS = 256 };

struct allocator {
  char *base;
  int top;
  void *stack[MOST];
};

static struct allocator allocators[ALLOCATORS];
static int made;

/* A context may be any value, as the recorded caller may be wrong. */
static struct allocator *allocator_of(void *context) {
  uintptr_t number = (uintptr_t)context - 0x1000;
  return number < (uintptr_t)made ? &allocators[number] : NULL;
}

static int32_t initialize(void *pin, void *framing, void **context) {
  struct allocator *a = &allocators[made];
  (void)pin;
  (void)framing;
  a->base = malloc(SLOTS * SLOT_BYTES);
  for (int i = SLOTS - 1; i >= 0; i--) {
    a->stack[a->top++] = a->base + i * SLOT_BYTES;
  }
  *context = (void *)(uintptr_t)(0x1000 + made++);
  return 0;
}

static void delete_allocator(void *context) {
  (void)context;
}

static void *allocate(void *context) {
  struct allocator *a = allocator_of(context);
  return a == NULL || a->top == 0 ? NULL : a->stack[--a->top];
}

static void free_frame(void *context, void *frame) {
  struct allocator *a = allocator_of(context);
  if (a != NULL && frame != NULL && a->top < MOST) {
    a->stack[a->top++] = frame;
  }
}

struct {
  int32_t (*initialize)(void *, void *, void **);
  void (*delete_allocator)(void *);
  void *(*allocate)(void *);
  void (*free_frame)(void *, void *);
} StackFramesDispatch = {initialize, delete_allocator, allocate, free_frame};

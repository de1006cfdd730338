#define _GNU_SOURCE 1
#include "kst_carrier.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define FIBER_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#define FIBER_TSAN 1
#ifdef __linux__
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

#define STACK_BYTES (256u << 10)
#define GUARD_BYTES 4096u

struct carrier {
  struct kst_carrier face; /* first, so that one is the other */
  ucontext_t context;
  pthread_t handle;
  void *stack;
  void *fake_stack;
  void *tsan_fiber;
  struct carrier *next_owned;
};

int kst_carriers_woken;
int kst_carriers_parked;

static int with_threads;
static void (*run_loop)(void);
static struct carrier first_carrier;
static struct carrier *current = &first_carrier;
static struct carrier *previous; /* who gave the loop away last */
static struct carrier *idle;
static struct carrier *parked, **parked_end = &parked;
static struct carrier *owned; /* OS threads that belong to a recorded thread */
#if defined(FIBER_TSAN) && defined(__linux__)
static uint32_t turns;
#else
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn = PTHREAD_COND_INITIALIZER;
#endif

static struct carrier *after(struct carrier *c) {
  return (struct carrier *)c->face.next;
}

/*
 * ThreadSanitizer must not take the hand-over for an order that the target itself keeps, or it would
 * see no race at all. So there the loop is handed over by a system call and in code that it does not
 * watch.
 */
#if defined(FIBER_TSAN) && defined(__linux__)
#define UNSEEN __attribute__((no_sanitize("thread"), noinline))

UNSEEN static void wait_for_turn(struct carrier *self) {
  for (;;) {
    uint32_t seen = __atomic_load_n(&turns, __ATOMIC_ACQUIRE);
    if (__atomic_load_n(&current, __ATOMIC_ACQUIRE) == self) {
      return;
    }
    syscall(SYS_futex, &turns, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
  }
}

UNSEEN static void give_turn(struct carrier *to) {
  __atomic_store_n(&current, to, __ATOMIC_RELEASE);
  __atomic_add_fetch(&turns, 1, __ATOMIC_RELEASE);
  syscall(SYS_futex, &turns, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}
#else
static void wait_for_turn(struct carrier *self) {
  pthread_mutex_lock(&mutex);
  while (current != self) {
    pthread_cond_wait(&turn, &mutex);
  }
  pthread_mutex_unlock(&mutex);
}

static void give_turn(struct carrier *to) {
  pthread_mutex_lock(&mutex);
  current = to;
  pthread_cond_broadcast(&turn);
  pthread_mutex_unlock(&mutex);
}
#endif

static void arrived(void) {
#ifdef FIBER_ASAN
  const void *bottom = NULL;
  size_t size = 0;
  __sanitizer_finish_switch_fiber(current->fake_stack, &bottom, &size);
  if (previous != NULL && previous->stack == NULL) {
    /* The first carrier's stack is known only now that it was left. */
    previous->stack = (void *)bottom;
    previous->context.uc_stack.ss_size = size;
  }
#endif
}

static void fiber_main(void) {
  arrived();
  run_loop();
}

static void *thread_main(void *self) {
  wait_for_turn(self);
  run_loop();
  return NULL;
}

static void give_loop_to(struct carrier *to) {
  struct carrier *self = current;
  if (to == self) {
    return;
  }
  if (with_threads) {
    give_turn(to);
    wait_for_turn(self);
    return;
  }
  previous = self;
  current = to;
#ifdef FIBER_ASAN
  __sanitizer_start_switch_fiber(
      &self->fake_stack, (char *)to->stack, to->context.uc_stack.ss_size);
#endif
#ifdef FIBER_TSAN
  if (self->tsan_fiber == NULL) {
    self->tsan_fiber = __tsan_get_current_fiber();
  }
  __tsan_switch_to_fiber(to->tsan_fiber, 0);
#endif
  if (swapcontext(&self->context, &to->context) != 0) {
    perror("kstrace-host: swapcontext");
    abort();
  }
  arrived();
}

static struct carrier *make(void) {
  struct carrier *made = mmap(NULL, sizeof *made, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (made == MAP_FAILED) {
    perror("kstrace-host: no memory for a thread");
    abort();
  }
  if (with_threads) {
    if (pthread_create(&made->handle, NULL, thread_main, made) != 0) {
      fprintf(stderr, "kstrace-host: no further thread\n");
      abort();
    }
    return made;
  }
  char *stack = mmap(NULL, STACK_BYTES + GUARD_BYTES, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (stack == MAP_FAILED) {
    perror("kstrace-host: no memory for a stack");
    abort();
  }
  mprotect(stack, GUARD_BYTES, PROT_NONE);
  made->stack = stack + GUARD_BYTES;
  getcontext(&made->context);
  made->context.uc_stack.ss_sp = made->stack;
  made->context.uc_stack.ss_size = STACK_BYTES;
  made->context.uc_link = NULL;
  makecontext(&made->context, fiber_main, 0);
#ifdef FIBER_TSAN
  made->tsan_fiber = __tsan_create_fiber(0);
#endif
  return made;
}

static struct carrier *without_work(void) {
  if (idle == NULL) {
    return make();
  }
  struct carrier *taken = idle;
  idle = after(taken);
  return taken;
}

void kst_carriers_start(int os_threads, void (*loop)(void)) {
  with_threads = os_threads;
  run_loop = loop;
}

struct kst_carrier *kst_carrier_current(void) {
  return &current->face;
}

void kst_carrier_park(void) {
  struct carrier *self = current;
  self->face.next = NULL;
  *parked_end = self;
  parked_end = (struct carrier **)&self->face.next;
  kst_carriers_parked++;
  give_loop_to(without_work());
}

void kst_carrier_wake(const void *object) {
  for (struct carrier *c = parked; c != NULL; c = after(c)) {
    if (c->face.blocked && (c->face.object == object || c->face.object == NULL)) {
      c->face.blocked = 0;
      kst_carriers_woken++;
    }
  }
}

void kst_carrier_resume(void) {
  struct carrier **link = &parked;
  while ((*link)->face.blocked) {
    link = (struct carrier **)&(*link)->face.next;
  }
  struct carrier *woken = *link;
  *link = after(woken);
  if (*link == NULL) {
    parked_end = link;
  }
  kst_carriers_parked--;
  kst_carriers_woken--;
  /* With OS threads a carrier that belongs to a recorded thread is found again by that. */
  if (!current->face.os_thread) {
    current->face.next = &idle->face;
    idle = current;
  }
  give_loop_to(woken);
}

void kst_carrier_hand_to(uint32_t thread) {
  struct carrier *self = current;
  struct carrier *to = owned;
  while (to != NULL && to->face.thread != thread) {
    to = to->next_owned;
  }
  if (to == NULL) {
    to = make();
    to->face.os_thread = 1;
    to->face.thread = thread;
    to->next_owned = owned;
    owned = to;
  }
  if (!self->face.os_thread) {
    self->face.next = &idle->face;
    idle = self;
  }
  give_loop_to(to);
}

struct kst_carrier *kst_carrier_of(uint32_t thread) {
  for (struct carrier *c = parked; c != NULL; c = after(c)) {
    if (c->face.cpu.thread == thread) {
      return &c->face;
    }
  }
  return NULL;
}

struct kst_carrier *kst_carrier_first_parked(void) {
  return &parked->face;
}

/*
 * For test programs that drive an allocator built with these stand-ins by themselves: they say on
 * which thread, at which IRQL and when a call is made, and whatever the stand-ins notice is handed
 * to a function of theirs. To be included by one file of a program. C11 or C++11.
 */
#ifndef KST_TEST_H
#define KST_TEST_H

#include "kst_pin.h"

#include "../host/kst_abi.h"

#include <stdio.h>
#include <stdlib.h>

#define KST_TEST_PINS 64u

#ifdef __cplusplus
extern "C" {
#endif
extern const struct kst_shim_table kst_shim;
#ifdef __cplusplus
}
#endif

static struct kst_cpu kst_test_cpu = {0, 0, KST_NONE, PASSIVE_LEVEL, 0, 0};
static void (*kst_test_failed)(const char *what);

static void kst_test_note(int kind, uint32_t tag, uint64_t a, uint64_t b, const char *text) {
  (void)tag;
  (void)a;
  (void)b;
  if (kind != KST_NOTE_FRAME_MEMORY) { /* that is what the caller leaked */
    kst_test_failed(text);
  }
}

static void kst_test_block(const void *object, const char *what) {
  char text[128];
  snprintf(text, sizeof text, "waits for ever for %s %p", what, object);
  kst_test_failed(text);
  abort();
}

static void kst_test_wake(const void *object) {
  (void)object;
}

static void kst_test_yield(void) {}

static void kst_test_bugcheck(const char *text) {
  kst_test_failed(text);
  abort();
}

/* To be called first. `failed` gets one sentence for everything that the allocator does wrong. */
static inline void kst_test_start(void (*failed)(const char *what)) {
  static const struct kst_services services = {
      &kst_test_cpu,  kst_test_note,  kst_test_block,
      kst_test_wake, kst_test_yield, kst_test_bugcheck};
  kst_test_failed = failed;
  kst_shim.attach(&services);
}

/* Before each call of the dispatch table. `allocator` is a number of the test's own, -1 = none. */
static inline void kst_test_enter(int allocator, unsigned thread, int irql, uint64_t ns) {
  kst_test_cpu.allocator = allocator < 0 ? KST_NONE : (uint32_t)allocator;
  kst_test_cpu.thread = thread;
  kst_test_cpu.irql = (uint8_t)irql;
  kst_test_cpu.time = ns;
  kst_shim.before_call();
}

/* Behind each call. */
static inline void kst_test_leave(void) {
  kst_shim.after_call();
}

/*
 * Behind a delete: pool that is left is the allocator's leak unless it holds an outstanding frame,
 * which is what `holds_frame` is asked.
 */
static inline void kst_test_deleted(
    int allocator, int (*holds_frame)(uint64_t from, uint64_t bytes)) {
  if (allocator >= 0) {
    kst_shim.after_delete((uint32_t)allocator, holds_frame);
  }
}

/* The pin of an id; `framing`, a KSALLOCATOR_FRAMING, is what the next initialize will ask for. */
static inline void *kst_test_pin(
    unsigned long long id, const void *table, const void *framing) {
  static struct kst_pin pins[KST_TEST_PINS];
  static unsigned long long ids[KST_TEST_PINS];
  static unsigned count;
  unsigned place = 0;
  while (place < count && ids[place] != id) {
    place++;
  }
  if (place == KST_TEST_PINS) {
    fprintf(stderr, "kst_test.h: more than %u pins\n", KST_TEST_PINS);
    abort();
  }
  if (place == count) {
    ids[count++] = id;
    kst_pin_init(&pins[place], (const KSALLOCATOR_DISPATCH *)table);
  }
  kst_pin_ask(&pins[place], (const KSALLOCATOR_FRAMING *)framing);
  return &pins[place].pin;
}

#endif

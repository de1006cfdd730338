/*
 * What calls run on: fibers, or OS threads of which only one runs at a time.
 *
 * The loop that runs the calls is entered on a carrier and goes on there call after call. Only where
 * a call blocks does another carrier take the loop over, and the blocked one gets it back when it
 * may go on: a call that does not block costs nothing.
 */
#ifndef KST_CARRIER_H
#define KST_CARRIER_H

#include "kst_abi.h"

struct kst_carrier {
  struct kst_carrier *next; /* in the list it is in */
  int os_thread;            /* whether it belongs to one recorded thread */
  uint32_t thread;
  /* The call that it was in when it blocked. */
  int blocked;
  const void *object;
  const char *what;
  struct kst_cpu cpu;
  uint64_t call;
  uint8_t op;
  uint32_t allocator;
  uint32_t frame;
};

/* Starts: the calling stack is the first carrier; `loop` is what further ones run for ever. */
void kst_carriers_start(int os_threads, void (*loop)(void));
struct kst_carrier *kst_carrier_current(void);
/* Lets a carrier without work, a new one if need be, take the loop over; returns when resumed. */
void kst_carrier_park(void);
/* Gives the loop to the oldest carrier that was woken; returns when the loop comes back. */
void kst_carrier_resume(void);
/* Wakes who waits for the object, and who waits for any. */
void kst_carrier_wake(const void *object);
/* Whether a woken carrier waits for the loop. */
extern int kst_carriers_woken;
/* Parked carriers, woken ones included. */
extern int kst_carriers_parked;
/* With OS threads: gives the loop to that of a recorded thread, a new one if need be. */
void kst_carrier_hand_to(uint32_t thread);
/* The parked carrier whose call a recorded thread is in, NULL = none. */
struct kst_carrier *kst_carrier_of(uint32_t thread);
/* The first parked carrier; the others follow through `next`. */
struct kst_carrier *kst_carrier_first_parked(void);

#endif

/*
 * What the three parties of a native replay agree on: the tool (Java, class HostLayout), the host
 * process, and the shim that is linked into a target.
 *
 * The tool and the host share one mapped file:
 *
 *   0       struct kst_header   4,096 bytes
 *   4,096   two slots, each: struct kst_call [KST_CALLS], then struct kst_note [KST_NOTES]
 *
 * The tool fills a slot and writes its number as one byte into the host's stdin; the host runs the
 * calls and answers with the same byte on stdout. Two slots, so that one is filled while the other
 * runs. Nobody spins. All integers are little-endian; each side of the header has cache lines of
 * its own.
 */
#ifndef KST_ABI_H
#define KST_ABI_H

#include "kst_types.h"

#define KST_ABI_VERSION 3u
#define KST_SLOTS 2u
#define KST_CALLS 16384u
#define KST_NOTES 256u
#define KST_NONE 0xFFFFFFFFu
#define KST_UNKNOWN_BYTES UINT64_MAX
#define KST_STOPPED 0x80000000u /* in the count of calls run: the host runs nothing sent before */

/* What a call is. */
enum kst_op {
  KST_INITIALIZE = 1,
  KST_ALLOCATE = 2,
  KST_FREE = 3,
  KST_DELETE = 4,
  KST_BIND_FRAME = 8,     /* from now on number `frame` stands for the address in `b` */
  KST_BIND_ALLOCATOR = 9, /* from now on number `allocator` stands for the context in `b` */
  KST_FINISH = 10,        /* the end: says which calls never returned */
  KST_TELL_POOL = 11      /* a KST_NOTE_POOL for each tag, then one for all of them */
};

/* How a call is to be taken. */
enum kst_flag {
  KST_STOP_IF_MADE = 1, /* end the batch behind this call where it makes a frame or an allocator */
  KST_FRESH = 2,        /* the frame number stands for nothing yet */
  KST_ENDS = 4,         /* a free that ends the frame's life */
  KST_BORN = 8,         /* an allocate whose frame lives from here on */
  KST_FAIL = 16,        /* request number N for memory in this call is refused */
  KST_YIELD = 32,       /* at the Nth place where others may get in, the next call does */
  KST_WIDE = 64         /* the record behind this one is a struct kst_more that belongs to it */
};
/* N of the two, 1 to 255, in the upper half of the flags. */
#define KST_NTH(flags) ((uint8_t)((flags) >> 8))

/* What became of a call; it takes the place of `op`, so no operation has a number of these. */
enum kst_outcome {
  KST_DONE = 0x81,
  KST_SKIPPED = 0x82, /* its allocator or frame does not exist in the target */
  KST_BLOCKED = 0x83  /* it waits for something; KST_NOTE_RETURNED follows if it ever returns */
};

/*
 * 32 bytes, two to a cache line, since what both sides write travels between two processors. Results
 * overlay what was asked, `outcome` last.
 */
struct kst_call {
  union {
    uint8_t op;
    uint8_t outcome;
  };
  union {
    uint8_t irql;
    uint8_t irql_exit;
  };
  uint16_t flags;
  union {
    uint32_t allocator; /* number; KST_NONE: the context is in `a` */
    uint32_t status;
  };
  union {
    struct {
      uint32_t frame; /* number; KST_NONE: the address is in `b`, else `b` is added to it */
      uint32_t thread;
    };
    uint64_t value; /* context made, frame returned, or frame freed */
  };
  union {
    uint64_t time;  /* recorded */
    uint64_t bytes; /* usable bytes of the frame, KST_UNKNOWN_BYTES = unknown */
  };
  union {
    uint64_t b;
    uint64_t spent; /* with KST_MEASURE: ns that the call took */
  };
};
KST_STATIC_ASSERT(sizeof(struct kst_call) == 32, "half a cache line");

/* What few calls need. */
struct kst_more {
  uint64_t a; /* context, or the pin of an initialize */
  uint32_t framing[6];
};
KST_STATIC_ASSERT(sizeof(struct kst_more) == sizeof(struct kst_call), "a record");

/* What the shim or the host noticed. */
enum kst_note_kind {
  KST_NOTE_POOL_LEAK = 1,     /* tag, a = blocks, b = bytes: live behind a delete, no frame in them */
  KST_NOTE_FRAME_MEMORY = 2,  /* same, but outstanding frames lie in them: the caller's leak */
  KST_NOTE_IRQL = 3,          /* a routine was called at an IRQL that forbids it */
  KST_NOTE_OVERRUN = 4,       /* bytes around a pool block were written */
  KST_NOTE_POOL_FREE = 5,     /* a free of what is no live pool block, or under another tag */
  KST_NOTE_USE_AFTER_FREE = 6,/* a pool block was written after it was freed */
  KST_NOTE_LOCK = 7,          /* a lock that the caller holds, does not hold, or still holds */
  KST_NOTE_MISUSE = 8,        /* an object used before it was initialized, and the like */
  KST_NOTE_ASSERT = 9,        /* an assertion of the target's own */
  KST_NOTE_FRAME_DAMAGED = 10,/* touch and verify: somebody else wrote into a live frame */
  KST_NOTE_RETURNED = 11,     /* a = number of a blocked call that returned; its result is in b */
  KST_NOTE_POOL = 12          /* tag, a = live blocks, b = live bytes; without a tag the most so far */
};

struct kst_note {
  uint32_t after; /* index of the call in whose course it was noticed */
  uint16_t kind;
  uint16_t length; /* of text, in bytes */
  uint32_t tag;
  uint8_t irql_exit;
  uint8_t reserved[3];
  uint64_t a;
  uint64_t b;
  uint64_t bytes;
  uint32_t status;
  uint32_t allocator; /* the allocator that was called, KST_NONE = none known */
  char text[208];
};
KST_STATIC_ASSERT(sizeof(struct kst_note) == 256, "four cache lines");

/* How the host ended, as far as it can say so itself. */
enum kst_death { KST_ALIVE = 0, KST_SIGNAL = 1, KST_DEADLOCK = 2, KST_EXIT = 3, KST_BUGCHECK = 4 };

/* What the tool asks for in the header. */
enum kst_option { KST_TOUCH = 1, KST_OS_THREADS = 2, KST_MEASURE = 4 };

struct kst_header {
  /* the tool writes */
  uint32_t abi;
  uint32_t options;
  uint32_t count[KST_SLOTS]; /* records in the slot */
  uint32_t epoch[KST_SLOTS]; /* a slot of another epoch than the host's is not run */
  uint64_t base[KST_SLOTS];  /* number of the slot's first record, counted over the whole replay */
  uint8_t pad0[24];
  /* the host writes, once for each batch */
  uint32_t ready; /* KST_ABI_VERSION once the target is loaded */
  uint32_t pointer_bytes;
  uint32_t done[KST_SLOTS]; /* records run, and KST_STOPPED */
  uint32_t notes[KST_SLOTS];
  uint32_t has_shim;
  uint32_t fixed_addresses; /* whether contexts and frames lie where they lay in the last run */
  uint8_t pad1[32];
  /* the host writes, once for each call */
  volatile uint32_t slot;  /* of the call at hand */
  volatile uint32_t index; /* of the call at hand; KST_NONE = none */
  volatile uint64_t progress; /* batches answered */
  volatile uint64_t late; /* where index is KST_NONE: number of the blocked call that goes on */
  uint8_t pad2[40];
  /* the host writes when it dies */
  volatile uint32_t death;
  volatile uint32_t signal;
  volatile uint64_t fault;
  volatile uint64_t death_call; /* number of the call, for a deadlock that of the call that waits */
  volatile uint32_t has_fault;
  uint32_t death_length;
  char death_text[992];
};
KST_STATIC_ASSERT(offsetof(struct kst_header, ready) == 64, "header");
KST_STATIC_ASSERT(offsetof(struct kst_header, slot) == 128, "header");
KST_STATIC_ASSERT(offsetof(struct kst_header, death) == 192, "header");
KST_STATIC_ASSERT(sizeof(struct kst_header) <= 4096, "header");

#define KST_SLOT_BYTES (KST_CALLS * sizeof(struct kst_call) + KST_NOTES * sizeof(struct kst_note))
#define KST_FILE_BYTES (4096 + KST_SLOTS * KST_SLOT_BYTES)

/* --- between host and shim --- */

/* Surroundings of the call at hand: the host sets them, the shim's routines read and change them. */
struct kst_cpu {
  uint64_t time;      /* ns */
  uint32_t thread;    /* recorded thread id, 0 = unknown */
  uint32_t allocator; /* number of the allocator that is called, KST_NONE = none */
  uint8_t irql;
  uint8_t fail_at;  /* so many requests for memory from now one is refused; 0 = none */
  uint8_t yield_at; /* so many places from now another call gets in; 0 = none does */
};

/* What the host does for the shim. */
struct kst_services {
  struct kst_cpu *cpu;
  /* Notes a finding about the call at hand; the text is cut where it is too long. */
  void (*note)(int kind, uint32_t tag, uint64_t a, uint64_t b, const char *text);
  /* Lets other calls run until somebody wakes the object. */
  void (*block)(const void *object, const char *what);
  /* Everybody who waits for the object looks again whether it may go on. */
  void (*wake)(const void *object);
  /* Lets the next call run, then goes on. */
  void (*yield)(void);
  /* Ends the process: the target asked for a bug check. */
  void (*bugcheck)(const char *text);
};

/* What a target that was built with the shim exports as kst_shim. */
struct kst_shim_table {
  uint32_t abi;
  void (*attach)(const struct kst_services *services);
  /* Usable bytes at a frame that an allocate has just returned, KST_UNKNOWN_BYTES = unknown. */
  uint64_t (*frame_bytes)(const void *frame);
  void (*before_call)(void);
  void (*after_call)(void);
  /* Notes what an allocator that was deleted has left; asks which addresses lie in live frames. */
  void (*after_delete)(uint32_t allocator, int (*holds_frame)(uint64_t from, uint64_t bytes));
  /* Whether memory comes from addresses that are the same in each run. */
  int (*fixed_addresses)(void);
  /* Notes what pool is live, by tag, and the most there ever was. */
  void (*tell_pool)(void);
};

#endif

/*
 * Pool and device memory in user mode.
 *
 * Blocks lie in an arena at a fixed address, so that frames have the same addresses in each run. What
 * is known about a block is kept apart from it, where no overrun reaches it. As in the kernel a block
 * below a page is aligned to 16 bytes and to no more, a larger one to a page and to no more. Freed
 * blocks rest in a quarantine before they are handed out again.
 *
 * With AddressSanitizer or ThreadSanitizer blocks come from malloc, whose red zones, quarantine and
 * stacks are better than ours.
 */
#define _GNU_SOURCE 1
#include "kst_shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KST_MALLOC 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define KST_MALLOC 1
#endif
#endif
#ifndef KST_MALLOC
#define KST_MALLOC 0
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0
#endif
#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

#define ARENA_ADDRESS 0x200000000000ull
#define ARENA_BYTES (1ull << 36)
#define SPAN_BYTES 0x10000ull
#define SPANS (ARENA_BYTES / SPAN_BYTES)
#define MAX_BLOCKS (1u << 22)
#define SMALL_CLASSES 8 /* slots of 64, 128, ... 8,192 bytes */
#define LARGE_LISTS 256
#define QUARANTINE 64
#define RED_ZONE 16
#define FILLED 4096 /* longer blocks are filled and checked at the start only */

#define FRESH_FILL 0xA5
#define FREED_FILL 0xDF
#define ZONE_FILL 0xBD

enum state { FREE, LIVE, RESTING };

struct block {
  uint64_t address;
  uint64_t bytes;
  uint64_t capacity; /* from address on, red zone included */
  uint64_t frame;    /* the frame that fills the block, 0 = none is known to */
  uint64_t call;     /* in which it was allocated */
  uint32_t tag;
  uint32_t owner; /* allocator in whose call it was allocated */
  uint32_t next, previous; /* in the list of live blocks, or next in a list of free ones */
  uint8_t state;
  uint8_t kind;
  uint8_t paged;
  uint8_t list; /* size class, SMALL_CLASSES = large */
};

static struct block *blocks; /* 0 is the head of the list of live blocks */
static uint32_t block_count = 1;
static uint64_t call_number = 1;
static uint64_t live_blocks, live_bytes, most_blocks, most_bytes;

void kst_pool_before_call(void) {
  call_number++;
}

static void *reserve(uint64_t at, uint64_t bytes, int fixed) {
  void *got = mmap((void *)(uintptr_t)at, bytes, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (fixed ? MAP_FIXED_NOREPLACE : 0), -1, 0);
  return got == MAP_FAILED ? NULL : got;
}

static void require(const void *memory, const char *what) {
  if (memory == NULL) {
    fprintf(stderr, "kstrace shim: no address space for %s\n", what);
    abort();
  }
}

static void need_blocks(void) {
  if (blocks == NULL) {
    blocks = reserve(0, sizeof(struct block) * (uint64_t)MAX_BLOCKS, 0);
    require(blocks, "the list of blocks");
  }
}

static void link_live(uint32_t b) {
  uint32_t last = blocks[0].previous;
  blocks[b].previous = last;
  blocks[b].next = 0;
  blocks[last].next = b;
  blocks[0].previous = b;
}

static void unlink_live(uint32_t b) {
  blocks[blocks[b].previous].next = blocks[b].next;
  blocks[blocks[b].next].previous = blocks[b].previous;
}

static uint32_t new_block(void) {
  if (block_count == MAX_BLOCKS) {
    fprintf(stderr, "kstrace shim: more than %u pool blocks\n", MAX_BLOCKS);
    abort();
  }
  return block_count++;
}

#if KST_MALLOC

static uint32_t unused;

int kst_pool_fixed(void) {
  return 0;
}

/* Live blocks only; the sanitizer knows the freed ones. */
static uint32_t containing(uint64_t address) {
  if (blocks == NULL) {
    return 0;
  }
  for (uint32_t b = blocks[0].previous; b != 0; b = blocks[b].previous) {
    if (address - blocks[b].address < (blocks[b].bytes ? blocks[b].bytes : 1)) {
      return b;
    }
  }
  return 0;
}

static uint32_t obtain(SIZE_T bytes) {
  void *memory = NULL;
  SIZE_T alignment = bytes >= PAGE_SIZE ? PAGE_SIZE : MEMORY_ALLOCATION_ALIGNMENT;
  need_blocks();
  if (posix_memalign(&memory, alignment, bytes ? bytes : 1) != 0) {
    return 0;
  }
  uint32_t b = unused;
  if (b != 0) {
    unused = blocks[b].next;
  } else {
    b = new_block();
  }
  blocks[b].address = (uint64_t)(uintptr_t)memory;
  blocks[b].capacity = bytes;
  return b;
}

static void release(uint32_t b) {
  void *memory = (void *)(uintptr_t)blocks[b].address;
  blocks[b].state = FREE;
  blocks[b].next = unused;
  unused = b;
  free(memory);
}

static void check_zones(const struct block *b, const char *routine) {
  (void)b;
  (void)routine;
}

static void fill_zones(const struct block *b) {
  (void)b;
}

static void check_resting(uint32_t owner) {
  (void)owner;
}

#else

static uint8_t *arena;
static int arena_fixed;
static uint64_t spans_used;
static uint32_t *span_block; /* first block of the span; of a large one's first span */
static uint8_t *span_list;
static uint32_t small_free[SMALL_CLASSES];
static uint32_t large_free[LARGE_LISTS];
static uint32_t resting[QUARANTINE];
static uint32_t rested;


static void need_arena(void) {
  if (arena != NULL) {
    return;
  }
  need_blocks();
  span_block = reserve(0, SPANS * sizeof(uint32_t), 0);
  span_list = reserve(0, SPANS, 0);
  require(span_block, "the pool's map");
  require(span_list, "the pool's map");
  arena = reserve(ARENA_ADDRESS, ARENA_BYTES, 1);
  if (arena == NULL) {
    arena = reserve(0, ARENA_BYTES, 0);
  }
  require(arena, "the pool");
  arena_fixed = (uint64_t)(uintptr_t)arena == ARENA_ADDRESS;
  spans_used = 1; /* so that no block begins at the arena's first byte */
}

int kst_pool_fixed(void) {
  need_arena();
  return arena_fixed;
}

static uint64_t take_spans(uint64_t count) {
  if (spans_used + count > SPANS) {
    return 0;
  }
  uint64_t first = spans_used;
  spans_used += count;
  return first;
}

/* The block, live or not, whose memory or red zone an address lies in; 0 = none. */
static uint32_t containing(uint64_t address) {
  uint64_t offset = address - (uint64_t)(uintptr_t)arena;
  if (arena == NULL || offset >= spans_used * SPAN_BYTES) {
    return 0;
  }
  uint64_t span = offset / SPAN_BYTES;
  uint32_t first = span_block[span];
  if (first == 0 || span_list[span] == SMALL_CLASSES) {
    return first;
  }
  return first + (uint32_t)((offset % SPAN_BYTES) >> (6 + span_list[span]));
}

static uint32_t obtain_small(SIZE_T bytes) {
  int list = 0;
  while ((64u << list) < bytes + 2 * RED_ZONE) {
    list++;
  }
  if (small_free[list] == 0) {
    uint64_t span = take_spans(1);
    uint32_t slot = 64u << list;
    if (span == 0) {
      return 0;
    }
    span_list[span] = (uint8_t)list;
    for (uint32_t at = 0; at < SPAN_BYTES; at += slot) {
      uint32_t b = new_block();
      if (at == 0) {
        span_block[span] = b;
      }
      blocks[b].address = (uint64_t)(uintptr_t)arena + span * SPAN_BYTES + at + RED_ZONE;
      blocks[b].capacity = slot - RED_ZONE;
      blocks[b].list = (uint8_t)list;
      blocks[b].next = at + slot < SPAN_BYTES ? b + 1 : 0;
    }
    small_free[list] = span_block[span];
  }
  uint32_t b = small_free[list];
  small_free[list] = blocks[b].next;
  return b;
}

static uint32_t *large_list(uint64_t spans) {
  return &large_free[spans < LARGE_LISTS ? spans : 0];
}

static uint32_t obtain_large(SIZE_T bytes) {
  uint64_t spans = (PAGE_SIZE + bytes + RED_ZONE + SPAN_BYTES - 1) / SPAN_BYTES;
  uint32_t *list = large_list(spans);
  while (*list != 0 && blocks[*list].capacity != spans * SPAN_BYTES - PAGE_SIZE) {
    list = &blocks[*list].next;
  }
  uint32_t b = *list;
  if (b != 0) {
    *list = blocks[b].next;
    return b;
  }
  uint64_t span = take_spans(spans);
  if (span == 0) {
    return 0;
  }
  b = new_block();
  blocks[b].address = (uint64_t)(uintptr_t)arena + span * SPAN_BYTES + PAGE_SIZE;
  blocks[b].capacity = spans * SPAN_BYTES - PAGE_SIZE;
  blocks[b].list = SMALL_CLASSES;
  for (uint64_t each = span; each < span + spans; each++) {
    span_block[each] = b;
    span_list[each] = SMALL_CLASSES;
  }
  return b;
}

static uint32_t obtain(SIZE_T bytes) {
  need_arena();
  if (bytes > ARENA_BYTES / 2) {
    return 0;
  }
  return bytes < PAGE_SIZE ? obtain_small(bytes) : obtain_large(bytes);
}

static uint8_t *memory_of(const struct block *b) {
  return (uint8_t *)(uintptr_t)b->address;
}

static uint64_t zone_behind(const struct block *b) {
  return b->capacity - b->bytes < 4 * RED_ZONE ? b->capacity - b->bytes : 4 * RED_ZONE;
}

static void fill_zones(const struct block *b) {
  memset(memory_of(b) - RED_ZONE, ZONE_FILL, RED_ZONE);
  memset(memory_of(b) + b->bytes, ZONE_FILL, zone_behind(b));
}

static void check_zones(const struct block *b, const char *routine) {
  char tag[5];
  const uint8_t *memory = memory_of(b);
  for (uint64_t i = 0; i < zone_behind(b); i++) {
    if (memory[b->bytes + i] != ZONE_FILL) {
      kst_note(KST_NOTE_OVERRUN, b->tag, b->bytes, i,
          "%s: block '%s' of %llu bytes was written past its end, first at byte %llu", routine,
          kst_tag_text(b->tag, tag), (unsigned long long)b->bytes,
          (unsigned long long)(b->bytes + i));
      break;
    }
  }
  for (int i = 1; i <= RED_ZONE; i++) {
    if (memory[-i] != ZONE_FILL) {
      kst_note(KST_NOTE_OVERRUN, b->tag, b->bytes, (uint64_t)-i,
          "%s: block '%s' of %llu bytes was written before its start, at byte -%d", routine,
          kst_tag_text(b->tag, tag), (unsigned long long)b->bytes, i);
      break;
    }
  }
}

/* A freed block has to stay as it was filled. */
static void check_freed(const struct block *b) {
  uint64_t length = b->bytes < FILLED ? b->bytes : FILLED;
  const uint8_t *memory = memory_of(b);
  for (uint64_t i = 0; i < length; i++) {
    if (memory[i] != FREED_FILL) {
      char tag[5];
      kst_note(KST_NOTE_USE_AFTER_FREE, b->tag, b->bytes, i,
          "block '%s' of %llu bytes was written after it was freed, first at byte %llu",
          kst_tag_text(b->tag, tag), (unsigned long long)b->bytes, (unsigned long long)i);
      memset(memory_of(b), FREED_FILL, length); /* once is enough */
      return;
    }
  }
}

static void check_resting(uint32_t owner) {
  for (uint32_t i = 0; i < QUARANTINE; i++) {
    if (resting[i] != 0 && blocks[resting[i]].owner == owner) {
      check_freed(&blocks[resting[i]]);
    }
  }
}

static void release(uint32_t b) {
  struct block *freed = &blocks[b];
  memset(memory_of(freed), FREED_FILL, freed->bytes < FILLED ? freed->bytes : FILLED);
  freed->state = RESTING;
  uint32_t *place = &resting[rested++ % QUARANTINE];
  uint32_t oldest = *place;
  *place = b;
  if (oldest != 0) {
    check_freed(&blocks[oldest]);
    blocks[oldest].state = FREE;
    uint64_t spans = (blocks[oldest].capacity + PAGE_SIZE) / SPAN_BYTES;
    uint32_t *list = blocks[oldest].list < SMALL_CLASSES ? &small_free[blocks[oldest].list]
                                                         : large_list(spans);
    blocks[oldest].next = *list;
    *list = oldest;
  }
}

#endif

PVOID kst_take(enum kst_memory kind, POOL_TYPE type, SIZE_T bytes, ULONG tag) {
  struct kst_cpu *cpu = kst_host->cpu;
  if (cpu->fail_at != 0 && --cpu->fail_at == 0) {
    return NULL;
  }
  uint32_t b = obtain(bytes);
  if (b == 0) {
    return NULL;
  }
  struct block *block = &blocks[b];
  block->bytes = bytes;
  block->frame = 0;
  block->call = call_number;
  block->tag = tag;
  block->owner = kst_host->cpu->allocator;
  block->state = LIVE;
  block->kind = (uint8_t)kind;
  block->paged = kind == KST_POOL && (type & 1);
  link_live(b);
  most_blocks = ++live_blocks > most_blocks ? live_blocks : most_blocks;
  live_bytes += bytes;
  most_bytes = live_bytes > most_bytes ? live_bytes : most_bytes;
  uint8_t *memory = (uint8_t *)(uintptr_t)block->address;
  memset(memory, FRESH_FILL, bytes < FILLED ? bytes : FILLED);
  fill_zones(block);
  return memory;
}

static const char *const KIND[] = {"pool", "contiguous memory", "noncached memory", "a common buffer"};

VOID kst_give(enum kst_memory kind, PVOID address, ULONG tag, const char *routine) {
  char text[5];
  char other[5];
  uint64_t at = (uint64_t)(uintptr_t)address;
  uint32_t b = containing(at);
  if (b == 0 || blocks[b].address != at) {
    if (b != 0 && blocks[b].state == LIVE) {
      kst_note(KST_NOTE_POOL_FREE, blocks[b].tag, at, at - blocks[b].address,
          "%s: %p lies %llu bytes inside block '%s'", routine, address,
          (unsigned long long)(at - blocks[b].address), kst_tag_text(blocks[b].tag, text));
    } else {
      kst_note(KST_NOTE_POOL_FREE, tag, at, 0, "%s: %p is no pool block", routine, address);
    }
#if KST_MALLOC
    free(address); /* the sanitizer has more to say */
#endif
    return;
  }
  struct block *block = &blocks[b];
  if (block->state != LIVE) {
    kst_note(KST_NOTE_POOL_FREE, block->tag, at, 0, "%s: block '%s' is freed already", routine,
        kst_tag_text(block->tag, text));
    return;
  }
  if (block->kind != kind) {
    kst_note(KST_NOTE_POOL_FREE, block->tag, at, 0, "%s: the block is %s", routine,
        KIND[block->kind]);
  } else if (tag != 0 && tag != block->tag) {
    kst_note(KST_NOTE_POOL_FREE, block->tag, at, 0, "%s: freed as '%s' but allocated as '%s'",
        routine, kst_tag_text(tag, text), kst_tag_text(block->tag, other));
  }
  if (kind == KST_POOL) {
    kst_require_irql(block->paged ? APC_LEVEL : DISPATCH_LEVEL, routine);
  }
  check_zones(block, routine);
  unlink_live(b);
  live_blocks--;
  live_bytes -= block->bytes;
  release(b);
}

uint64_t kst_frame_bytes(const void *frame) {
  uint64_t at = (uint64_t)(uintptr_t)frame;
  uint32_t b = containing(at);
  if (b == 0 || blocks[b].state != LIVE || at - blocks[b].address > blocks[b].bytes) {
    return KST_UNKNOWN_BYTES;
  }
  struct block *block = &blocks[b];
  /* Memory that was allocated for this frame is the frame's; of a slab nobody knows the parts. */
  if (block->call == call_number && block->frame == 0) {
    block->frame = at;
  }
  return block->frame == at ? block->address + block->bytes - at : KST_UNKNOWN_BYTES;
}

#define TAGS 32

struct total {
  uint32_t tag;
  uint64_t blocks[2]; /* without and with outstanding frames */
  uint64_t bytes[2];
};

static struct total *total_of(struct total *totals, int *count, uint32_t tag) {
  for (int i = 0; i < *count; i++) {
    if (totals[i].tag == tag || i == TAGS - 1) {
      return &totals[i];
    }
  }
  memset(&totals[*count], 0, sizeof totals[0]);
  totals[*count].tag = tag;
  return &totals[(*count)++];
}

void kst_pool_after_delete(
    uint32_t allocator, int (*holds_frame)(uint64_t from, uint64_t bytes)) {
  struct total totals[TAGS];
  int count = 0;
  char text[5];
  if (blocks == NULL) {
    return;
  }
  for (uint32_t b = blocks[0].next; b != 0; b = blocks[b].next) {
    if (blocks[b].owner == allocator) {
      int held = holds_frame(blocks[b].address, blocks[b].bytes) != 0;
      struct total *total = total_of(totals, &count, blocks[b].tag);
      total->blocks[held]++;
      total->bytes[held] += blocks[b].bytes;
      check_zones(&blocks[b], "delete");
      blocks[b].owner = KST_NONE;
    }
  }
  check_resting(allocator);
  for (int i = 0; i < count; i++) {
    for (int held = 0; held <= 1; held++) {
      unsigned long long live = totals[i].blocks[held];
      if (live != 0) {
        kst_note(held ? KST_NOTE_FRAME_MEMORY : KST_NOTE_POOL_LEAK, totals[i].tag, live,
            totals[i].bytes[held], "%llu block%s '%s' (%llu bytes) still allocated, %s", live,
            live == 1 ? "" : "s", kst_tag_text(totals[i].tag, text),
            (unsigned long long)totals[i].bytes[held],
            held ? "outstanding frames lie in them" : "no frame lies in them");
      }
    }
  }
}

void kst_pool_tell(void) {
  struct total totals[TAGS];
  int count = 0;
  for (uint32_t b = blocks == NULL ? 0 : blocks[0].next; b != 0; b = blocks[b].next) {
    struct total *total = total_of(totals, &count, blocks[b].tag);
    total->blocks[0]++;
    total->bytes[0] += blocks[b].bytes;
  }
  for (int i = 0; i < count; i++) {
    kst_note(KST_NOTE_POOL, totals[i].tag, totals[i].blocks[0], totals[i].bytes[0], "%s", "");
  }
  kst_note(KST_NOTE_POOL, 0, most_blocks, most_bytes, "%s", "");
}

/* --- the WDK's routines --- */

static const char *pool_name(POOL_TYPE type) {
  return type & 1 ? "PagedPool" : "NonPagedPool";
}

static PVOID pool(POOL_TYPE type, SIZE_T bytes, ULONG tag, int zero, const char *routine) {
  KstMayYield();
  KIRQL highest = type & 1 ? APC_LEVEL : DISPATCH_LEVEL;
  if (KeGetCurrentIrql() > highest) {
    char text[96];
    snprintf(text, sizeof text, "%s(%s)", routine, pool_name(type));
    kst_require_irql(highest, text);
  }
  if (bytes == 0) {
    kst_note(KST_NOTE_MISUSE, tag, 0, 0, "%s: zero bytes", routine);
  }
  if (tag == 0) {
    kst_note(KST_NOTE_MISUSE, tag, 0, 0, "%s: the tag is zero", routine);
  }
  PVOID memory = kst_take(KST_POOL, type, bytes, tag);
  if (memory != NULL && zero) {
    memset(memory, 0, bytes);
  }
  return memory;
}

PVOID ExAllocatePool(POOL_TYPE type, SIZE_T bytes) {
  return pool(type, bytes, 0x656E6F4E /* None */, 0, "ExAllocatePool");
}

PVOID ExAllocatePoolWithTag(POOL_TYPE type, SIZE_T bytes, ULONG tag) {
  return pool(type, bytes, tag, 0, "ExAllocatePoolWithTag");
}

PVOID ExAllocatePoolZero(POOL_TYPE type, SIZE_T bytes, ULONG tag) {
  return pool(type, bytes, tag, 1, "ExAllocatePoolZero");
}

PVOID ExAllocatePoolUninitialized(POOL_TYPE type, SIZE_T bytes, ULONG tag) {
  return pool(type, bytes, tag, 0, "ExAllocatePoolUninitialized");
}

PVOID ExAllocatePoolWithTagPriority(
    POOL_TYPE type, SIZE_T bytes, ULONG tag, EX_POOL_PRIORITY priority) {
  (void)priority;
  return pool(type, bytes, tag, 0, "ExAllocatePoolWithTagPriority");
}

PVOID ExAllocatePool2(POOL_FLAGS flags, SIZE_T bytes, ULONG tag) {
  POOL_FLAGS kinds = POOL_FLAG_NON_PAGED | POOL_FLAG_NON_PAGED_EXECUTE | POOL_FLAG_PAGED;
  POOL_FLAGS kind = flags & kinds;
  if (kind == 0 || (kind & (kind - 1)) != 0) {
    kst_note(KST_NOTE_MISUSE, tag, flags, 0,
        "ExAllocatePool2: flags 0x%llx name not exactly one pool", (unsigned long long)flags);
    return NULL;
  }
  POOL_TYPE type = kind == POOL_FLAG_PAGED ? PagedPool : NonPagedPool;
  return pool(type, bytes, tag, !(flags & POOL_FLAG_UNINITIALIZED), "ExAllocatePool2");
}

VOID ExFreePool(PVOID block) {
  kst_give(KST_POOL, block, 0, "ExFreePool");
}

VOID ExFreePoolWithTag(PVOID block, ULONG tag) {
  kst_give(KST_POOL, block, tag, "ExFreePoolWithTag");
}

#define CONTIGUOUS_TAG 0x746E6F43 /* Cont */
#define NONCACHED_TAG 0x61436F4E  /* NoCa */
#define COMMON_TAG 0x42616D44     /* DmaB */

static SIZE_T whole_pages(SIZE_T bytes) {
  return ROUND_TO_PAGES(bytes ? bytes : 1);
}

PVOID MmAllocateContiguousMemory(SIZE_T bytes, PHYSICAL_ADDRESS highest) {
  (void)highest;
  kst_require_irql(DISPATCH_LEVEL, "MmAllocateContiguousMemory");
  return kst_take(KST_CONTIGUOUS, NonPagedPool, whole_pages(bytes), CONTIGUOUS_TAG);
}

PVOID MmAllocateContiguousMemorySpecifyCache(SIZE_T bytes, PHYSICAL_ADDRESS lowest,
    PHYSICAL_ADDRESS highest, PHYSICAL_ADDRESS boundary, MEMORY_CACHING_TYPE cache) {
  (void)lowest;
  (void)highest;
  (void)boundary;
  (void)cache;
  kst_require_irql(DISPATCH_LEVEL, "MmAllocateContiguousMemorySpecifyCache");
  return kst_take(KST_CONTIGUOUS, NonPagedPool, whole_pages(bytes), CONTIGUOUS_TAG);
}

VOID MmFreeContiguousMemory(PVOID base) {
  kst_require_irql(DISPATCH_LEVEL, "MmFreeContiguousMemory");
  kst_give(KST_CONTIGUOUS, base, 0, "MmFreeContiguousMemory");
}

VOID MmFreeContiguousMemorySpecifyCache(PVOID base, SIZE_T bytes, MEMORY_CACHING_TYPE cache) {
  (void)bytes;
  (void)cache;
  kst_require_irql(DISPATCH_LEVEL, "MmFreeContiguousMemorySpecifyCache");
  kst_give(KST_CONTIGUOUS, base, 0, "MmFreeContiguousMemorySpecifyCache");
}

PVOID MmAllocateNonCachedMemory(SIZE_T bytes) {
  kst_require_irql(APC_LEVEL, "MmAllocateNonCachedMemory");
  return kst_take(KST_NONCACHED, NonPagedPool, whole_pages(bytes), NONCACHED_TAG);
}

VOID MmFreeNonCachedMemory(PVOID base, SIZE_T bytes) {
  (void)bytes;
  kst_require_irql(APC_LEVEL, "MmFreeNonCachedMemory");
  kst_give(KST_NONCACHED, base, 0, "MmFreeNonCachedMemory");
}

/* Any value that keeps the order and the offset within a page will do: no device ever sees it. */
PHYSICAL_ADDRESS MmGetPhysicalAddress(PVOID address) {
  PHYSICAL_ADDRESS physical;
  physical.QuadPart = (LONGLONG)((uint64_t)(uintptr_t)address & 0xFFFFFFFFFull);
  return physical;
}

static VOID put_adapter(PDMA_ADAPTER adapter) {
  (void)adapter;
}

static PVOID common_buffer(
    PDMA_ADAPTER adapter, ULONG bytes, PPHYSICAL_ADDRESS logical, BOOLEAN cached) {
  (void)adapter;
  (void)cached;
  kst_require_irql(PASSIVE_LEVEL, "AllocateCommonBuffer");
  PVOID base = kst_take(KST_COMMON, NonPagedPool, whole_pages(bytes), COMMON_TAG);
  if (base != NULL && logical != NULL) {
    *logical = MmGetPhysicalAddress(base);
  }
  return base;
}

static VOID free_common_buffer(
    PDMA_ADAPTER adapter, ULONG bytes, PHYSICAL_ADDRESS logical, PVOID base, BOOLEAN cached) {
  (void)adapter;
  (void)bytes;
  (void)logical;
  (void)cached;
  kst_require_irql(PASSIVE_LEVEL, "FreeCommonBuffer");
  kst_give(KST_COMMON, base, 0, "FreeCommonBuffer");
}

static DMA_OPERATIONS operations = {
    sizeof(DMA_OPERATIONS), put_adapter, common_buffer, free_common_buffer};
static DMA_ADAPTER adapter_of_all = {1, sizeof(DMA_ADAPTER), &operations};

PDMA_ADAPTER IoGetDmaAdapter(
    PDEVICE_OBJECT device, PDEVICE_DESCRIPTION description, PULONG map_registers) {
  (void)device;
  (void)description;
  kst_require_irql(PASSIVE_LEVEL, "IoGetDmaAdapter");
  if (map_registers != NULL) {
    *map_registers = 16;
  }
  return &adapter_of_all;
}

/* --- lookaside lists --- */

#define LOOKASIDE 0x6B6F6F4C
/* Fixed, so that reuse is the same in each run; the kernel tunes it as it runs. A sanitizer sees a
   wrong free only if the block really goes back to malloc. */
#define LOOKASIDE_DEPTH (KST_MALLOC ? 0u : 4u)

static VOID make_list(PNPAGED_LOOKASIDE_LIST list, PALLOCATE_FUNCTION allocate,
    PFREE_FUNCTION release, POOL_TYPE type, SIZE_T bytes, ULONG tag) {
  memset(list, 0, sizeof *list);
  list->KstMagic = LOOKASIDE;
  list->KstType = type;
  list->KstBytes = bytes < sizeof(PVOID) ? sizeof(PVOID) : bytes;
  list->KstTag = tag;
  list->KstAllocate = allocate != NULL ? allocate : ExAllocatePoolWithTag;
  list->KstFree = release != NULL ? release : ExFreePool;
}

static int is_list(const NPAGED_LOOKASIDE_LIST *list, const char *routine) {
  if (list->KstMagic == LOOKASIDE) {
    return 1;
  }
  kst_note(KST_NOTE_MISUSE, 0, (uint64_t)(uintptr_t)list, 0,
      "%s: the lookaside list is not initialized, or deleted", routine);
  return 0;
}

static PVOID pop(PNPAGED_LOOKASIDE_LIST list, const char *routine) {
  KstMayYield();
  if (!is_list(list, routine)) {
    return NULL;
  }
  kst_require_irql(list->KstType & 1 ? APC_LEVEL : DISPATCH_LEVEL, routine);
  PVOID entry = list->KstFirst;
  if (entry == NULL) {
    return list->KstAllocate(list->KstType, list->KstBytes, list->KstTag);
  }
  list->KstFirst = *(PVOID *)entry;
  list->KstDepth--;
  return entry;
}

static VOID push(PNPAGED_LOOKASIDE_LIST list, PVOID entry, const char *routine) {
  KstMayYield();
  if (!is_list(list, routine)) {
    return;
  }
  kst_require_irql(list->KstType & 1 ? APC_LEVEL : DISPATCH_LEVEL, routine);
  if (list->KstDepth + 1 > LOOKASIDE_DEPTH) {
    list->KstFree(entry);
    return;
  }
  *(PVOID *)entry = list->KstFirst;
  list->KstFirst = entry;
  list->KstDepth++;
}

static VOID drop_list(PNPAGED_LOOKASIDE_LIST list, const char *routine) {
  if (!is_list(list, routine)) {
    return;
  }
  while (list->KstDepth > 0) {
    PVOID entry = list->KstFirst;
    list->KstFirst = *(PVOID *)entry;
    list->KstDepth--;
    list->KstFree(entry);
  }
  list->KstMagic = 0;
}

VOID ExInitializeNPagedLookasideList(PNPAGED_LOOKASIDE_LIST list, PALLOCATE_FUNCTION allocate,
    PFREE_FUNCTION release, ULONG flags, SIZE_T bytes, ULONG tag, USHORT depth) {
  (void)flags;
  (void)depth;
  make_list(list, allocate, release, NonPagedPool, bytes, tag);
}

VOID ExInitializePagedLookasideList(PPAGED_LOOKASIDE_LIST list, PALLOCATE_FUNCTION allocate,
    PFREE_FUNCTION release, ULONG flags, SIZE_T bytes, ULONG tag, USHORT depth) {
  (void)flags;
  (void)depth;
  make_list(list, allocate, release, PagedPool, bytes, tag);
}

VOID ExDeleteNPagedLookasideList(PNPAGED_LOOKASIDE_LIST list) {
  drop_list(list, "ExDeleteNPagedLookasideList");
}

VOID ExDeletePagedLookasideList(PPAGED_LOOKASIDE_LIST list) {
  drop_list(list, "ExDeletePagedLookasideList");
}

PVOID ExAllocateFromNPagedLookasideList(PNPAGED_LOOKASIDE_LIST list) {
  return pop(list, "ExAllocateFromNPagedLookasideList");
}

PVOID ExAllocateFromPagedLookasideList(PPAGED_LOOKASIDE_LIST list) {
  return pop(list, "ExAllocateFromPagedLookasideList");
}

VOID ExFreeToNPagedLookasideList(PNPAGED_LOOKASIDE_LIST list, PVOID entry) {
  push(list, entry, "ExFreeToNPagedLookasideList");
}

VOID ExFreeToPagedLookasideList(PPAGED_LOOKASIDE_LIST list, PVOID entry) {
  push(list, entry, "ExFreeToPagedLookasideList");
}

NTSTATUS ExInitializeLookasideListEx(PLOOKASIDE_LIST_EX list, PVOID allocate, PVOID release,
    POOL_TYPE type, ULONG flags, SIZE_T bytes, ULONG tag, USHORT depth) {
  (void)flags;
  (void)depth;
  if (allocate != NULL || release != NULL) {
    return STATUS_NOT_SUPPORTED;
  }
  make_list(list, NULL, NULL, type, bytes, tag);
  return STATUS_SUCCESS;
}

VOID ExDeleteLookasideListEx(PLOOKASIDE_LIST_EX list) {
  drop_list(list, "ExDeleteLookasideListEx");
}

PVOID ExAllocateFromLookasideListEx(PLOOKASIDE_LIST_EX list) {
  return pop(list, "ExAllocateFromLookasideListEx");
}

VOID ExFreeToLookasideListEx(PLOOKASIDE_LIST_EX list, PVOID entry) {
  push(list, entry, "ExFreeToLookasideListEx");
}

/* What the shim's own sources share. Not for drivers. */
#ifndef KST_SHIM_H
#define KST_SHIM_H

#include "wdm.h"

#include "kst_abi.h"

/* Surroundings of the call at hand; of nothing before the host is attached. */
extern const struct kst_services *kst_host;

/* What a block of memory was asked for as, and has to be given back as. */
enum kst_memory { KST_POOL, KST_CONTIGUOUS, KST_NONCACHED, KST_COMMON };

PVOID kst_take(enum kst_memory kind, POOL_TYPE type, SIZE_T bytes, ULONG tag);
/* `tag` 0 = any. */
VOID kst_give(enum kst_memory kind, PVOID address, ULONG tag, const char *routine);
uint64_t kst_frame_bytes(const void *frame);
void kst_pool_before_call(void);
void kst_pool_after_delete(uint32_t allocator, int (*holds_frame)(uint64_t from, uint64_t bytes));
int kst_pool_fixed(void);
void kst_pool_tell(void);

/* Notes a routine that was called above the IRQL it may be called at. */
void kst_require_irql(KIRQL highest, const char *routine);
__attribute__((format(printf, 5, 6))) void kst_note(
    int kind, ULONG tag, uint64_t a, uint64_t b, const char *format, ...);
/* A tag as its four characters, printable; `text` has room for 5. */
const char *kst_tag_text(ULONG tag, char *text);

#endif

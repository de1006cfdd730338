/* Prints the layout that the tool's Java side writes down once more. */
#include "kst_abi.h"

#include <stdio.h>

#define CALL(member) printf("call." #member "=%zu\n", offsetof(struct kst_call, member))
#define MORE(member) printf("more." #member "=%zu\n", offsetof(struct kst_more, member))
#define NOTE(member) printf("note." #member "=%zu\n", offsetof(struct kst_note, member))
#define HEADER(member) printf("header." #member "=%zu\n", offsetof(struct kst_header, member))

int main(void) {
  CALL(flags);
  CALL(allocator);
  CALL(frame);
  CALL(thread);
  CALL(b);
  CALL(time);
  CALL(outcome);
  CALL(irql_exit);
  CALL(status);
  CALL(value);
  CALL(bytes);
  CALL(spent);
  MORE(a);
  MORE(framing);
  NOTE(kind);
  NOTE(length);
  NOTE(tag);
  NOTE(irql_exit);
  NOTE(a);
  NOTE(b);
  NOTE(bytes);
  NOTE(status);
  NOTE(allocator);
  NOTE(text);
  HEADER(options);
  HEADER(count);
  HEADER(epoch);
  HEADER(base);
  HEADER(ready);
  HEADER(done);
  HEADER(notes);
  HEADER(has_shim);
  HEADER(fixed_addresses);
  HEADER(index);
  HEADER(progress);
  HEADER(late);
  HEADER(death);
  HEADER(signal);
  HEADER(fault);
  HEADER(death_call);
  HEADER(has_fault);
  HEADER(death_length);
  HEADER(death_text);
  printf("death_text_bytes=%zu\n", sizeof(((struct kst_header *)0)->death_text));
  printf("file=%zu\n", (size_t)KST_FILE_BYTES);
  printf("calls=%u\nnotes=%u\n", KST_CALLS, KST_NOTES);
  return 0;
}

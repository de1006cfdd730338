/* A pin that an allocator may look at: what it is likely to read is there, the rest is poison. */
#ifndef KST_PIN_H
#define KST_PIN_H

#include "ks.h"

#define KST_POISON ((PVOID)(uintptr_t)0xCCCCCCCCCCCCCCCCull)

struct kst_pin {
  KSPIN pin;
  KSPIN_DESCRIPTOR_EX descriptor;
  KSPIN_DISPATCH dispatch;
  KSALLOCATOR_FRAMING_EX framing;
};

/* Makes a pin of memory that is all zeros. */
static inline void kst_pin_init(struct kst_pin *p, const KSALLOCATOR_DISPATCH *table) {
  p->dispatch.Allocator = table;
  p->descriptor.Dispatch = &p->dispatch;
  p->descriptor.AutomationTable = (const struct _KSAUTOMATION_TABLE *)KST_POISON;
  p->descriptor.AllocatorFraming = &p->framing;
  p->descriptor.InstancesPossible = 1;
  p->pin.Descriptor = &p->descriptor;
  p->pin.Bag = (KSOBJECT_BAG)KST_POISON;
  p->pin.ConnectionFormat = (PKSDATAFORMAT)KST_POISON;
  p->pin.AttributeList = (PKSMULTIPLE_ITEM)KST_POISON;
  p->pin.Communication = KSPIN_COMMUNICATION_SINK;
  p->pin.StreamHeaderSize = 56;
  p->pin.DataFlow = KSPIN_DATAFLOW_OUT;
  p->pin.DeviceState = KSSTATE_ACQUIRE;
  p->pin.ClientState = KSSTATE_ACQUIRE;
}

/* The descriptor says what the next initialize is going to ask for. */
static inline void kst_pin_ask(struct kst_pin *p, const KSALLOCATOR_FRAMING *framing) {
  KS_FRAMING_ITEM *item = &p->framing.FramingItem[0];
  p->framing.CountItems = 1;
  item->Flags = framing->OptionsFlags;
  item->Frames = framing->Frames;
  item->FileAlignment = framing->FileAlignment;
  item->FramingRange.Range.MinFrameSize = framing->FrameSize;
  item->FramingRange.Range.MaxFrameSize = framing->FrameSize;
}

#endif

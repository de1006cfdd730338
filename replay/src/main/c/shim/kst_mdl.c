/* Memory descriptor lists: of memory that is resident already, as all memory here is. */
#include "kst_shim.h"

#define MDL_TAG 0x206C644D /* 'Mdl ' */

PMDL IoAllocateMdl(PVOID address, ULONG bytes, BOOLEAN secondary, BOOLEAN quota, PIRP irp) {
  (void)quota;
  kst_require_irql(DISPATCH_LEVEL, "IoAllocateMdl");
  if (secondary || irp != NULL) {
    kst_note(KST_NOTE_MISUSE, 0, (uint64_t)(uintptr_t)irp, 0,
        "IoAllocateMdl: with an IRP, of which there is none here");
    return NULL;
  }
  PMDL mdl = kst_take(KST_POOL, NonPagedPoolNx, sizeof *mdl, MDL_TAG);
  if (mdl != NULL) {
    memset(mdl, 0, sizeof *mdl);
    mdl->Size = (CSHORT)sizeof *mdl;
    mdl->StartVa = PAGE_ALIGN(address);
    mdl->ByteOffset = BYTE_OFFSET(address);
    mdl->ByteCount = bytes;
  }
  return mdl;
}

VOID IoFreeMdl(PMDL mdl) {
  kst_require_irql(DISPATCH_LEVEL, "IoFreeMdl");
  kst_give(KST_POOL, mdl, MDL_TAG, "IoFreeMdl");
}

VOID MmBuildMdlForNonPagedPool(PMDL mdl) {
  kst_require_irql(DISPATCH_LEVEL, "MmBuildMdlForNonPagedPool");
  mdl->MappedSystemVa = MmGetMdlVirtualAddress(mdl);
  mdl->MdlFlags |= MDL_SOURCE_IS_NONPAGED_POOL;
}

PVOID MmGetSystemAddressForMdlSafe(PMDL mdl, ULONG priority) {
  (void)priority;
  kst_require_irql(DISPATCH_LEVEL, "MmGetSystemAddressForMdlSafe");
  if ((mdl->MdlFlags & MDL_SOURCE_IS_NONPAGED_POOL) == 0) {
    kst_note(KST_NOTE_MISUSE, 0, (uint64_t)(uintptr_t)mdl, 0,
        "MmGetSystemAddressForMdlSafe: the MDL describes no memory that is locked");
    return NULL;
  }
  return mdl->MappedSystemVa;
}

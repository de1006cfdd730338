package dev.kstrace.traces;

/**
 * POOL_TYPE: the pool that an allocator takes its frames from.
 *
 * <p>Source: ddi/wdm/ne-wdm-_pool_type. KSALLOCATOR_FRAMING documents only paged and nonpaged.
 */
public final class PoolType {
  /** Nonpaged, executable. */
  public static final int NON_PAGED_POOL = 0;

  /** Paged: to be allocated, touched and freed below DISPATCH_LEVEL only. */
  public static final int PAGED_POOL = 1;

  /** Forbidden to drivers outside start-up. */
  public static final int NON_PAGED_POOL_MUST_SUCCEED = 2;

  /** Paged, aligned to a cache line. */
  public static final int PAGED_POOL_CACHE_ALIGNED = 5;

  /** Paged, of the session. */
  public static final int PAGED_POOL_SESSION = 33;

  /** Paged, of the session, aligned to a cache line. */
  public static final int PAGED_POOL_SESSION_CACHE_ALIGNED = 37;

  /** Nonpaged, not executable: recommended for new driver allocations since Windows 8. */
  public static final int NON_PAGED_POOL_NX = 512;

  private PoolType() {}

  /** Microsoft's name of a pool type, or the number in hexadecimal where it has none. */
  public static String format(int poolType) {
    return switch (poolType) {
      case 0 -> "NonPagedPool";
      case 1 -> "PagedPool";
      case 2 -> "NonPagedPoolMustSucceed";
      case 3 -> "DontUseThisType";
      case 4 -> "NonPagedPoolCacheAligned";
      case 5 -> "PagedPoolCacheAligned";
      case 6 -> "NonPagedPoolCacheAlignedMustS";
      case 7 -> "MaxPoolType";
      case 32 -> "NonPagedPoolSession";
      case 33 -> "PagedPoolSession";
      case 34 -> "NonPagedPoolMustSucceedSession";
      case 35 -> "DontUseThisTypeSession";
      case 36 -> "NonPagedPoolCacheAlignedSession";
      case 37 -> "PagedPoolCacheAlignedSession";
      case 38 -> "NonPagedPoolCacheAlignedMustSSession";
      case 512 -> "NonPagedPoolNx";
      case 516 -> "NonPagedPoolNxCacheAligned";
      case 544 -> "NonPagedPoolSessionNx";
      default -> Hex.of(Integer.toUnsignedLong(poolType));
    };
  }

  /** Whether memory of this type may be paged out, so that it needs IRQL below DISPATCH_LEVEL. */
  public static boolean isPaged(int poolType) {
    return switch (poolType) {
      case PAGED_POOL,
          PAGED_POOL_CACHE_ALIGNED,
          PAGED_POOL_SESSION,
          PAGED_POOL_SESSION_CACHE_ALIGNED ->
          true;
      default -> false;
    };
  }
}

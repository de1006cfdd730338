package dev.kstrace.capture.etl;

/**
 * Converts the time stamps of a file. The products do not fit 64 bits after a day at 10 MHz, so
 * quotient and remainder go separately; what does not fit at all stays at the largest number.
 * Immutable.
 */
public final class EtlClock {
  private static final long FILE_TIME_FREQUENCY = 10_000_000L;
  private static final long NS_PER_SECOND = 1_000_000_000L;

  /** With a higher one a remainder in ns would not fit 64 bits; no counter is that fast. */
  private static final long MAX_FREQUENCY = 9_000_000_000L;

  private final int kind;
  private final long frequency;
  private final long startTicks;
  private final long startFileTime;

  private EtlClock(int kind, long frequency, long startTicks, long startFileTime) {
    this.kind = kind;
    this.frequency = frequency;
    this.startTicks = startTicks;
    this.startFileTime = startFileTime;
  }

  /** The clock of a file; one without a usable frequency counts in 100 ns. */
  static EtlClock of(LogHeader header) {
    int kind = header.clock() == 0 ? LogHeader.CLOCK_QPC : header.clock();
    long frequency =
        switch (kind) {
          case LogHeader.CLOCK_QPC -> header.performanceFrequency();
          case LogHeader.CLOCK_CYCLES -> Integer.toUnsignedLong(header.cpuMhz()) * 1_000_000L;
          default -> FILE_TIME_FREQUENCY;
        };
    boolean usable = frequency > 0 && frequency <= MAX_FREQUENCY;
    return new EtlClock(
        kind,
        usable ? frequency : FILE_TIME_FREQUENCY,
        header.startTicks(),
        header.startFileTime());
  }

  /** Nanoseconds since the file's first record. */
  public long ns(long ticks) {
    return scale(since(ticks), NS_PER_SECOND);
  }

  /** System time in 100 ns since 1601. */
  public long fileTime(long ticks) {
    return saturatedSum(startFileTime, scale(since(ticks), FILE_TIME_FREQUENCY));
  }

  /** Whether time stamps are of the performance counter, so that a probe's own ones compare. */
  public boolean isPerformanceCounter() {
    return kind == LogHeader.CLOCK_QPC;
  }

  /** The value of {@code kstrace.clock}. */
  public String label() {
    return switch (kind) {
      case LogHeader.CLOCK_QPC -> "qpc:" + frequency;
      case LogHeader.CLOCK_SYSTEM_TIME -> "system_time";
      case LogHeader.CLOCK_CYCLES -> "cycles:" + frequency;
      default -> "unknown:" + frequency;
    };
  }

  private long since(long ticks) {
    return saturatedSum(ticks, startTicks == Long.MIN_VALUE ? Long.MAX_VALUE : -startTicks);
  }

  private long scale(long ticks, long unitsPerSecond) {
    long seconds = Math.floorDiv(ticks, frequency);
    long rest = Math.floorMod(ticks, frequency) * unitsPerSecond / frequency;
    long high = Math.multiplyHigh(seconds, unitsPerSecond);
    long low = seconds * unitsPerSecond;
    if (high != low >> 63) {
      return seconds < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return saturatedSum(low, rest);
  }

  private static long saturatedSum(long a, long b) {
    long sum = a + b;
    boolean overflow = ((a ^ sum) & (b ^ sum)) < 0;
    return overflow ? (a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
  }
}

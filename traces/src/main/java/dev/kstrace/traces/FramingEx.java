package dev.kstrace.traces;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * KSALLOCATOR_FRAMING_EX: what a pin asks of its allocator, as it stands in the detail of a pin
 * event under {@link #KEY}. Immutable.
 *
 * <p>All numbers are ULONGs; null = not recorded. Source: ddi/ks/ns-ks-ksallocator_framing_ex.
 *
 * @param pinFlags reserved, documented as zero
 * @param pinWeight reserved, documented as zero
 * @param ratioNumerator OutputCompression.RatioNumerator
 * @param ratioDenominator OutputCompression.RatioDenominator
 * @param ratioMargin OutputCompression.RatioConstantMargin
 * @param items KS_FRAMING_ITEMs in their order
 */
public record FramingEx(
    @Nullable Long pinFlags,
    @Nullable Long pinWeight,
    @Nullable Long ratioNumerator,
    @Nullable Long ratioDenominator,
    @Nullable Long ratioMargin,
    List<Item> items) {

  /** The key of a pin event's detail. */
  public static final String KEY = "framing_ex";

  /**
   * KS_FRAMING_ITEM. Source: ddi/ks/ns-ks-ks_framing_item.
   *
   * @param memoryType Microsoft's name, such as KSMEMORY_TYPE_KERNEL_NONPAGED, or a GUID
   * @param flags requirement flags and pipe flags
   * @param frames Frames; 0 = no requirement
   * @param fileAlignment alignment minus one
   * @param physical PhysicalRange: hard limits of the frame size
   * @param optimal FramingRange.Range: the sizes wished for
   * @param inPlaceWeight FramingRange.InPlaceWeight, documented as zero
   * @param notInPlaceWeight FramingRange.NotInPlaceWeight, documented as zero
   */
  public record Item(
      @Nullable String memoryType,
      @Nullable Long flags,
      @Nullable Long frames,
      @Nullable Long fileAlignment,
      Range physical,
      Range optimal,
      @Nullable Long inPlaceWeight,
      @Nullable Long notInPlaceWeight) {}

  /**
   * KS_FRAMING_RANGE. Source: ddi/ks/ns-ks-ks_framing_range.
   *
   * @param min MinFrameSize in bytes
   * @param max MaxFrameSize in bytes
   * @param stepping bytes from one legal size to the next
   */
  public record Range(@Nullable Long min, @Nullable Long max, @Nullable Long stepping) {
    /** A range of which nothing is known. */
    public static final Range UNKNOWN = new Range(null, null, null);

    /** What the declaration macros write for "any size". */
    public static final Range ANY = new Range(0L, 0xFFFF_FFFFL, 1L);
  }

  /** The framing in a pin event's detail, or null where there is none. */
  public static @Nullable FramingEx of(Detail pinEvent) {
    Detail framing = pinEvent.object(KEY);
    if (framing == null) {
      return null;
    }
    Detail ratio = orEmpty(framing.object("output_compression"));
    List<Item> items = new ArrayList<>();
    List<Detail> given = framing.objects("items");
    for (Detail item : given == null ? List.<Detail>of() : given) {
      items.add(item(item));
    }
    return new FramingEx(
        framing.number("pin_flags"),
        framing.number("pin_weight"),
        ratio.number("numerator"),
        ratio.number("denominator"),
        ratio.number("margin"),
        List.copyOf(items));
  }

  private static Item item(Detail item) {
    Detail optimal = orEmpty(item.object("framing_range"));
    return new Item(
        item.text("memory_type"),
        item.number("flags"),
        item.number("frames"),
        item.number("file_alignment"),
        range(orEmpty(item.object("physical_range"))),
        range(optimal),
        optimal.number("in_place_weight"),
        optimal.number("not_in_place_weight"));
  }

  private static Range range(Detail range) {
    return new Range(range.number("min"), range.number("max"), range.number("stepping"));
  }

  private static Detail orEmpty(@Nullable Detail detail) {
    return detail == null ? Detail.parse(null) : detail;
  }

  /** The framing as the object that {@link #of} reads; what is not known is left out. */
  public Detail toDetail() {
    Detail.Builder framing = Detail.builder();
    put(framing, "pin_flags", pinFlags);
    put(framing, "pin_weight", pinWeight);
    Detail.Builder ratio = Detail.builder();
    put(ratio, "numerator", ratioNumerator);
    put(ratio, "denominator", ratioDenominator);
    put(ratio, "margin", ratioMargin);
    framing.put("output_compression", ratio.build());
    return framing.put("items", items.stream().map(FramingEx::detail).toList()).build();
  }

  private static Detail detail(Item item) {
    Detail.Builder detail = Detail.builder();
    if (item.memoryType() != null) {
      detail.put("memory_type", item.memoryType());
    }
    put(detail, "flags", item.flags());
    put(detail, "frames", item.frames());
    put(detail, "file_alignment", item.fileAlignment());
    detail.put("physical_range", detail(item.physical()).build());
    Detail.Builder optimal = detail(item.optimal());
    put(optimal, "in_place_weight", item.inPlaceWeight());
    put(optimal, "not_in_place_weight", item.notInPlaceWeight());
    return detail.put("framing_range", optimal.build()).build();
  }

  private static Detail.Builder detail(Range range) {
    Detail.Builder detail = Detail.builder();
    put(detail, "min", range.min());
    put(detail, "max", range.max());
    put(detail, "stepping", range.stepping());
    return detail;
  }

  private static void put(Detail.Builder into, String key, @Nullable Long value) {
    if (value != null) {
      into.put(key, value);
    }
  }
}

package dev.kstrace.traces;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * NTSTATUS values that occur around allocators, bit for bit as {@code int}.
 *
 * <p>Source: ks-reference section 4.10 (values of the public headers).
 */
public final class NtStatus {
  /** STATUS_SUCCESS. */
  public static final int SUCCESS = 0x00000000;

  /** STATUS_PENDING: a success by NT_SUCCESS, yet not a legal answer of InitializeAllocator. */
  public static final int PENDING = 0x00000103;

  /** STATUS_UNSUCCESSFUL. */
  public static final int UNSUCCESSFUL = 0xC0000001;

  /** STATUS_INVALID_PARAMETER: bad framing in a create request. */
  public static final int INVALID_PARAMETER = 0xC000000D;

  /** STATUS_INSUFFICIENT_RESOURCES: the usual failure of InitializeAllocator. */
  public static final int INSUFFICIENT_RESOURCES = 0xC000009A;

  /** STATUS_CANCELLED: a pended allocation was cancelled. */
  public static final int CANCELLED = 0xC0000120;

  private static final Map<Integer, String> NAMES = new TreeMap<>();
  private static final Map<String, Integer> CODES = new TreeMap<>();

  static {
    name("STATUS_SUCCESS", SUCCESS);
    name("STATUS_PENDING", PENDING);
    name("STATUS_DATATYPE_MISALIGNMENT", 0x80000002);
    name("STATUS_BUFFER_OVERFLOW", 0x80000005);
    name("STATUS_DEVICE_BUSY", 0x80000011);
    name("STATUS_UNSUCCESSFUL", UNSUCCESSFUL);
    name("STATUS_NOT_IMPLEMENTED", 0xC0000002);
    name("STATUS_ACCESS_VIOLATION", 0xC0000005);
    name("STATUS_INVALID_HANDLE", 0xC0000008);
    name("STATUS_INVALID_PARAMETER", INVALID_PARAMETER);
    name("STATUS_INVALID_DEVICE_REQUEST", 0xC0000010);
    name("STATUS_NO_MEMORY", 0xC0000017);
    name("STATUS_BUFFER_TOO_SMALL", 0xC0000023);
    name("STATUS_OBJECT_NAME_NOT_FOUND", 0xC0000034);
    name("STATUS_DELETE_PENDING", 0xC0000056);
    name("STATUS_INSUFFICIENT_RESOURCES", INSUFFICIENT_RESOURCES);
    name("STATUS_DEVICE_NOT_READY", 0xC00000A3);
    name("STATUS_NOT_SUPPORTED", 0xC00000BB);
    name("STATUS_INTERNAL_ERROR", 0xC00000E5);
    name("STATUS_CANCELLED", CANCELLED);
    name("STATUS_FILE_CLOSED", 0xC0000128);
    name("STATUS_INVALID_DEVICE_STATE", 0xC0000184);
    name("STATUS_INVALID_BUFFER_SIZE", 0xC0000206);
    name("STATUS_NOT_FOUND", 0xC0000225);
    name("STATUS_PROPSET_NOT_FOUND", 0xC0000230);
    name("STATUS_NO_MATCH", 0xC0000272);
    name("STATUS_DEVICE_REMOVED", 0xC00002B6);
  }

  private NtStatus() {}

  private static void name(String name, int status) {
    NAMES.put(status, name);
    CODES.put(name, status);
  }

  /** NT_SUCCESS: true for success and informational values, so for STATUS_PENDING too. */
  public static boolean isSuccess(int status) {
    return status >= 0;
  }

  /** Whether the value is of the warning class (0x80000000 to 0xBFFFFFFF): a failure, unusual. */
  public static boolean isWarning(int status) {
    return status >>> 30 == 2;
  }

  /** Microsoft's name of the value, or its eight hexadecimal digits where this list has none. */
  public static String format(int status) {
    String name = NAMES.get(status);
    return name != null ? name : String.format(Locale.ROOT, "0x%08X", status);
  }

  /** The value of a name such as {@code STATUS_PENDING}, or null where this list has none. */
  public static @Nullable Integer ofName(String name) {
    return CODES.get(name);
  }

  /** All named values in ascending order of the signed number; unmodifiable. */
  public static Map<Integer, String> names() {
    return java.util.Collections.unmodifiableMap(NAMES);
  }
}

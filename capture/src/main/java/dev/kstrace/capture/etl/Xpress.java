package dev.kstrace.capture.etl;

/**
 * Unpacks XPRESS "plain LZ77" data, in which buffers of relogged files are stored. Source: MS-XCA,
 * section 2.4.
 *
 * <pre>
 *   u32 flags, from the top bit on: 0 = one literal byte, 1 = a match
 *   match: u16 = (distance - 1) &lt;&lt; 3 | length - 3; a length of 7 goes on in
 *          half a byte (two matches share one), then a byte, then u16, then u32
 * </pre>
 */
final class Xpress {
  /** The answer for data that are no such stream or hold more than was promised. */
  static final int CORRUPT = -1;

  private Xpress() {}

  /**
   * Unpacks a whole stream.
   *
   * @param from first byte of the stream in {@code in}
   * @param to end of the stream
   * @param start where the output begins in {@code out}
   * @param limit where it must end at the latest
   * @return the end of the output, or {@link #CORRUPT}
   */
  static int unpack(byte[] in, int from, int to, byte[] out, int start, int limit) {
    int at = from;
    int end = start;
    int flags = 0;
    int flagBits = 0;
    int halfByte = -1;
    while (true) {
      if (flagBits == 0) {
        if (at + 4 > to) {
          return at == to ? end : CORRUPT;
        }
        flags = LittleEndian.i32(in, at);
        at += 4;
        flagBits = 32;
      }
      flagBits--;
      if (at == to) {
        return end;
      }
      if ((flags >>> flagBits & 1) == 0) {
        if (end == limit) {
          return CORRUPT;
        }
        out[end++] = in[at++];
        continue;
      }
      if (at + 2 > to) {
        return CORRUPT;
      }
      int match = LittleEndian.u16(in, at);
      at += 2;
      long length = match & 7;
      if (length == 7) {
        int more;
        if (halfByte >= 0) {
          more = LittleEndian.u8(in, halfByte) >>> 4;
          halfByte = -1;
        } else if (at < to) {
          halfByte = at;
          more = LittleEndian.u8(in, at++) & 15;
        } else {
          return CORRUPT;
        }
        length += more;
        if (more == 15) {
          if (at == to) {
            return CORRUPT;
          }
          int byteLength = LittleEndian.u8(in, at++);
          length += byteLength;
          if (byteLength == 255) {
            if (at + 2 > to) {
              return CORRUPT;
            }
            length = LittleEndian.u16(in, at);
            at += 2;
            if (length == 0) {
              if (at + 4 > to) {
                return CORRUPT;
              }
              length = LittleEndian.u32(in, at);
              at += 4;
            }
            if (length < 7 + 15) {
              return CORRUPT;
            }
          }
        }
      }
      length += 3;
      int distance = (match >>> 3) + 1;
      if (distance > end - start || length > limit - end) {
        return CORRUPT;
      }
      copy(out, end, distance, (int) length);
      end += (int) length;
    }
  }

  private static void copy(byte[] out, int at, int distance, int length) {
    if (distance >= length) {
      System.arraycopy(out, at - distance, out, at, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      out[at + i] = out[at + i - distance];
    }
  }
}

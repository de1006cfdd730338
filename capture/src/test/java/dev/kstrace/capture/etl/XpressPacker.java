package dev.kstrace.capture.etl;

import java.util.HashMap;
import java.util.Map;

/** Packs bytes as XPRESS plain LZ77, greedily: for tests, which need all forms of a match. */
final class XpressPacker {
  private static final int MIN_MATCH = 3;
  private static final int MAX_DISTANCE = 8192;

  private final byte[] in;
  private final int end;
  private byte[] groups = new byte[0];
  private int flags;
  private int flagBits;
  private int halfByte = -1;

  private XpressPacker(byte[] in, int end) {
    this.in = in;
    this.end = end;
  }

  static byte[] pack(byte[] in, int from, int to) {
    return new XpressPacker(in, to).run(from);
  }

  private byte[] run(int from) {
    // The half byte that two matches share may lie before the current flags: all is kept in one
    // array, with flags patched in when 32 of them are known.
    Map<Integer, Integer> seen = new HashMap<>();
    groups = new byte[(end - from) * 2 + 64];
    int size = 4;
    int flagsAt = 0;
    int at = from;
    while (at < end) {
      int match = at + MIN_MATCH <= end ? seen.getOrDefault(key(at), -1) : -1;
      int length = match >= from && at - match <= MAX_DISTANCE ? length(match, at) : 0;
      if (length >= MIN_MATCH) {
        size = putMatch(size, at - match, length);
        flags |= 1 << (31 - flagBits);
      } else {
        length = 1;
        groups[size++] = in[at];
      }
      for (int i = 0; i < length && at + i + MIN_MATCH <= end; i++) {
        seen.put(key(at + i), at + i);
      }
      at += length;
      if (++flagBits == 32) {
        putInt(flagsAt, flags);
        flags = 0;
        flagBits = 0;
        flagsAt = size;
        size += 4;
      }
    }
    for (int bit = flagBits; bit < 32; bit++) {
      flags |= 1 << (31 - bit); // a match at the end of the data ends them
    }
    putInt(flagsAt, flags);
    return java.util.Arrays.copyOf(groups, size);
  }

  private int key(int at) {
    return (in[at] & 0xFF) | (in[at + 1] & 0xFF) << 8 | (in[at + 2] & 0xFF) << 16;
  }

  private int length(int match, int at) {
    int length = 0;
    while (at + length < end && in[match + length] == in[at + length]) {
      length++;
    }
    return length;
  }

  private int putMatch(int from, int distance, int matchLength) {
    int size = from;
    int length = matchLength - MIN_MATCH;
    int word = (distance - 1) << 3 | Math.min(length, 7);
    groups[size++] = (byte) word;
    groups[size++] = (byte) (word >>> 8);
    if (length < 7) {
      return size;
    }
    int rest = length - 7;
    int nibble = Math.min(rest, 15);
    if (halfByte < 0) {
      halfByte = size;
      groups[size++] = (byte) nibble;
    } else {
      groups[halfByte] |= (byte) (nibble << 4);
      halfByte = -1;
    }
    if (nibble < 15) {
      return size;
    }
    if (rest - 15 < 255) {
      groups[size++] = (byte) (rest - 15);
      return size;
    }
    groups[size++] = (byte) 255;
    if (length < 1 << 16) {
      groups[size++] = (byte) length;
      groups[size++] = (byte) (length >>> 8);
    } else {
      size += 2;
      putInt(size, length);
      size += 4;
    }
    return size;
  }

  private void putInt(int at, int value) {
    for (int i = 0; i < 4; i++) {
      groups[at + i] = (byte) (value >>> (8 * i));
    }
  }
}

package plaudit.snapshots;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which bytes of a file are wanted (RFC 9110, section 14).
 *
 * @param from first byte
 * @param end one past the last byte
 */
record ByteRange(long from, long end) {

  private static final Pattern ONE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

  /** The whole of a file. */
  static ByteRange whole(long size) {
    return new ByteRange(0, size);
  }

  long length() {
    return end - from;
  }

  /**
   * What a {@code Range} header asks of a file of {@code size} bytes. Several ranges at once, and
   * what is no range, may be answered with the whole file.
   *
   * @return empty when none of the bytes exists
   */
  static Optional<ByteRange> of(String header, long size) {
    Matcher one = ONE.matcher(header.strip());
    if (!one.matches() || (one.group(1).isEmpty() && one.group(2).isEmpty())) {
      return Optional.of(whole(size));
    }
    long from;
    long end = size;
    if (one.group(1).isEmpty()) {
      from = Math.max(0, size - Long.parseLong(one.group(2)));
    } else {
      from = Long.parseLong(one.group(1));
      if (!one.group(2).isEmpty()) {
        long last = Long.parseLong(one.group(2));
        if (last < from) {
          return Optional.of(whole(size));
        }
        end = Math.min(size, last + 1);
      }
    }
    return from < end ? Optional.of(new ByteRange(from, end)) : Optional.empty();
  }
}

package plaudit.eval.report;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/** Text, numbers and links as they may stand in a page. */
final class Html {

  private static final String PLAIN =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/";

  private Html() {}

  /** Any text, safe as content and as a quoted attribute; what HTML cannot hold becomes U+FFFD. */
  static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(c -> escape(c, out));
    return out.toString();
  }

  private static void escape(int c, StringBuilder out) {
    switch (c) {
      case '&' -> out.append("&amp;");
      case '<' -> out.append("&lt;");
      case '>' -> out.append("&gt;");
      case '"' -> out.append("&quot;");
      case '\'' -> out.append("&#39;");
      default -> out.appendCodePoint(isText(c) ? c : 0xFFFD);
    }
  }

  private static boolean isText(int c) {
    boolean control = (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0);
    boolean surrogate = c >= 0xd800 && c <= 0xdfff;
    // Marks that turn the direction of the text after them could make a page lie.
    boolean turning = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    boolean noCharacter = (c & 0xfffe) == 0xfffe;
    return !control && !surrogate && !turning && !noCharacter;
  }

  /** A relative link to a file, each byte that is not plain percent-encoded. */
  static String href(String path) {
    StringBuilder out = new StringBuilder("./");
    for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (PLAIN.indexOf(c) >= 0) {
        out.append(c);
      } else {
        out.append("%%%02X".formatted((int) c));
      }
    }
    return out.toString();
  }

  /** About three digits: 0.482, 6.03, 17.5, 1,954, 1.4e-5. */
  static String number(double value) {
    double size = Math.abs(value);
    String text;
    if (!Double.isFinite(value)) {
      text = Double.isNaN(value) ? "not a number" : value > 0 ? "\u221e" : "-\u221e";
    } else if (size == 0) {
      text = "0";
    } else if (size < .001) {
      text = format("%.1e", value).replace("e-0", "e-");
    } else if (size < 1) {
      text = format("%.3f", value);
    } else if (size < 10) {
      text = format("%.2f", value);
    } else if (size < 100) {
      text = format("%.1f", value);
    } else {
      text = format("%,.0f", value);
    }
    return minus(text);
  }

  /** The same without zeros at the end, for settings: 6, 0.15. */
  static String setting(double value) {
    String text = number(value);
    return text.contains(".") && !text.contains("e") ? text.replaceAll("\\.?0+$", "") : text;
  }

  /** A text's score, two decimals so that columns compare. */
  static String score(double value) {
    return minus(format("%.2f", value));
  }

  /** With its sign, plus included. */
  static String signed(double value) {
    return value > 0 ? "+" + number(value) : number(value);
  }

  /** A share in whole percent, one decimal near the ends. */
  static String percent(double share) {
    boolean nearEnd = (share > 0 && share < .01) || (share > .99 && share < 1);
    return format(nearEnd ? "%.1f" : "%.0f", share * 100) + "%";
  }

  /** 45 s, 12 min 03 s, 2 h 05 min. */
  static String duration(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 10) {
      return format("%.1f s", duration.toMillis() / 1000d);
    }
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return "%d min %02d s".formatted(seconds / 60, seconds % 60);
    }
    return "%d h %02d min".formatted(seconds / 3600, seconds / 60 % 60);
  }

  /** 812 B, 4.6 MB. */
  static String bytes(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    double size = bytes;
    int unit = -1;
    while (size >= 999.5) {
      size /= 1000;
      unit++;
    }
    return format(size < 10 ? "%.1f " : "%.0f ", size) + "kMGTPE".charAt(unit) + "B";
  }

  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  static String minus(String number) {
    return number.replace('-', '\u2212');
  }
}

package plaudit.data;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Repairs what web pages do to text: UTF-8 that was read as Windows-1252 ({@code â€™} becomes an
 * apostrophe), HTML's spellings of characters, curled quotation marks, ligatures, wide letters,
 * foreign line ends and control characters; accents are composed.
 *
 * <p>The released code (2019) calls a Python library for this. Here are its rules that such text
 * needs; not here are its guesses at other encodings, and of HTML's named characters only the six
 * that appear in posts.
 */
final class TextRepair {

  private static final Charset WINDOWS = Charset.forName("windows-1252");

  /** Characters that two to four bytes of UTF-8 become when read as Windows-1252 or Latin-1. */
  private static final Pattern MISREAD;

  static {
    StringBuilder follow = new StringBuilder("\\u0080-\\u00bf");
    for (int b = 0x80; b < 0xa0; b++) {
      String read = new String(new byte[] {(byte) b}, WINDOWS);
      if (!read.equals("\ufffd")) {
        follow.append("\\u%04x".formatted((int) read.charAt(0)));
      }
    }
    MISREAD =
        Pattern.compile(
            "[\\u00c2-\\u00df][%1$s]|[\\u00e0-\\u00ef][%1$s]{2}|[\\u00f0-\\u00f4][%1$s]{3}"
                .formatted(follow));
  }

  private static final Pattern ENTITY =
      Pattern.compile("&(amp|lt|gt|quot|apos|nbsp|#\\d{1,7}|#[xX][0-9a-fA-F]{1,6});");
  private static final Map<String, String> NAMED =
      Map.of("amp", "&", "lt", "<", "gt", ">", "quot", "\"", "apos", "'", "nbsp", "\u00a0");
  private static final Pattern LINE_END = Pattern.compile("\\r\\n|[\\r\\u0085\\u2028\\u2029]");
  private static final Pattern CONTROL =
      Pattern.compile("[\\u0000-\\u0008\\u000b\\u000e-\\u001f\\u007f\\ufeff\\ufff9-\\ufffb]");
  private static final Pattern SINGLE = Pattern.compile("[\\u02bc\\u2018-\\u201b]");
  private static final Pattern DOUBLE = Pattern.compile("[\\u201c-\\u201f]");

  /** Ligatures of Latin letters, and letters as wide as an ideograph. */
  private static final Pattern SHAPED = Pattern.compile("[\\ufb00-\\ufb06\\uff01-\\uff5e\\u3000]+");

  private static final Pattern EMPTY_LINES = Pattern.compile("\\n{3,}");

  private TextRepair() {}

  /** The text as it was meant. */
  static String repair(String text) {
    if (isPlain(text)) {
      return text;
    }
    String repaired = text.indexOf('&') < 0 ? text : unescaped(text);
    repaired = reread(repaired);
    repaired = LINE_END.matcher(repaired).replaceAll("\n");
    repaired = CONTROL.matcher(repaired).replaceAll("");
    repaired = SINGLE.matcher(repaired).replaceAll("'");
    repaired = DOUBLE.matcher(repaired).replaceAll("\"");
    repaired = SHAPED.matcher(repaired).replaceAll(m -> Matcher.quoteReplacement(plain(m.group())));
    return Normalizer.normalize(repaired, Normalizer.Form.NFC);
  }

  /** At most one empty line between two others. */
  static String collapsed(String text) {
    return text.contains("\n\n\n") ? EMPTY_LINES.matcher(text).replaceAll("\n\n") : text;
  }

  /** Printed characters of ASCII and newlines alone, as most posts are: nothing to repair. */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '&' || c >= 0x7f || (c < ' ' && c != '\n' && c != '\t')) {
        return false;
      }
    }
    return true;
  }

  private static String plain(String shaped) {
    return Normalizer.normalize(shaped, Normalizer.Form.NFKC);
  }

  private static String unescaped(String text) {
    return text.indexOf('<') >= 0 // it has marks of its own
        ? text
        : ENTITY.matcher(text).replaceAll(m -> Matcher.quoteReplacement(character(m)));
  }

  private static String character(java.util.regex.MatchResult entity) {
    String name = entity.group(1);
    if (!name.startsWith("#")) {
      return NAMED.getOrDefault(name, entity.group());
    }
    boolean hex = name.charAt(1) == 'x' || name.charAt(1) == 'X';
    int point = Integer.parseInt(name.substring(hex ? 2 : 1), hex ? 16 : 10);
    boolean whole = Character.isValidCodePoint(point) && !(point >= 0xd800 && point <= 0xdfff);
    return whole && point > 0 ? Character.toString(point) : entity.group();
  }

  /** Twice misread text needs two passes; a third has not been seen. */
  private static String reread(String text) {
    String once = rereadOnce(text);
    return once.equals(text) ? text : rereadOnce(once);
  }

  private static String rereadOnce(String text) {
    Matcher misread = MISREAD.matcher(text);
    return misread.replaceAll(m -> Matcher.quoteReplacement(decoded(m.group())));
  }

  private static String decoded(String misread) {
    byte[] bytes = new byte[misread.length()];
    for (int i = 0; i < bytes.length; i++) {
      char c = misread.charAt(i);
      bytes[i] = c < 0x100 ? (byte) c : misread.substring(i, i + 1).getBytes(WINDOWS)[0];
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return misread; // it only looked like it
    }
  }
}

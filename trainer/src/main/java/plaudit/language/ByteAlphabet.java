package plaudit.language;

import java.nio.charset.StandardCharsets;

/**
 * GPT-2's printable spelling of the 256 bytes, by which a byte-level vocabulary is written as text.
 *
 * <p>Bytes that print as themselves in Latin-1 ({@code !} to {@code ~}, {@code ¡} to {@code ¬},
 * {@code ®} to {@code ÿ}) keep their character; the others take U+0100 and up in order, so that a
 * space becomes {@code Ġ}. The id of a byte is its place in that order, as in OpenAI's vocabulary.
 */
final class ByteAlphabet {

  static final int SIZE = 256;

  private static final char[] SPELLING = new char[SIZE]; // by id
  private static final int[] ID = new int[SIZE]; // by byte

  static {
    int id = 0;
    for (int b = 0; b < SIZE; b++) {
      if (printsAsItself(b)) {
        SPELLING[id] = (char) b;
        ID[b] = id++;
      }
    }
    for (int b = 0, shifted = 0; b < SIZE; b++) {
      if (!printsAsItself(b)) {
        SPELLING[id] = (char) (SIZE + shifted++);
        ID[b] = id++;
      }
    }
  }

  private ByteAlphabet() {}

  /** The character that spells the byte with {@code id}. */
  static char spelling(int id) {
    return SPELLING[id];
  }

  /** The ids of the UTF-8 bytes of {@code text}. */
  static int[] idsOf(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      ids[i] = ID[bytes[i] & 0xff];
    }
    return ids;
  }

  private static boolean printsAsItself(int b) {
    return (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || (b >= 0xae && b <= 0xff);
  }
}

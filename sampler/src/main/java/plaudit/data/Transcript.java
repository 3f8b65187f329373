package plaudit.data;

/**
 * Dialogues as one text, as Anthropic's HH-RLHF has them: turns that begin with {@code Human:} and
 * {@code Assistant:} behind an empty line.
 */
public final class Transcript {

  private static final String TURN = "\n\nAssistant:";

  private Transcript() {}

  /**
   * The query of two texts that both begin with it, as in chosen/rejected files of dialogues: what
   * they have in common, back to the last turn of the assistant that both begin, or else to the
   * last white space, so that no word is cut. It leaves at least one character of each text, and
   * may be empty.
   */
  public static String sharedQuery(String a, String b) {
    int most = Math.min(a.length(), b.length()) - 1;
    int same = 0;
    while (same < most && a.charAt(same) == b.charAt(same)) {
      same++;
    }
    String shared = a.substring(0, Math.max(0, same));
    int turn = shared.lastIndexOf(TURN);
    if (turn >= 0) {
      return shared.substring(0, turn + TURN.length());
    }
    int end = shared.length();
    while (end > 0 && !Character.isWhitespace(shared.charAt(end - 1))) {
      end--;
    }
    return shared.substring(0, end);
  }
}

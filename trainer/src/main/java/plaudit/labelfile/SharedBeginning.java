package plaudit.labelfile;

/**
 * The query of two texts that both begin with it, as in chosen/rejected files of dialogues: what
 * they have in common, back to the last turn of the assistant that both begin, or else to the last
 * white space, so that no word is cut.
 */
final class SharedBeginning {

  private static final String TURN = "\n\nAssistant:";

  private SharedBeginning() {}

  /** The query; it leaves at least one character of each text. May be empty. */
  static String of(String a, String b) {
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

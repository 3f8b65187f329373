package plaudit.lab.bench;

import plaudit.input.InvalidInputException;

/** A page of the documentation, a part of which a benchmark writes. */
public final class MarkedPage {

  private MarkedPage() {}

  /**
   * A page with everything between two marks replaced.
   *
   * @param mark what the comments that stand around it say, the second after a slash
   * @param words to stand there
   */
  public static String filled(String page, String mark, String words) {
    String before = "<!-- " + mark + " -->";
    String after = "<!-- /" + mark + " -->";
    int begin = page.indexOf(before);
    int end = page.indexOf(after);
    if (begin < 0 || end < begin) {
      throw InvalidInputException.of("--page", "without marks", before + " and " + after);
    }
    return page.substring(0, begin + before.length()) + "\n" + words + page.substring(end);
  }
}

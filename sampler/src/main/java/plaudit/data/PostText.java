package plaudit.data;

/** Makes a query of a forum post as the released code (2019) does. */
final class PostText {

  private PostText() {}

  /** Repaired, with at most one empty line in a row, stripped. */
  static String clean(String post) {
    return TextRepair.collapsed(TextRepair.repair(post)).strip();
  }
}

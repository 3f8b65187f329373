package plaudit.simulation;

/** A law does not hold. */
final class Broken extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final String law;

  Broken(String law, String detail) {
    super(law + ": " + detail);
    this.law = law;
  }

  Broken(String law, Throwable cause) {
    super(law + ": " + cause, cause);
    this.law = law;
  }

  /** Which one. */
  String law() {
    return law;
  }

  static void unless(boolean holds, String law, String detail, Object... values) {
    if (!holds) {
      throw new Broken(law, detail.formatted(values));
    }
  }
}

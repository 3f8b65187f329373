package plaudit.cli.doctor;

/**
 * What the doctor found about one thing.
 *
 * @param what was looked at, in a word or two
 * @param verdict whether it will do
 * @param detail what was found and, unless it is fine, what was expected
 */
public record Finding(String what, Verdict verdict, String detail) {

  /** From good to bad. */
  public enum Verdict {
    /** As it should be. */
    OK,
    /** Plaudit works, only not well. */
    WARN,
    /** Something will not work. */
    FAIL
  }

  static Finding ok(String what, String detail) {
    return new Finding(what, Verdict.OK, detail);
  }

  static Finding warn(String what, String detail) {
    return new Finding(what, Verdict.WARN, detail);
  }

  static Finding fail(String what, String detail) {
    return new Finding(what, Verdict.FAIL, detail);
  }
}

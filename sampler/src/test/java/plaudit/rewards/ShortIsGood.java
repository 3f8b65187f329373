package plaudit.rewards;

/** A rule of a user's own, listed in META-INF/services. */
public final class ShortIsGood implements Rule {

  /** Made by the service loader. */
  public ShortIsGood() {}

  @Override
  public double score(Judged judged) {
    return 1.0 / (1 + judged.tokens());
  }
}

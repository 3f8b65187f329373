package plaudit.eval.verdict;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import plaudit.eval.frontier.BestOfN;
import plaudit.eval.measure.Estimate;
import plaudit.eval.measure.MeanDifference;
import plaudit.eval.measure.WinRate;
import plaudit.stats.Agreement;
import plaudit.stats.Wilson;

/**
 * How the tuned model compares with the base, on prompts that nothing was trained on.
 *
 * @param scoredBy who scored the texts, as in "scored by ..."
 * @param independent whether the policy was not trained to please that judge
 * @param difference of the scores, with its interval over prompts
 * @param winRate text by text
 * @param rate the share of wins, ties as half a win, with its interval over prompts
 * @param kl the tuned model's mean KL from the base, in nats a response
 * @param klTarget its target, if it has one
 * @param nearTarget the share of updates whose KL was within 20 % of the target
 * @param base the base model's texts
 * @param tuned the tuned model's
 * @param word the scored word that gained most texts
 * @param best what the base model reaches without training, if it was measured
 * @param rewardModel how well the reward model knows labels that it was not trained on
 * @param overOptimised a sentence, if the hidden preference fell while the reward model's score
 *     rose
 * @param people what people said of pairs of texts, if they were asked
 */
public record Verdict(
    String scoredBy,
    boolean independent,
    MeanDifference difference,
    WinRate winRate,
    Estimate rate,
    double kl,
    OptionalDouble klTarget,
    OptionalDouble nearTarget,
    Texts base,
    Texts tuned,
    Optional<Diversity.Word> word,
    Optional<BestOfBase> best,
    Optional<Accuracy> rewardModel,
    Optional<String> overOptimised,
    Optional<ByPeople> people) {

  /** The same with what people said. */
  public Verdict with(ByPeople judged) {
    return new Verdict(
        scoredBy,
        independent,
        difference,
        winRate,
        rate,
        kl,
        klTarget,
        nearTarget,
        base,
        tuned,
        word,
        best,
        rewardModel,
        overOptimised,
        Optional.of(judged));
  }

  private Optional<ByPeople> answered() {
    return people.filter(ByPeople::hasAnswers);
  }

  /** A loss of variety that is said: a tenth of the distinct pairs. */
  private static final double FEWER_PAIRS = .9;

  /** A word in so many texts, and in so many times as many as before, is said. */
  private static final double COMMON = .25;

  private static final double TIMES = 3;

  /**
   * A model's texts.
   *
   * @param entropy nats a token: mean of -log probability of its own tokens
   * @param underBase nats a token under the base model
   * @param reward mean score of the run's reward model, in reference deviations
   */
  public record Texts(
      Diversity diversity, double entropy, double underBase, OptionalDouble reward) {}

  /**
   * Labels that were held out of the reward model's last training.
   *
   * @param choices responses of a label, of which the reward model must choose the same one
   */
  public record Accuracy(Agreement agreement, int choices) {}

  /** What is to be concluded. */
  public enum Worth {
    /** It scores more than the base, and than the best of n at its KL where that was measured. */
    BETTER,
    /** As above, but its texts are clearly less varied. */
    NARROWER,
    /** It scores more than the base, but not clearly more than the best of n. */
    NO_BETTER_THAN_BEST_OF_N,
    /** It scores more, by the reward that it was trained to raise. */
    NOT_JUDGED,
    /** The interval has 0 in it. */
    UNCLEAR,
    /** It scores less than the base. */
    WORSE
  }

  /** What is to be concluded; where people have answered, they decide what is better. */
  public Worth worth() {
    Optional<ByPeople> judges = answered();
    if (judges.map(it -> it.rate().high() < .5).orElse(difference.high() < 0)) {
      return Worth.WORSE;
    }
    if (judges.map(it -> it.rate().low() <= .5).orElse(difference.low() <= 0)) {
      return Worth.UNCLEAR;
    }
    if (judges.isEmpty() && !independent) {
      return Worth.NOT_JUDGED;
    }
    if (independent && best.filter(it -> it.n() > 1 && it.ahead().low() <= 0).isPresent()) {
      return Worth.NO_BETTER_THAN_BEST_OF_N;
    }
    return lessVaried() ? Worth.NARROWER : Worth.BETTER;
  }

  /** A headline of a few words. */
  public String headline() {
    String bestOf = judgedBest().map(it -> "the best of " + it.n() + " of its texts").orElse("");
    return switch (worth()) {
      case BETTER ->
          bestOf.isEmpty()
              ? "Better than the base."
              : "Better than the base, and than " + bestOf + ".";
      case NARROWER -> "Better than the base, but less varied.";
      case NO_BETTER_THAN_BEST_OF_N ->
          "Better than the base, but "
              + bestOf
              + (best.orElseThrow().ahead().high() < 0 ? " is better still." : " may be as good.");
      case NOT_JUDGED -> "Higher by its own reward; no other judge was asked.";
      case UNCLEAR -> "No clear difference from the base.";
      case WORSE -> "Worse than the base.";
    };
  }

  /** One sentence, or two, that say whether the tuning is worth it. */
  public String sentence() {
    String change = change();
    return switch (worth()) {
      case BETTER ->
          "Worth the tuning by this measure: "
              + change
              + judgedBest()
                  .map(this::ahead)
                  .orElse(
                      answered().isPresent()
                          ? "; the best of n of the base was not put to them"
                          : "; the best of n was not measured")
              + ".";
      case NARROWER ->
          "Worth the tuning only if variety does not matter: "
              + change
              + judgedBest().map(this::ahead).orElse("")
              + ", and "
              + narrower()
              + ".";
      case NO_BETTER_THAN_BEST_OF_N ->
          "Not worth the tuning by this measure: "
              + change
              + ", but "
              + cheaper(best.orElseThrow())
              + "."
              + (lessVaried() ? " Besides, " + narrower() + "." : "");
      case NOT_JUDGED ->
          "Not known whether it is worth it: "
              + change
              + ", but by the reward that it was trained to raise. Let people judge, or"
              + " another judge.";
      case UNCLEAR -> "Not worth the tuning so far: no clear difference, " + change + ".";
      case WORSE -> "Not worth the tuning: it got worse, " + change + ".";
    };
  }

  private String change() {
    return answered()
        .map(
            it ->
                String.format(
                    Locale.ROOT,
                    "people preferred its texts to the base's in %.1f %% of %d pairs (95 %%"
                        + " interval over prompts %.1f to %.1f %%) at KL %.1f",
                    100 * it.rate().share(),
                    it.judged(),
                    100 * it.rate().low(),
                    100 * it.rate().high(),
                    kl))
        .orElseGet(
            () ->
                String.format(
                    Locale.ROOT,
                    "its texts score %+.3f against the base's (95 %% interval over prompts %+.3f to"
                        + " %+.3f) at KL %.1f",
                    difference.mean(),
                    difference.low(),
                    difference.high(),
                    kl));
  }

  /** The best of n counts where something but the reward model itself has scored it. */
  private Optional<BestOfBase> judgedBest() {
    return best.filter(it -> independent);
  }

  private String ahead(BestOfBase it) {
    return String.format(
        Locale.ROOT,
        ", and %+.3f (%+.3f to %+.3f) against the best of %d of the base, chosen by the same reward"
            + " model%s",
        it.ahead().mean(),
        it.ahead().low(),
        it.ahead().high(),
        it.n(),
        it.cutByDraws(kl)
            ? String.format(
                Locale.ROOT, ", at KL %.1f: no larger n was measured, so KL is not equal", it.kl())
            : "");
  }

  private String cheaper(BestOfBase it) {
    if (it.enough().isPresent()) {
      int n = it.enough().getAsInt();
      return String.format(
          Locale.ROOT,
          "the best of %d of the base, chosen by the same reward model, scores as much at KL %.1f"
              + " without any training (the best of %d: %.3f against %.3f)",
          n,
          BestOfN.kl(n),
          it.n(),
          it.score().mean(),
          it.tuned());
    }
    return String.format(
        Locale.ROOT,
        "it is not clearly ahead of the best of %d of the base, chosen by the same reward model, at"
            + " KL %.1f: %.3f against %.3f, difference %+.3f (%+.3f to %+.3f)",
        it.n(),
        it.kl(),
        it.tuned(),
        it.score().mean(),
        it.ahead().mean(),
        it.ahead().low(),
        it.ahead().high());
  }

  private boolean lessVaried() {
    return fewerPairs() || commonWord().isPresent();
  }

  private boolean fewerPairs() {
    return tuned.diversity().distinct2() < FEWER_PAIRS * base.diversity().distinct2();
  }

  private Optional<Diversity.Word> commonWord() {
    return word.filter(it -> it.tuned() >= COMMON && it.tuned() >= TIMES * it.base());
  }

  private String narrower() {
    String pairs =
        fewerPairs()
            ? String.format(
                Locale.ROOT,
                "distinct-2 fell from %.3f to %.3f",
                base.diversity().distinct2(),
                tuned.diversity().distinct2())
            : "";
    String common =
        commonWord()
            .map(
                it ->
                    String.format(
                        Locale.ROOT,
                        "\u201c%s\u201d is in %.0f %% of its texts (base %.0f %%)",
                        it.word(),
                        100 * it.tuned(),
                        100 * it.base()))
            .orElse("");
    return pairs.isEmpty() || common.isEmpty() ? pairs + common : pairs + ", and " + common;
  }

  /** The reward model's accuracy with its interval, such as {@code 58.3 % of 240 ...}. */
  public Optional<String> accuracy() {
    return rewardModel
        .filter(it -> it.agreement().judged() > 0)
        .map(
            it -> {
              Wilson share = it.agreement().accuracy();
              return String.format(
                  Locale.ROOT,
                  "%.1f %% of %,d held-out labels (95 %% interval %.1f to %.1f %%; chance %.0f %%)",
                  100 * share.share(),
                  it.agreement().judged(),
                  100 * share.low(),
                  100 * share.high(),
                  100.0 / it.choices());
            });
  }
}

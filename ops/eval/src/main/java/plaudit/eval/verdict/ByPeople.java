package plaudit.eval.verdict;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import plaudit.eval.agreement.AgreementReport;
import plaudit.eval.agreement.JudgedItem;
import plaudit.eval.panel.HumanEvaluation;
import plaudit.eval.panel.HumanEvaluation.Tally;
import plaudit.eval.panel.Panel;
import plaudit.eval.panel.StoredLabels;
import plaudit.stats.Agreement;
import plaudit.stats.Wilson;

/**
 * What people said of pairs of texts, one of the base and one tuned, without knowing which is which
 * (paper 5.1). One pair a prompt, so that the interval is over prompts.
 *
 * @param pairs all of them
 * @param judged how many have a result: a majority, none, or the same text twice
 * @param ties judged pairs without a majority
 * @param alike pairs of the same text, which were put to no labeler
 * @param answers that came
 * @param wanted answers that were asked for
 * @param rate share of the judged pairs that the tuned model won, ties half
 * @param betweenPeople share of pairs of labelers that gave the same answer, if any pair of texts
 *     was judged twice
 * @param withRewardModel how often the run's reward model prefers what a majority prefers, if the
 *     run has one
 * @param ended why not all was answered; empty if it was
 */
public record ByPeople(
    int pairs,
    int judged,
    int ties,
    int alike,
    long answers,
    long wanted,
    Wilson rate,
    Optional<Wilson> betweenPeople,
    Optional<Agreement> withRewardModel,
    String ended) {

  private static final int TUNED = 1;

  /**
   * Counts.
   *
   * @param evaluation whose writers are the base and the tuned model
   * @param scores of the run's reward model for each pair's texts, if there is one
   */
  public static ByPeople of(
      HumanEvaluation evaluation, Panel.Outcome outcome, Optional<List<float[]>> scores) {
    Tally tally = evaluation.count(outcome.labels(), true);
    Map<String, JudgedItem> items = StoredLabels.items(outcome.labels());
    List<JudgedItem> twice = items.values().stream().filter(it -> it.answers().size() > 1).toList();
    return new ByPeople(
        evaluation.sets().size(),
        tally.counted(),
        tally.ties(),
        tally.alike(),
        items.values().stream().mapToLong(it -> it.answers().size()).sum(),
        (long) evaluation.comparisons().size() * evaluation.overlap(),
        tally.share(TUNED),
        twice.isEmpty() ? Optional.empty() : Optional.of(AgreementReport.of(twice).pairs()),
        scores.map(it -> evaluation.agreement(outcome.labels(), it)),
        outcome.reason());
  }

  /** Whether people have judged anything. */
  public boolean hasAnswers() {
    return answers > 0;
  }

  /** Such as {@code preferred the tuned model in 61.0 % of 64 pairs (...)}. */
  public String words() {
    String came = String.format(Locale.ROOT, "%,d of %,d answers", answers, wanted);
    String end = ended.isEmpty() ? "" : "; ended early: " + ended;
    return hasAnswers()
        ? String.format(
            Locale.ROOT,
            "preferred the tuned model in %s of %,d pairs (no majority %d, the same text %d); %s%s",
            percent(rate),
            judged,
            ties,
            alike,
            came,
            end)
        : "no verdict: " + came + " came" + end;
  }

  /** How far people agree with each other and the reward model with them; empty if not known. */
  public Optional<String> agreement() {
    Optional<String> people =
        betweenPeople.map(it -> "of pairs of labelers " + percent(it) + " agree");
    Optional<String> model =
        withRewardModel
            .filter(it -> it.judged() > 0)
            .map(
                it ->
                    String.format(
                        Locale.ROOT,
                        "the reward model prefers the majority's text in %s of %,d pairs",
                        percent(it.accuracy()),
                        it.judged()));
    return people.isPresent() && model.isPresent()
        ? Optional.of(people.get() + "; " + model.get())
        : people.or(() -> model);
  }

  private static String percent(Wilson it) {
    return String.format(
        Locale.ROOT,
        "%.1f %% (95 %% interval %.1f to %.1f %%)",
        100 * it.share(),
        100 * it.low(),
        100 * it.high());
  }
}

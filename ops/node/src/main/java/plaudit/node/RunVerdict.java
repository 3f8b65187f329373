package plaudit.node;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import plaudit.eval.measure.Bootstrap;
import plaudit.eval.measure.MeanDifference;
import plaudit.eval.measure.WinRate;
import plaudit.eval.verdict.BestOfBase;
import plaudit.eval.verdict.Diversity;
import plaudit.eval.verdict.OverOptimisation;
import plaudit.eval.verdict.Verdict;
import plaudit.eval.verdict.Verdict.Texts;
import plaudit.model.CausalNet;
import plaudit.node.Evaluation.Nats;
import plaudit.node.Evaluation.Written;
import plaudit.policy.PolicySettings;
import plaudit.tokens.Tokens;
import plaudit.training.TrainingObserver.RewardReport;

/**
 * Measures the tuned model against the base at the end of a run: by the hidden preference where
 * there is one, else by what the run was rewarded by; and with what the base reaches by best of n.
 *
 * @param preference of the simulated labelers whose labels the run learns from, if it does
 * @param reward the run's source of rewards, if it gives scores
 * @param bestOf samples of the base a prompt for best of n; 0 leaves it out
 */
record RunVerdict(
    RunInputs inputs,
    PolicySettings ppo,
    Optional<LexiconPreference> preference,
    Optional<SourceScores> reward,
    int bestOf,
    long seed) {

  private static final int BEST_OF_PROMPTS = 96;
  private static final int RESAMPLES = 2_000;
  private static final double SAME = 1e-9;
  private static final double NEAR = .2;

  /** Texts with a score each by the judge; without one if there is no judge. */
  record Scored(Evaluation evaluation, Optional<double[]> scores) {

    /** The score of text {@code i}; not a number without a judge. */
    double score(int i) {
      return scores.map(it -> it[i]).orElse(Double.NaN);
    }
  }

  /**
   * Base and tuned texts with the judge's scores, in this order. A source that compares the texts
   * of a group is given each base text with its tuned one.
   */
  List<Scored> scored(Evaluation base, Evaluation tuned) {
    if (preference.isPresent()) {
      return Stream.of(base, tuned)
          .map(it -> new Scored(it, Optional.of(judged(it, preference.get()))))
          .toList();
    }
    Optional<double[][]> pairs = reward.map(it -> rewarded(base, tuned, it));
    return List.of(
        new Scored(base, pairs.map(it -> it[0])), new Scored(tuned, pairs.map(it -> it[1])));
  }

  /**
   * The verdict; empty if there is neither a preference nor a reward model.
   *
   * @param metrics the lines of the run's updates
   * @param training the newest of the reward model
   * @param choices responses of a label
   */
  Optional<Verdict> of(
      Scored before,
      Scored after,
      CausalNet base,
      List<Map<String, Number>> metrics,
      Optional<RewardReport> training,
      int choices) {
    if (before.scores().isEmpty() || after.scores().isEmpty()) {
      return Optional.empty();
    }
    double[] old = before.scores().get();
    double[] tuned = after.scores().get();
    int draws = after.evaluation().draws();
    Nats oldNats = before.evaluation().nats(base);
    Optional<double[][]> rewards =
        reward.map(it -> rewarded(before.evaluation(), after.evaluation(), it));
    Nats nats = after.evaluation().nats(base);
    OptionalDouble target =
        ppo.kl().adaptive() ? OptionalDouble.of(ppo.kl().target()) : OptionalDouble.empty();
    return Optional.of(
        new Verdict(
            preference
                    .map(it -> "the hidden preference")
                    .orElseGet(() -> reward.map(SourceScores::words).orElse(""))
                + " on held-out prompts",
            preference.isPresent() || reward.filter(SourceScores::isTheGoal).isPresent(),
            MeanDifference.ofPrompts(old, tuned, draws, new SplittableRandom(1)),
            WinRate.of(old, tuned, SAME),
            new Bootstrap(RESAMPLES, new SplittableRandom(1))
                .mean(perPrompt(wins(old, tuned), draws)),
            nats.kl(),
            target,
            target.isPresent() ? near(metrics, target.getAsDouble()) : OptionalDouble.empty(),
            texts(before.evaluation(), oldNats, rewards.map(it -> it[0])),
            texts(after.evaluation(), nats, rewards.map(it -> it[1])),
            Diversity.gained(
                before.evaluation().texts(),
                after.evaluation().texts(),
                word -> preference.isEmpty() || preference.get().counts(word)),
            bestOf(after, base, nats.kl()),
            training.map(it -> new Verdict.Accuracy(it.heldOut(), choices)),
            OverOptimisation.words(steps(metrics)),
            Optional.empty()));
  }

  private static Texts texts(Evaluation evaluation, Nats nats, Optional<double[]> rewards) {
    return new Texts(
        Diversity.of(evaluation.texts()),
        nats.entropy(),
        nats.underReference(),
        rewards.map(it -> Arrays.stream(it).average()).orElse(OptionalDouble.empty()));
  }

  private Optional<BestOfBase> bestOf(Scored after, CausalNet base, double kl) {
    if (bestOf < 2 || reward.filter(SourceScores::isCheap).isEmpty()) {
      return Optional.empty();
    }
    List<Tokens> queries = inputs.heldOut();
    int prompts = Math.min(BEST_OF_PROMPTS, queries.size());
    // Evenly spaced: the first ones may be of one book.
    List<Integer> places =
        IntStream.range(0, prompts).mapToObj(i -> i * queries.size() / prompts).toList();
    Evaluation samples =
        Evaluation.of(base, inputs, places.stream().map(queries::get).toList(), bestOf, seed + 1);
    double[] rewards = rewarded(samples, reward.get());
    double[] scores = preference.map(it -> judged(samples, it)).orElse(rewards);
    double[] own = perPrompt(after.scores().orElseThrow(), after.evaluation().draws());
    return Optional.of(
        BestOfBase.of(
            rows(rewards, bestOf),
            rows(scores, bestOf),
            places.stream().mapToDouble(i -> own[i]).toArray(),
            kl,
            seed));
  }

  /** What the run was rewarded by says of some texts, base and tuned; empty without scores. */
  Optional<List<float[]>> rewards(Evaluation base, Evaluation tuned, List<Integer> places) {
    return reward.map(
        source -> {
          double[][] scores = rewarded(base, tuned, source);
          return places.stream()
              .map(i -> new float[] {(float) scores[0][i], (float) scores[1][i]})
              .toList();
        });
  }

  private static double[] judged(Evaluation evaluation, LexiconPreference preference) {
    return evaluation.written().stream().mapToDouble(it -> preference.score(it.text())).toArray();
  }

  /** Scores of the texts of both; each text of the base is of a group with its tuned one. */
  private static double[][] rewarded(Evaluation base, Evaluation tuned, SourceScores source) {
    List<Written> all = new ArrayList<>();
    List<Long> ids = new ArrayList<>();
    int texts = base.written().size();
    for (int i = 0; i < texts; i++) {
      all.addAll(List.of(base.written().get(i), tuned.written().get(i)));
      ids.addAll(List.of((long) i, (long) i));
    }
    double[] scores = source.score(all, ids);
    double[][] parted = new double[2][texts];
    for (int i = 0; i < scores.length; i++) {
      parted[i % 2][i / 2] = scores[i];
    }
    return parted;
  }

  private static double[] rewarded(Evaluation evaluation, SourceScores source) {
    List<Written> written = evaluation.written();
    return source.score(
        written, written.stream().map(it -> it.response().rollout().promptId()).toList());
  }

  private static double[] wins(double[] base, double[] tuned) {
    double[] wins = new double[base.length];
    for (int i = 0; i < wins.length; i++) {
      double difference = tuned[i] - base[i];
      wins[i] = difference > SAME ? 1 : difference < -SAME ? 0 : .5;
    }
    return wins;
  }

  private static double[] perPrompt(double[] values, int draws) {
    return Arrays.stream(rows(values, draws))
        .mapToDouble(own -> Arrays.stream(own).average().orElseThrow())
        .toArray();
  }

  private static double[][] rows(double[] values, int draws) {
    double[][] rows = new double[values.length / draws][];
    Arrays.setAll(rows, i -> Arrays.copyOfRange(values, i * draws, (i + 1) * draws));
    return rows;
  }

  private static OptionalDouble near(List<Map<String, Number>> metrics, double target) {
    return metrics.stream()
        .map(line -> line.get("kl"))
        .filter(Objects::nonNull)
        .mapToDouble(kl -> Math.abs(kl.doubleValue() / target - 1) <= NEAR ? 1 : 0)
        .average();
  }

  private static List<OverOptimisation.Step> steps(List<Map<String, Number>> metrics) {
    List<OverOptimisation.Step> steps = new ArrayList<>();
    for (Map<String, Number> line : metrics) {
      Number update = line.get("update");
      Number reward = line.get("reward");
      Number judge = line.get("judge/score");
      if (update != null && reward != null && judge != null) {
        steps.add(
            new OverOptimisation.Step(
                update.doubleValue(), reward.doubleValue(), judge.doubleValue()));
      }
    }
    return steps;
  }
}

package plaudit.lab.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import plaudit.lab.study.ReviewWindows.Kinds;
import plaudit.model.Compute;
import plaudit.model.ReferenceModel;
import plaudit.reward.ReferenceSamples;
import plaudit.reward.RewardExample;
import plaudit.reward.RewardLoss;
import plaudit.reward.RewardNet;
import plaudit.reward.RewardScale;
import plaudit.reward.RewardSettings;
import plaudit.reward.RewardTraining;
import plaudit.reward.Target;
import plaudit.stats.Agreement;
import plaudit.tokens.Tokens;
import plaudit.training.TrainingObserver;

/**
 * Makes the mock human: the reference's trunk with a scalar head, trained to tell pieces of
 * positive reviews from pieces of negative ones. Trained on pairs, one of each kind, with {@code
 * -log sigmoid(z_positive - z_negative)}: over all pairs that is least where z is the log-odds but
 * for a constant, since the odds of a pair are the quotient of the odds of its texts. Gain and
 * constant are fitted afterwards on held-out pieces.
 *
 * <p>The paper's is a Transformer of 6 layers trained on Amazon reviews (2.4).
 *
 * @param settings of the optimizer, of which batch and learning rate are replaced
 */
record ClassifierTraining(
    RewardSettings settings, StudySettings.Classifier own, Compute compute, long seed) {

  /**
   * How well it tells kinds of unseen pieces apart, chance being a half.
   *
   * @param trained pieces it learned from
   * @param accuracy share of pieces whose log-odds have the right sign
   * @param pairs share of pairs in the right order
   * @param logLoss mean {@code -log} of the probability it gave the right kind, in nats
   */
  record Report(int trained, Agreement accuracy, Agreement pairs, double logLoss) {}

  /**
   * Trains {@code net}, which is fresh, and sets its scale so that scores are log-odds.
   *
   * @param seen told how many pieces have been learned from
   * @param goOn asked after each step; false gives up
   * @return empty if it was given up
   */
  Optional<Report> train(
      RewardNet net, ReviewWindows windows, LongConsumer seen, BooleanSupplier goOn) {
    List<RewardExample> pairs = pairs(windows.training());
    RewardTraining.Outcome outcome =
        new RewardTraining(
                ofPairs(),
                pairs,
                new ReferenceSamples(windows.scale().all()),
                new Random(seed),
                TrainingObserver.ofSteps(
                    step -> {
                      seen.accept(2 * step.done());
                      return goOn.getAsBoolean();
                    }))
            .run(net);
    if (!outcome.complete()) {
      return Optional.empty();
    }
    net.scale(LogOddsFit.of(net.raw(windows.scale().all()), positive(windows.scale())));
    return Optional.of(measure(net, windows.test(), 2 * pairs.size()));
  }

  /** The reference with a fresh head. */
  RewardNet start(ReferenceModel reference) {
    return RewardNet.fresh(
        reference.config(), reference::tensor, new Random(seed), settings.adam(), compute);
  }

  private RewardSettings ofPairs() {
    return new RewardSettings(
        own.batch() / 2,
        1,
        RewardLoss.BEST_OF_N,
        0,
        own.learningRate(),
        settings.shape(),
        settings.adam(),
        settings.normaliseSamples(),
        true,
        0,
        0,
        settings.labels());
  }

  private static List<RewardExample> pairs(Kinds kinds) {
    List<RewardExample> pairs = new ArrayList<>();
    for (int i = 0; i < kinds.positive().size(); i++) {
      List<Tokens> both = List.of(kinds.positive().get(i), kinds.negative().get(i));
      pairs.add(new RewardExample(both, Target.Best.only(0)));
    }
    return pairs;
  }

  private static Report measure(RewardNet net, Kinds kinds, int trained) {
    float[] raw = net.raw(kinds.all());
    boolean[] positive = positive(kinds);
    RewardScale scale = net.scale();
    long right = 0;
    long ordered = 0;
    double loss = 0;
    for (int i = 0; i < raw.length; i++) {
      double odds = scale.apply(raw[i]) * (positive[i] ? 1 : -1);
      right += odds > 0 ? 1 : 0;
      loss += Math.log1p(Math.exp(-Math.abs(odds))) + Math.max(0, -odds);
    }
    int half = raw.length / 2;
    for (int i = 0; i < half; i++) {
      ordered += raw[i] > raw[half + i] ? 1 : 0;
    }
    return new Report(
        trained, new Agreement(right, raw.length), new Agreement(ordered, half), loss / raw.length);
  }

  private static boolean[] positive(Kinds kinds) {
    boolean[] positive = new boolean[2 * kinds.positive().size()];
    Arrays.fill(positive, 0, positive.length / 2, true);
    return positive;
  }
}

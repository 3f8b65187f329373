package plaudit.reward;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import plaudit.input.InvalidInputException;
import plaudit.optim.Schedule;
import plaudit.reward.RewardScale.Moments;
import plaudit.stats.Agreement;
import plaudit.training.TrainingObserver;

/**
 * One training of a reward model, from first scale to last (paper 1.2, 1.3): bring the fresh head
 * to the labels' scale on reference samples, pass over the rows with a falling learning rate, and
 * bring the trained model to mean 0 and deviation 1 on the same samples. Gain and bias are trained
 * in between; the last step replaces both.
 */
public final class RewardTraining {

  private final RewardSettings settings;
  private final List<RewardExample> examples;
  private final ReferenceSamples samples;
  private final Random random;
  private final TrainingObserver observer;

  /**
   * A training that has not begun.
   *
   * @param samples of the frozen reference, for both scalings
   * @param random of the permutations
   */
  public RewardTraining(
      RewardSettings settings,
      List<RewardExample> examples,
      ReferenceSamples samples,
      Random random,
      TrainingObserver observer) {
    this.settings = settings;
    this.examples = List.copyOf(examples);
    this.samples = samples;
    this.random = random;
    this.observer = observer;
  }

  /**
   * What a training was like.
   *
   * @param seen rows learned from, over all passes
   * @param complete whether these were all
   * @param firstLoss mean loss over the first tenth of the rows, before they were learned from
   * @param lastLoss the same over the last tenth
   * @param agreement how often the best-scored response was a person's choice, before the row was
   *     learned from, over all passes
   * @param trained gain and bias before the last scaling
   */
  public record Outcome(
      long seen,
      boolean complete,
      double firstLoss,
      double lastLoss,
      Agreement agreement,
      RewardScale trained) {}

  /**
   * Trains {@code net}, which is fresh.
   *
   * @throws InvalidInputException when a loss or a score is no longer a number
   */
  public Outcome run(RewardNet net) {
    if (settings.normaliseBefore()) {
      normalise(net, settings.loss().startingScale(examples));
    }
    long total = (long) examples.size() * settings.epochs();
    Schedule schedule = settings.schedule(Math.max(1, total));
    List<Double> losses = new ArrayList<>();
    Agreement agreement = Agreement.NONE;
    long seen = 0;
    long steps = 0;
    boolean goOn = true;
    for (int epoch = 0; epoch < settings.epochs() && goOn; epoch++) {
      for (List<RewardExample> batch : batches(examples, settings.batch(), random)) {
        double rate = schedule.at(seen);
        RewardNet.Before before = net.learn(batch, settings, rate);
        requireFinite("loss of the rows from %d on".formatted(seen + 1), before.loss());
        for (int i = 0; i < batch.size(); i++) {
          losses.add(before.loss());
          agreement = batch.get(i).countIn(agreement, before.rewards().get(i));
        }
        long start = seen;
        seen += batch.size();
        steps++;
        long tokens = batch.stream().mapToLong(RewardExample::tokens).sum();
        observer.onStep(
            new TrainingObserver.Step(steps, start, seen, total, rate, before.loss(), tokens));
        goOn = !observer.stopped();
        if (!goOn) {
          break;
        }
      }
    }
    RewardScale trained = net.scale();
    normalise(net, Moments.STANDARD);
    int tenth = Math.max(1, losses.size() / 10);
    return new Outcome(
        seen,
        seen == total,
        mean(losses.subList(0, Math.min(tenth, losses.size()))),
        mean(losses.subList(Math.max(0, losses.size() - tenth), losses.size())),
        agreement,
        trained);
  }

  /**
   * One pass over the rows, each exactly once: a fresh permutation, cut into optimizer steps (paper
   * 2.2). Rows of a step have equally many responses, so that their rewards make a rectangle; where
   * a file mixes them, rows wait until a step of their kind is full, and the rest makes smaller
   * steps at the end.
   */
  static List<List<RewardExample>> batches(List<RewardExample> examples, int batch, Random random) {
    List<RewardExample> shuffled = new ArrayList<>(examples);
    Collections.shuffle(shuffled, random);
    Map<Integer, List<RewardExample>> open = new LinkedHashMap<>();
    List<List<RewardExample>> batches = new ArrayList<>();
    for (RewardExample example : shuffled) {
      List<RewardExample> rows =
          open.computeIfAbsent(example.responses(), responses -> new ArrayList<>());
      rows.add(example);
      if (rows.size() == batch) {
        batches.add(rows);
        open.remove(example.responses());
      }
    }
    batches.addAll(open.values());
    return batches;
  }

  /** Gain 1 and bias 0, look at the reference's samples, then the scale that is wanted. */
  private void normalise(RewardNet net, Moments wanted) {
    net.scale(RewardScale.IDENTITY);
    if (!net.scale().equals(RewardScale.IDENTITY)) {
      throw new IllegalStateException(net.scale() + " (expected: gain 1, bias 0)");
    }
    float[] raw = net.raw(samples.sequences());
    for (float score : raw) {
      requireFinite("score of a sample of the reference", score);
    }
    net.scale(RewardScale.normalising(raw, wanted));
  }

  private static void requireFinite(String what, double value) {
    if (!Double.isFinite(value)) {
      throw InvalidInputException.of(
          what, value, "a finite number; a lower reward.learning-rate may help");
    }
  }

  private static double mean(List<Double> numbers) {
    return numbers.stream().mapToDouble(x -> x).average().orElse(Double.NaN);
  }
}

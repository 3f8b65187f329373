package plaudit.language;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import plaudit.model.TokenBatch;
import plaudit.optim.Schedule;
import plaudit.optim.TrainedNet;
import plaudit.tokens.Tokens;

/**
 * Trains a network on demonstrations (paper 1.5): passes over them in an order of the seed, the
 * loss on the responses alone, a learning rate that falls to 0 along a cosine.
 *
 * <p>Order and dropout are functions of the seed and the step, so a training that goes on from a
 * checkpoint makes the very steps it would have made.
 */
public final class SupervisedTrainer {

  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private final TrainedNet net;
  private final SupervisedSettings settings;
  private final List<Demonstration> demonstrations;
  private final Schedule schedule;
  private long orderedEpoch = -1;
  private int[] order = {};

  /**
   * Trains {@code net}, which stays the caller's and may have taken steps of this training before.
   *
   * @param rate the learning rate of the first step
   */
  public SupervisedTrainer(
      TrainedNet net,
      SupervisedSettings settings,
      List<Demonstration> demonstrations,
      double rate) {
    this.net = net;
    this.settings = settings;
    this.demonstrations = List.copyOf(demonstrations);
    long steps = settings.epochs() * settings.stepsAnEpoch(demonstrations.size());
    this.schedule = new Schedule(Schedule.Shape.COSINE, rate, 0, steps);
  }

  /** Hears of every step. */
  public interface Listener {
    /**
     * One step was taken.
     *
     * @param step from 1
     * @param loss mean nats a token of the step's responses
     * @param tokens how many tokens the step read and wrote
     */
    void onStep(long step, double loss, long tokens);
  }

  /** How many steps there are in all. */
  public long steps() {
    return schedule.total();
  }

  /** Whether all steps are taken. */
  public boolean complete() {
    return net.steps() >= steps();
  }

  /**
   * Takes all steps, or stops after a whole one when {@code stop} says so.
   *
   * @throws TrainingDivergedException when the loss is no longer a number; the step is not taken
   */
  public void train(Listener listener, BooleanSupplier stop) {
    while (!complete() && !stop.getAsBoolean()) {
      long step = net.steps();
      List<Demonstration> batch = batch(step);
      double loss = 0;
      Engine.getInstance().setRandomSeed((int) mixed(step));
      for (int from = 0; from < batch.size(); from += settings.microBatch()) {
        if (stop.getAsBoolean()) {
          return; // what was added up is thrown away with the network
        }
        int to = Math.min(from + settings.microBatch(), batch.size());
        loss += backward(batch.subList(from, to), 1.0 / tokens(batch));
      }
      if (!Double.isFinite(loss)) {
        throw new TrainingDivergedException(step + 1, schedule.rate(), loss);
      }
      net.step(schedule.at(step));
      listener.onStep(step + 1, loss, batch.stream().mapToLong(SupervisedTrainer::length).sum());
    }
  }

  /** Mean nats a token of the responses, without dropout; empty if {@code stop} said so. */
  public OptionalDouble evaluate(List<Demonstration> heldOut, BooleanSupplier stop) {
    double nats = 0;
    for (int from = 0; from < heldOut.size(); from += settings.microBatch()) {
      if (stop.getAsBoolean()) {
        return OptionalDouble.empty();
      }
      List<Demonstration> rows =
          heldOut.subList(from, Math.min(from + settings.microBatch(), heldOut.size()));
      try (NDManager scope = net.scope()) {
        nats +=
            net.infer("answer_nats", scope, ids(scope, rows), targets(scope, rows))
                .get(0)
                .getFloat();
      }
    }
    return OptionalDouble.of(nats / tokens(heldOut));
  }

  private double backward(List<Demonstration> rows, double scale) {
    try (NDManager scope = net.scope()) {
      NDArray knobs = scope.create(new float[] {(float) scale, (float) settings.dropout()});
      NDList out =
          net.backward("answer_loss", scope, ids(scope, rows), targets(scope, rows), knobs);
      return out.get(1).getFloat() * scale;
    }
  }

  private static NDArray ids(NDManager scope, List<Demonstration> rows) {
    TokenBatch batch =
        TokenBatch.aligned(
            rows.stream().map(Demonstration::query).toList(),
            rows.stream().map(Demonstration::response).toList());
    return scope.create(batch.ids(), new Shape(batch.rows(), batch.columns()));
  }

  private static NDArray targets(NDManager scope, List<Demonstration> rows) {
    TokenBatch batch = TokenBatch.leftAligned(rows.stream().map(Demonstration::response).toList());
    return scope.create(batch.ids(), new Shape(batch.rows(), batch.columns()));
  }

  private List<Demonstration> batch(long step) {
    long epoch = step / settings.stepsAnEpoch(demonstrations.size());
    int from = (int) (step % settings.stepsAnEpoch(demonstrations.size())) * settings.batch();
    if (epoch != orderedEpoch) {
      order = shuffled(demonstrations.size(), epoch);
      orderedEpoch = epoch;
    }
    int to = Math.min(from + settings.batch(), order.length);
    return Arrays.stream(order, from, to).mapToObj(demonstrations::get).toList();
  }

  private int[] shuffled(int size, long epoch) {
    RandomGenerator random =
        RandomGeneratorFactory.of("L64X128MixRandom").create(settings.seed() ^ (epoch * SPREAD));
    int[] cards = new int[size];
    for (int i = 0; i < size; i++) {
      int j = random.nextInt(i + 1);
      cards[i] = cards[j];
      cards[j] = i;
    }
    return cards;
  }

  private long mixed(long step) {
    long mixed = (settings.seed() + 1) * SPREAD + step * 0xD1B54A32D192ED03L;
    return (mixed ^ (mixed >>> 29)) & Integer.MAX_VALUE;
  }

  private static long tokens(List<Demonstration> demonstrations) {
    return demonstrations.stream().map(Demonstration::response).mapToLong(Tokens::length).sum();
  }

  private static long length(Demonstration demonstration) {
    return demonstration.query().length() + (long) demonstration.response().length();
  }
}

package plaudit.language;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import plaudit.input.InvalidInputException;
import plaudit.model.TokenBatch;
import plaudit.optim.Schedule;
import plaudit.tokens.Tokens;

/**
 * Demonstrations to train on (paper 1.5): passes over them in an order of the seed, the loss on the
 * responses alone, a learning rate that falls to 0 along a cosine. A step is a function of the seed
 * and its number. Not thread-safe.
 */
public final class Demonstrations implements LanguageData {

  /**
   * How to train on demonstrations.
   *
   * @param epochs passes over the demonstrations; paper: 1
   * @param batch demonstrations a step
   * @param microBatch demonstrations of one forward and backward pass; the step is the same
   * @param dropout probability; paper: 0.1 worked best
   * @param seed of the order and of what is dropped
   */
  public record Settings(int epochs, int batch, int microBatch, double dropout, long seed) {

    public Settings {
      require(epochs >= 1, "epochs", epochs, ">= 1");
      require(batch >= 1, "batch", batch, ">= 1");
      require(microBatch >= 1, "micro-batch", microBatch, ">= 1");
      require(dropout >= 0 && dropout < 1, "dropout", dropout, ">= 0 and < 1");
    }

    private static void require(boolean met, String name, Object value, String expected) {
      if (!met) {
        throw InvalidInputException.of(name, value, expected);
      }
    }
  }

  private final List<Demonstration> demonstrations;
  private final Settings settings;
  private final long stepsAnEpoch;
  private final Schedule schedule;
  private long orderedEpoch = -1;
  private int[] order = {};

  /**
   * Demonstrations in steps; the last step of an epoch may have fewer.
   *
   * @param rate the learning rate of the first step
   */
  public Demonstrations(List<Demonstration> demonstrations, Settings settings, double rate) {
    this.demonstrations = List.copyOf(demonstrations);
    this.settings = settings;
    this.stepsAnEpoch = (demonstrations.size() + settings.batch() - 1L) / settings.batch();
    this.schedule = new Schedule(Schedule.Shape.COSINE, rate, 0, settings.epochs() * stepsAnEpoch);
  }

  /**
   * Held-out demonstrations to measure a model on.
   *
   * @param atOnce demonstrations of one forward pass
   */
  public static Measurement measurement(List<Demonstration> heldOut, int atOnce) {
    return new Measurement(parts("answer_nats", heldOut, atOnce, 1), tokens(heldOut));
  }

  @Override
  public long steps() {
    return schedule.total();
  }

  @Override
  public double rate(long step) {
    return schedule.at(step);
  }

  @Override
  public double highestRate() {
    return schedule.rate();
  }

  @Override
  public long seed() {
    return settings.seed();
  }

  @Override
  public List<Part> step(long step) {
    List<Demonstration> batch = batch(step);
    double scale = 1.0 / tokens(batch);
    float[] parameters = {(float) scale, (float) settings.dropout()};
    return parts("answer_loss", batch, settings.microBatch(), scale, parameters).toList();
  }

  private static Stream<Part> parts(
      String loss, List<Demonstration> rows, int atOnce, double scale, float... parameters) {
    return IntStream.range(0, (rows.size() + atOnce - 1) / atOnce)
        .mapToObj(i -> rows.subList(i * atOnce, Math.min((i + 1) * atOnce, rows.size())))
        .map(some -> new Part(loss, batches(some), scale, parameters));
  }

  private List<Demonstration> batch(long step) {
    long epoch = step / stepsAnEpoch;
    int from = (int) (step % stepsAnEpoch) * settings.batch();
    if (epoch != orderedEpoch) {
      order = shuffled(demonstrations.size(), epoch);
      orderedEpoch = epoch;
    }
    int to = Math.min(from + settings.batch(), order.length);
    return Arrays.stream(order, from, to).mapToObj(demonstrations::get).toList();
  }

  private int[] shuffled(int size, long epoch) {
    RandomGenerator random =
        RandomGeneratorFactory.of("L64X128MixRandom")
            .create(settings.seed() ^ (epoch * 0x9E3779B97F4A7C15L));
    int[] shuffled = new int[size];
    for (int i = 0; i < size; i++) {
      int j = random.nextInt(i + 1);
      shuffled[i] = shuffled[j];
      shuffled[j] = i;
    }
    return shuffled;
  }

  /** What is read, and the responses, which are learned. */
  private static List<TokenBatch> batches(List<Demonstration> rows) {
    List<Tokens> responses = rows.stream().map(Demonstration::response).toList();
    return List.of(
        TokenBatch.aligned(rows.stream().map(Demonstration::query).toList(), responses),
        TokenBatch.leftAligned(responses));
  }

  private static long tokens(List<Demonstration> demonstrations) {
    return demonstrations.stream().map(Demonstration::response).mapToLong(Tokens::length).sum();
  }
}

package plaudit.language;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import plaudit.input.InvalidInputException;
import plaudit.model.TokenBatch;
import plaudit.tokens.Tokens;

/**
 * Windows at random places of a long text, to train on from scratch: the loss on every token, a
 * learning rate that climbs over the first 2 % of the steps and falls along a cosine to a tenth. A
 * step is a function of the seed and its number. Not thread-safe.
 */
public final class RandomWindows implements LanguageData {

  private static final double WARM_UP = 0.02;

  private final TokenStream text;
  private final Settings settings;

  /**
   * How to train on a text.
   *
   * @param tokens how many tokens to see in all
   * @param batch windows a step
   * @param context tokens predicted a window
   * @param learningRate the highest
   * @param seed of the windows
   */
  public record Settings(long tokens, int batch, int context, double learningRate, long seed) {

    public Settings {
      if (tokens < 1) {
        throw InvalidInputException.of("tokens", tokens, ">= 1");
      }
      if (batch < 1 || context < 1) {
        throw InvalidInputException.of("batch x context", batch + " x " + context, ">= 1 x 1");
      }
      if (!(learningRate > 0)) {
        throw InvalidInputException.of("learning-rate", learningRate, "> 0");
      }
    }
  }

  /** Windows of {@code text}. */
  public RandomWindows(TokenStream text, Settings settings) {
    this.text = text;
    this.settings = settings;
  }

  /**
   * At most {@code windows} windows of a held-out text, one after another from its start, which
   * overlap by one token.
   *
   * @param context tokens predicted a window
   */
  public static Measurement measurement(TokenStream heldOut, int context, int windows) {
    int count = Math.max(1, Math.min(windows, (heldOut.length() - 1) / context));
    return new Measurement(
        IntStream.range(0, count)
            .mapToObj(i -> List.of(heldOut.window(i * context, context + 1)))
            .map(window -> new Part("lm_nats", List.of(TokenBatch.leftAligned(window)), 1)),
        count);
  }

  @Override
  public long steps() {
    return Math.max(1, settings.tokens() / ((long) settings.batch() * settings.context()));
  }

  @Override
  public double rate(long step) {
    double steps = (double) steps();
    double progress = (double) step / steps;
    if (progress < WARM_UP) {
      return settings.learningRate() * (double) (step + 1) / Math.max(1, WARM_UP * steps);
    }
    double phase = (progress - WARM_UP) / (1 - WARM_UP);
    return settings.learningRate() * (0.1 + 0.9 * 0.5 * (1 + Math.cos(Math.PI * phase)));
  }

  @Override
  public double highestRate() {
    return settings.learningRate();
  }

  @Override
  public long seed() {
    return settings.seed();
  }

  @Override
  public List<Part> step(long step) {
    int width = settings.context() + 1;
    RandomGenerator random =
        RandomGeneratorFactory.of("L64X128MixRandom")
            .create(settings.seed() ^ (step * 0x9E3779B97F4A7C15L));
    List<Tokens> windows = new ArrayList<>();
    for (int row = 0; row < settings.batch(); row++) {
      windows.add(text.window(random.nextInt(Math.max(1, text.length() - width + 1)), width));
    }
    return List.of(new Part("lm_loss", List.of(TokenBatch.leftAligned(windows)), 1, 1));
  }
}

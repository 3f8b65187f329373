package plaudit.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import plaudit.optim.TrainedNet;

/**
 * Trains a network from scratch to predict the next token of a text. Fine-tuning a pretrained one
 * is the {@link SupervisedTrainer}'s.
 */
public final class LanguageTrainer {

  private final TrainedNet net;
  private final LanguageSettings settings;
  private final RandomGenerator random;

  /** Trains {@code net}, which stays the caller's. */
  public LanguageTrainer(TrainedNet net, LanguageSettings settings) {
    this.net = net;
    this.settings = settings;
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(settings.seed());
  }

  /** Hears of every step. */
  public interface Listener {
    /**
     * One step was taken.
     *
     * @param step from 1
     * @param loss mean nats a token of this step's batch
     * @return whether to go on
     */
    boolean onStep(long step, double loss);
  }

  /**
   * Takes all steps, or stops early when the listener says so.
   *
   * @throws TrainingDivergedException when the loss is no longer a number
   */
  public void train(TokenStream text, Listener listener) {
    for (long step = net.steps(); step < settings.steps(); step++) {
      double loss = step(text, settings.rate(step));
      if (!Double.isFinite(loss)) {
        throw new TrainingDivergedException(step + 1, settings.learningRate(), loss);
      }
      if (!listener.onStep(step + 1, loss)) {
        return;
      }
    }
  }

  private double step(TokenStream text, double rate) {
    try (NDManager scope = net.scope()) {
      NDArray ids = text.randomWindows(scope, settings.batch(), settings.context() + 1, random);
      NDList out = net.backward("lm_loss", scope, ids, scope.create(new float[] {1}));
      double loss = out.get(0).getFloat();
      net.step(rate);
      return loss;
    }
  }

  /**
   * Mean nats a token over at most {@code windows} windows, one after another from the start.
   *
   * @param text a held-out text
   */
  public double evaluate(TokenStream text, int windows) {
    int width = settings.context() + 1;
    int count = Math.max(1, Math.min(windows, text.windows(width)));
    double sum = 0;
    for (int i = 0; i < count; i++) {
      try (NDManager scope = net.scope()) {
        sum += net.infer("lm_nats", scope, text.window(scope, i, width)).get(0).getFloat();
      }
    }
    return sum / count;
  }
}

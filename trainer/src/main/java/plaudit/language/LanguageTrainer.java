package plaudit.language;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Iterator;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import plaudit.language.LanguageData.Part;
import plaudit.model.TokenBatch;
import plaudit.optim.Adam;
import plaudit.optim.Network;
import plaudit.training.TrainingObserver;

/**
 * Trains a network to predict the next token: from scratch on a text ({@link RandomWindows}), or a
 * pretrained one on demonstrations (paper 1.5; {@link Demonstrations}).
 *
 * <p>Dropout is a function of the seed and the step, so a training that goes on from a checkpoint
 * makes the very steps it would have made, if its data is such a function too.
 */
public final class LanguageTrainer {

  private final Adam optimizer;
  private final Network net;
  private final LanguageData data;

  /**
   * Trains the network of {@code optimizer}, which stays the caller's and may have taken steps of
   * this data before.
   */
  public LanguageTrainer(Adam optimizer, LanguageData data) {
    this.optimizer = optimizer;
    this.net = optimizer.network();
    this.data = data;
  }

  /** Whether all steps are taken. */
  public boolean complete() {
    return optimizer.steps() >= data.steps();
  }

  /**
   * Takes all steps, or stops after a whole one when the observer does.
   *
   * @throws TrainingDivergedException when the loss is no longer a number; the step is not taken
   */
  public void train(TrainingObserver observer) {
    while (!complete() && !observer.stopped()) {
      long step = optimizer.steps();
      double loss = 0;
      long tokens = 0;
      Engine.getInstance().setRandomSeed(dropoutSeed(step));
      for (Part part : data.step(step)) {
        if (observer.stopped()) {
          return; // what was added up is thrown away with the network
        }
        loss += backward(part);
        tokens += part.length();
      }
      if (!Double.isFinite(loss)) {
        throw new TrainingDivergedException(step + 1, data.highestRate(), loss);
      }
      optimizer.step(data.rate(step));
      observer.onStep(
          new TrainingObserver.Step(
              step + 1, step, step + 1, data.steps(), data.rate(step), loss, tokens));
    }
  }

  /** Mean nats a token, without dropout; empty if {@code stop} said so. */
  public static OptionalDouble measure(
      Network net, LanguageData.Measurement measurement, BooleanSupplier stop) {
    double nats = 0;
    for (Iterator<Part> parts = measurement.parts().iterator(); parts.hasNext(); ) {
      if (stop.getAsBoolean()) {
        return OptionalDouble.empty();
      }
      Part part = parts.next();
      try (NDManager scope = net.scope()) {
        nats += net.infer(part.loss(), scope, (Object[]) tokens(scope, part)).get(0).getFloat();
      }
    }
    return OptionalDouble.of(nats / measurement.divisor());
  }

  private double backward(Part part) {
    try (NDManager scope = net.scope()) {
      NDArray[] tokens = tokens(scope, part);
      NDArray[] arguments = Arrays.copyOf(tokens, tokens.length + 1);
      arguments[tokens.length] = scope.create(part.parameters());
      return net.backward(part.loss(), scope, arguments).get(1).getFloat() * part.scale();
    }
  }

  private static NDArray[] tokens(NDManager scope, Part part) {
    NDArray[] tokens = new NDArray[part.tokens().size()];
    for (int i = 0; i < tokens.length; i++) {
      TokenBatch batch = part.tokens().get(i);
      tokens[i] = scope.create(batch.ids(), new Shape(batch.rows(), batch.columns()));
    }
    return tokens;
  }

  private int dropoutSeed(long step) {
    long mixed = (data.seed() + 1) * 0x9E3779B97F4A7C15L + step * 0xD1B54A32D192ED03L;
    return (int) ((mixed ^ (mixed >>> 29)) & Integer.MAX_VALUE);
  }
}

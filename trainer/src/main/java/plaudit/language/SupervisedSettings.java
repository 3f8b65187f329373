package plaudit.language;

import plaudit.input.InvalidInputException;

/**
 * How to train on demonstrations (paper 1.5).
 *
 * @param epochs passes over the demonstrations; paper: 1
 * @param batch demonstrations a step
 * @param microBatch demonstrations of one forward and backward pass; the step is the same
 * @param dropout probability; paper: 0.1 worked best
 * @param seed of the order and of what is dropped
 */
public record SupervisedSettings(int epochs, int batch, int microBatch, double dropout, long seed) {

  public SupervisedSettings {
    require(epochs >= 1, "epochs", epochs, ">= 1");
    require(batch >= 1, "batch", batch, ">= 1");
    require(microBatch >= 1, "micro-batch", microBatch, ">= 1");
    require(dropout >= 0 && dropout < 1, "dropout", dropout, ">= 0 and < 1");
  }

  /** Steps of one epoch; the last may have fewer demonstrations. */
  long stepsAnEpoch(int demonstrations) {
    return (demonstrations + batch - 1L) / batch;
  }

  private static void require(boolean met, String name, Object value, String expected) {
    if (!met) {
      throw InvalidInputException.of(name, value, expected);
    }
  }
}

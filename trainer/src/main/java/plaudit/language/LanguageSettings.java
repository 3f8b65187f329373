package plaudit.language;

import plaudit.input.InvalidInputException;

/**
 * How to train a language model on text.
 *
 * @param tokens how many tokens to see in all
 * @param batch windows a step
 * @param context tokens predicted a window
 * @param learningRate the peak; warm-up over the first 2 %, then a cosine down to a tenth
 * @param seed of the windows
 */
public record LanguageSettings(
    long tokens, int batch, int context, double learningRate, long seed) {

  public LanguageSettings {
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

  /** How many optimizer steps that makes. */
  public long steps() {
    return Math.max(1, tokens / ((long) batch * context));
  }

  /** The rate of step {@code step}, from 0. */
  double rate(long step) {
    double progress = (double) step / (double) steps();
    double warmUp = 0.02;
    if (progress < warmUp) {
      return learningRate * (double) (step + 1) / Math.max(1, warmUp * (double) steps());
    }
    double phase = (progress - warmUp) / (1 - warmUp);
    return learningRate * (0.1 + 0.9 * 0.5 * (1 + Math.cos(Math.PI * phase)));
  }
}

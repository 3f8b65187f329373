package plaudit.model;

import plaudit.input.InvalidInputException;

/**
 * Positions as rotations (Su et al. 2021): of each head's first {@code channels} channels, channel
 * i and channel i + channels / 2 are turned by the position times a frequency that falls with i.
 *
 * @param theta the base of the frequencies
 * @param channels how many of a head's channels are rotated; even
 * @param scaling how the frequencies are changed for longer texts
 */
public record Rotary(double theta, int channels, Scaling scaling) {

  public Rotary {
    if (!(theta > 0 && Double.isFinite(theta))) {
      throw InvalidInputException.of("rope_theta", theta, "> 0");
    }
    if (channels < 2 || channels % 2 != 0) {
      throw InvalidInputException.of("rotated channels of a head", channels, "an even number >= 2");
    }
  }

  /** A way to stretch positions. */
  public sealed interface Scaling {
    /** What takes the place of {@code frequency}, in radians a token. */
    double of(double frequency);
  }

  /** No scaling. */
  public record Plain() implements Scaling {
    @Override
    public double of(double frequency) {
      return frequency;
    }
  }

  /** All positions are divided by {@code factor}. */
  public record Linear(double factor) implements Scaling {
    @Override
    public double of(double frequency) {
      return frequency / factor;
    }
  }

  /**
   * Llama 3.1's: long waves are stretched by {@code factor}, short ones stay, with a passage
   * between.
   *
   * @param low waves longer than {@code original / low} are stretched
   * @param high waves shorter than {@code original / high} stay
   * @param original the context that the model was first trained with
   */
  public record Llama3(double factor, double low, double high, int original) implements Scaling {
    @Override
    public double of(double frequency) {
      double turns = original * frequency / (2 * Math.PI);
      double kept = Math.max(0, Math.min(1, (turns - low) / (high - low)));
      return (1 - kept) * frequency / factor + kept * frequency;
    }
  }

  /** The frequency of each pair of channels, in radians a token. */
  double[] frequencies() {
    double[] frequencies = new double[channels / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = scaling.of(Math.pow(theta, -2.0 * i / channels));
    }
    return frequencies;
  }
}

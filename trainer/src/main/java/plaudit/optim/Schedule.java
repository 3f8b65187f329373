package plaudit.optim;

import java.util.Locale;
import java.util.Optional;

/**
 * The learning rate over a training (paper 3.9): constant within an update, falling from one update
 * to the next. Without warm-up the linear shape is the paper's rate (1 - index / total).
 *
 * @param shape how it falls
 * @param rate the highest learning rate
 * @param warmUp how many steps it rises first: step i has (i + 1) / (warmUp + 1) of the rate
 * @param total how many steps there are; from there on falling shapes give 0
 */
public record Schedule(Shape shape, double rate, long warmUp, long total) {

  /** How the rate falls after the warm-up. */
  public enum Shape {
    CONSTANT,
    LINEAR,
    COSINE;

    /** The shape a configuration names, in any case. */
    public static Optional<Shape> named(String name) {
      for (Shape shape : values()) {
        if (shape.name().equals(name.toUpperCase(Locale.ROOT))) {
          return Optional.of(shape);
        }
      }
      return Optional.empty();
    }
  }

  public Schedule {
    if (!(rate > 0 && Double.isFinite(rate))) {
      throw new IllegalArgumentException("rate: " + rate + " (expected: > 0)");
    }
    if (warmUp < 0 || total <= warmUp) {
      throw new IllegalArgumentException(
          "warmUp, total: %d, %d (expected: 0 <= warmUp < total)".formatted(warmUp, total));
    }
  }

  /** The learning rate of the step at {@code index}, from 0. */
  public double at(long index) {
    if (index < 0) {
      throw new IllegalArgumentException("index: " + index + " (expected: >= 0)");
    }
    if (index < warmUp) {
      return rate * (index + 1) / (warmUp + 1);
    }
    double done = Math.min(1, (double) (index - warmUp) / (total - warmUp));
    return switch (shape) {
      case CONSTANT -> rate;
      case LINEAR -> rate * (1 - done);
      case COSINE -> rate * (1 + Math.cos(Math.PI * done)) / 2;
    };
  }
}

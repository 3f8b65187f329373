package plaudit.policy;

import com.typesafe.config.Config;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;

/**
 * Where a learner computes.
 *
 * @param compute device and threads
 * @param microBatch sequences of one forward and backward pass; more need more memory, and the
 *     gradient is the same
 */
public record LearnerSettings(Compute compute, int microBatch) {

  public LearnerSettings {
    if (microBatch < 1) {
      throw InvalidInputException.of("micro-batch", microBatch, ">= 1");
    }
  }

  /** Reads {@code device}, {@code threads} and {@code micro-batch} under {@code path}. */
  public static LearnerSettings from(Config config, String path) {
    Config own = config.getConfig(path);
    return new LearnerSettings(
        new Compute(own.getString("device"), own.getInt("threads")), own.getInt("micro-batch"));
  }
}

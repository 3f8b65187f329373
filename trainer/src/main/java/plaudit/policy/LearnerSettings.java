package plaudit.policy;

import com.typesafe.config.Config;
import plaudit.model.Compute;
import plaudit.model.Precision;
import plaudit.optim.MicroBatch;

/**
 * Where a learner computes.
 *
 * @param compute device and threads
 * @param microBatch sequences of one forward and backward pass; more need more memory, and the
 *     gradient is the same
 */
public record LearnerSettings(Compute compute, MicroBatch microBatch) {

  /**
   * Reads {@code device}, {@code threads}, {@code precision}, {@code micro-batch} and {@code
   * tokens-per-micro-batch} under a path.
   */
  public static LearnerSettings from(Config config, String path) {
    Config own = config.getConfig(path);
    return new LearnerSettings(
        new Compute(
            own.getString("device"),
            own.getInt("threads"),
            Precision.of(path + ".precision", own.getString("precision"))),
        MicroBatch.from(own, path));
  }
}

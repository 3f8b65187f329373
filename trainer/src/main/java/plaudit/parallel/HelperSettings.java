package plaudit.parallel;

import com.typesafe.config.Config;
import java.time.Duration;
import plaudit.input.InvalidInputException;

/**
 * How a learner works with helpers: {@code plaudit.learner.helpers}.
 *
 * @param patience how long it waits for a helper when its own share is done
 */
public record HelperSettings(Duration patience) {

  private static final String PATIENCE = "plaudit.learner.helpers.patience";

  /** Checks the numbers. */
  public HelperSettings {
    if (patience.isNegative()) {
      throw InvalidInputException.of(PATIENCE, patience, ">= 0s");
    }
  }

  /** Reads the whole configuration. */
  public static HelperSettings from(Config config) {
    return new HelperSettings(config.getDuration(PATIENCE));
  }
}

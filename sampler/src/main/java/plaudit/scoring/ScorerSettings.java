package plaudit.scoring;

import com.typesafe.config.Config;
import java.time.Duration;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.Precision;

/**
 * How a scorer works.
 *
 * @param compute where it computes
 * @param queue batches that may wait
 * @param choices responses put to a person for one query
 * @param retry how long to wait for a place's answer before asking again
 */
public record ScorerSettings(Compute compute, int queue, int choices, Duration retry) {

  public ScorerSettings {
    if (queue < 1) {
      throw InvalidInputException.of("plaudit.scorer.queue", queue, ">= 1");
    }
    if (choices < 2) {
      throw InvalidInputException.of("plaudit.scorer.choices", choices, ">= 2");
    }
  }

  /** Reads {@code plaudit.scorer} of the whole configuration. */
  public static ScorerSettings from(Config config) {
    Config own = config.getConfig("plaudit.scorer");
    return new ScorerSettings(
        new Compute(
            own.getString("device"),
            own.getInt("threads"),
            Precision.of("plaudit.scorer.precision", own.getString("precision"))),
        own.getInt("queue"),
        own.getInt("choices"),
        own.getDuration("retry"));
  }
}

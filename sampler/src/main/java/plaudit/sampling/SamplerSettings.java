package plaudit.sampling;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.Precision;

/**
 * How a sampler works.
 *
 * @param compute where it computes
 * @param unacknowledged batches it may have handed to scorers without an answer
 * @param askAgain how long it waits for work before it asks once more
 * @param gapAlarm the sampler-learner gap in nats above which loaded weights are refused
 * @param inFlight what a newer version does with responses that are being written
 */
public record SamplerSettings(
    Compute compute, int unacknowledged, Duration askAgain, double gapAlarm, InFlight inFlight) {

  /** What becomes of responses that are being written when a newer policy version is loaded. */
  public enum InFlight {
    /** The old version writes them to the end: one version a response, as in the paper. */
    OFF,
    /** The new one writes on and reads the old one's cache: costs nothing. */
    KEEP_CACHE,
    /** The new one reads what is written so far itself, then writes on: costs a forward pass. */
    RECOMPUTE;

    /** Reads {@code plaudit.sampler.in-flight}. */
    public static InFlight of(String word) {
      return Arrays.stream(values())
          .filter(choice -> choice.word().equals(word))
          .findFirst()
          .orElseThrow(
              () ->
                  InvalidInputException.of(
                      "plaudit.sampler.in-flight", word, "off, keep-cache or recompute"));
    }

    private String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  public SamplerSettings {
    if (unacknowledged < 1) {
      throw InvalidInputException.of("plaudit.sampler.unacknowledged", unacknowledged, ">= 1");
    }
    if (!(gapAlarm > 0)) {
      throw InvalidInputException.of("plaudit.sampler.gap-alarm", gapAlarm, "> 0");
    }
  }

  /** Reads {@code plaudit.sampler} of the whole configuration. */
  public static SamplerSettings from(Config config) {
    Config own = config.getConfig("plaudit.sampler");
    boolean coarse = isCoarse(own.getString("precision")) || isCoarse(ofLearner(config));
    return new SamplerSettings(
        new Compute(
            own.getString("device"),
            own.getInt("threads"),
            Precision.of("plaudit.sampler.precision", own.getString("precision"))),
        own.getInt("unacknowledged"),
        own.getDuration("ask-again"),
        own.getDouble(coarse ? "gap-alarm-bf16" : "gap-alarm"),
        InFlight.of(own.getString("in-flight")));
  }

  private static String ofLearner(Config config) {
    String key = "plaudit.learner.policy.precision";
    return config.hasPath(key) ? config.getString(key) : Precision.EXACT.word();
  }

  /** Whether log-probabilities may be those of bfloat16 products. */
  private static boolean isCoarse(String precision) {
    return precision.equals(Precision.BF16.word());
  }
}

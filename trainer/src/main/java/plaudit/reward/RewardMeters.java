package plaudit.reward;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.atomic.AtomicLong;
import plaudit.phase.PhaseMeter;

/** What the reward learner counts. */
public final class RewardMeters {

  /** What the learner does. */
  public enum Phase {
    COLLECTING_LABELS,
    TRAINING_THE_REWARD,
    PUBLISHING,
    /** A labeler has stopped the run. */
    HELD
  }

  public final AtomicLong labels;
  public final AtomicLong wanted;
  public final AtomicLong version;
  public final Timer training;
  public final PhaseMeter<Phase> phase;

  /** Registers the meters. */
  public RewardMeters(MeterRegistry registry) {
    this.labels = gauge(registry, "labels", "Preferences that the learner has read", 0);
    this.wanted = gauge(registry, "questions.wanted", "Questions wanted asked now", 0);
    this.version = gauge(registry, "version", "Newest published version, -1 before the first", -1);
    this.training =
        Timer.builder("plaudit.reward.training")
            .description("Time of one training of the reward model")
            .register(registry);
    this.phase = new PhaseMeter<>(registry, "reward learner", Phase.COLLECTING_LABELS);
  }

  private static AtomicLong gauge(
      MeterRegistry registry, String name, String description, long first) {
    AtomicLong value = new AtomicLong(first);
    Gauge.builder("plaudit.reward." + name, value, AtomicLong::doubleValue)
        .description(description)
        .register(registry);
    return value;
  }
}

package plaudit.reward;

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
    this.labels = registry.gauge("plaudit.reward.labels", new AtomicLong(), AtomicLong::get);
    this.wanted =
        registry.gauge("plaudit.reward.questions.wanted", new AtomicLong(), AtomicLong::get);
    this.version = registry.gauge("plaudit.reward.version", new AtomicLong(-1), AtomicLong::get);
    this.training =
        Timer.builder("plaudit.reward.training")
            .description("Time of one training of the reward model")
            .register(registry);
    this.phase = new PhaseMeter<>(registry, "reward learner", Phase.COLLECTING_LABELS);
  }
}

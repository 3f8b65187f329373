package plaudit.scoring;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.atomic.AtomicLong;
import plaudit.phase.PhaseMeter;

/** What a scorer counts. */
public final class ScorerMeters {

  /** What a scorer does; of several things at once the last one here. */
  public enum Phase {
    IDLE,
    DELIVERING,
    LOADING,
    AWAITING_SCORES,
    SCORING
  }

  public final Counter scored;
  public final Counter penalised;
  public final Counter questions;
  public final Counter refused;
  public final Counter lost;
  public final Timer scoring;
  public final AtomicLong queued = new AtomicLong();
  public final AtomicLong version;
  public final PhaseMeter<Phase> phase;

  /** Registers the meters. */
  public ScorerMeters(MeterRegistry registry) {
    this.scored =
        Counter.builder("plaudit.scorer.rollouts")
            .description("Responses scored")
            .register(registry);
    this.penalised =
        Counter.builder("plaudit.scorer.penalised")
            .description("Responses without an end token in their window")
            .register(registry);
    this.questions =
        Counter.builder("plaudit.scorer.questions")
            .description("Comparisons put to people")
            .register(registry);
    this.refused =
        Counter.builder("plaudit.scorer.refused")
            .description("Batches refused because the queue was full")
            .register(registry);
    this.lost =
        Counter.builder("plaudit.scorer.lost")
            .description("Batches that could not be scored; their prompts are lent again")
            .register(registry);
    this.scoring =
        Timer.builder("plaudit.scorer.scoring")
            .description("Time to score one batch")
            .register(registry);
    Gauge.builder("plaudit.scorer.queued", queued, AtomicLong::doubleValue)
        .description("Batches that wait to be scored")
        .baseUnit("batches")
        .register(registry);
    this.version = new AtomicLong(-1);
    Gauge.builder("plaudit.scorer.reward.version", version, AtomicLong::doubleValue)
        .description("Reward version it scores with, -1 before the first")
        .register(registry);
    this.phase = new PhaseMeter<>(registry, "scorer", Phase.IDLE);
  }
}

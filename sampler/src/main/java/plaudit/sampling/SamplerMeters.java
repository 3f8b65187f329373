package plaudit.sampling;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.atomic.AtomicLong;
import plaudit.phase.PhaseMeter;

/** What a sampler counts. */
public final class SamplerMeters {

  /** What a sampler does; of several things at once the last one here. */
  public enum Phase {
    IDLE,
    DELIVERING,
    FETCHING,
    LOADING,
    GENERATING
  }

  public final Counter rollouts;
  public final Counter tokens;
  public final Timer generation;
  public final Timer loading;
  final Timer swap;
  public final DistributionSummary gap;
  public final Counter refused;
  public final AtomicLong version;
  public final PhaseMeter<Phase> phase;

  /** Registers the meters. */
  public SamplerMeters(MeterRegistry registry) {
    this.rollouts =
        Counter.builder("plaudit.sampler.rollouts")
            .description("Responses written")
            .register(registry);
    this.tokens =
        Counter.builder("plaudit.sampler.tokens").description("Tokens sampled").register(registry);
    this.generation =
        Timer.builder("plaudit.sampler.generation")
            .description("Time to write one granted batch")
            .register(registry);
    this.loading =
        Timer.builder("plaudit.sampler.loading")
            .description("Time from hearing of a policy version to sampling with it")
            .register(registry);
    this.swap =
        Timer.builder("plaudit.sampler.swap")
            .description("Time writing stood still while a newer version took over in flight")
            .register(registry);
    this.gap =
        DistributionSummary.builder("plaudit.sampler.logprob.gap")
            .description(
                "Largest difference between sampler and learner log-probabilities of one version")
            .baseUnit("nats")
            .register(registry);
    this.refused =
        Counter.builder("plaudit.sampler.versions.refused")
            .description("Policy versions not served because their log-probabilities differed")
            .register(registry);
    this.version = new AtomicLong(-1);
    Gauge.builder("plaudit.sampler.policy.version", version, AtomicLong::doubleValue)
        .description("Policy version it samples with, -1 before the first")
        .register(registry);
    this.phase = new PhaseMeter<>(registry, "sampler", Phase.IDLE);
  }
}

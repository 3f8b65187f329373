package plaudit.experience;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/** The buffer's meters. The buffer's actor writes the numbers, any thread may read them. */
public final class ExperienceMeters {

  private final AtomicLong accepted;
  private final AtomicLong taken;
  private final AtomicLong dropped;
  private final AtomicLong superseded;
  private final AtomicLong samplers;
  private final Counter recalled;
  private final AtomicLong room;
  private final AtomicLong lent;
  private final AtomicLong waiting;
  private final AtomicLong held;
  private final AtomicLong questions;
  private final AtomicLong version;
  private final AtomicLong responses;
  private final AtomicLong usable;
  private final AtomicLong givenUp;
  private final DistributionSummary staleness;

  /** Registers the meters {@code plaudit.buffer.*}, in place of those of an earlier buffer. */
  public ExperienceMeters(MeterRegistry registry) {
    accepted = counter(registry, "accepted", "trajectories", "Accepted since the run's start");
    taken = counter(registry, "taken", "trajectories", "Served to the learner");
    dropped = counter(registry, "dropped", "trajectories", "Dropped: beyond the hard staleness");
    superseded = counter(registry, "superseded", "batches", "Delivered twice or after a re-grant");
    recalled =
        Counter.builder("plaudit.buffer.recalled")
            .description("Grants of samplers that left, died or were too slow, to be lent again")
            .baseUnit("batches")
            .register(registry);
    samplers = gauge(registry, "samplers", "samplers", "Holding work or waiting for it");
    room = gauge(registry, "room", "trajectories", "How many more may be begun now");
    lent = gauge(registry, "lent", "trajectories", "On lease to samplers");
    waiting = gauge(registry, "waiting", "trajectories", "Waiting for the learner");
    held = gauge(registry, "held", "batches", "Full, and kept back until older work has come");
    questions = gauge(registry, "questions", "comparisons", "Still to be asked");
    responses = counter(registry, "question.responses", "responses", "Written for questions");
    usable = counter(registry, "question.usable", "responses", "Of these, people may be shown");
    givenUp = counter(registry, "question.prompts.given.up", "prompts", "Too few usable responses");
    version = gauge(registry, "policy.version", "versions", "Newest policy version known");
    staleness =
        DistributionSummary.builder("plaudit.buffer.staleness")
            .description("Age of a served trajectory: learner's version less its oldest token's")
            .baseUnit("versions")
            .publishPercentileHistogram(false)
            .serviceLevelObjectives(0.5, 1.5, 2.5, 4.5, 8.5, 16.5)
            .register(registry);
  }

  /** The ledger has changed. */
  public void observe(Ledger ledger) {
    accepted.set(ledger.accepted());
    taken.set(ledger.taken());
    dropped.set(ledger.dropped());
    superseded.set(ledger.superseded());
    room.set(ledger.room());
    lent.set(ledger.lent());
    waiting.set(ledger.waiting());
    held.set(ledger.isHeldBack() ? 1 : 0);
    questions.set(ledger.questionsWanted());
    version.set(ledger.version());
  }

  /** Responses for questions have come. */
  public void questions(QuestionYield more) {
    responses.addAndGet(more.responses());
    usable.addAndGet(more.usable());
    givenUp.addAndGet(more.givenUp());
  }

  /** How many samplers hold work or wait for it. */
  public void samplers(int count) {
    samplers.set(count);
  }

  /** The leases of {@code grants} ended without a delivery. */
  public void recalled(int grants) {
    recalled.increment((double) grants);
  }

  /** A batch was served. */
  public void served(Batch batch) {
    batch
        .trajectories()
        .forEach(
            t ->
                staleness.record(
                    (double) Math.max(0, batch.version() - t.rollout().policyVersion())));
  }

  private static AtomicLong counter(
      MeterRegistry registry, String name, String unit, String description) {
    AtomicLong value = fresh(registry, name);
    FunctionCounter.builder("plaudit.buffer." + name, value, AtomicLong::doubleValue)
        .description(description)
        .baseUnit(unit)
        .register(registry);
    return value;
  }

  private static AtomicLong gauge(
      MeterRegistry registry, String name, String unit, String description) {
    AtomicLong value = fresh(registry, name);
    Gauge.builder("plaudit.buffer." + name, value, AtomicLong::doubleValue)
        .description(description)
        .baseUnit(unit)
        .register(registry);
    return value;
  }

  /** The value of a new meter; a second meter of a name would not be registered. */
  private static AtomicLong fresh(MeterRegistry registry, String name) {
    registry.find("plaudit.buffer." + name).meters().forEach(registry::remove);
    return new AtomicLong();
  }
}

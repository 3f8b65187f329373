package plaudit.lab.bench;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Prompt;
import plaudit.experience.Purpose;
import plaudit.experience.Rollout;
import plaudit.lab.plan.Fleet;
import plaudit.lab.plan.LogNormal;
import plaudit.lab.plan.Rates;
import plaudit.sampling.PolicyEngine;
import plaudit.snapshots.Snapshot;

/**
 * Takes as long as loading and writing take and samples nothing, so that the real sampler can be
 * measured without a model. Versions take over between batches only.
 */
final class DelayPolicyEngine implements PolicyEngine {

  private final Fleet fleet;
  private final Rates rates;
  private final LogNormal writing;
  private final SplittableRandom random;
  private final Timings timings;
  private final Consumer<Snapshot> fetching;
  private final AtomicReference<@Nullable Candidate> pending = new AtomicReference<>();
  private long version = -1;

  DelayPolicyEngine(
      Fleet fleet, Rates rates, long seed, Timings timings, Consumer<Snapshot> fetching) {
    this.fetching = fetching;
    this.fleet = fleet;
    this.rates = rates;
    this.writing = new LogNormal(rates.generation(), rates.spread());
    this.random = new SplittableRandom(seed);
    this.timings = timings;
  }

  @Override
  public void fetch(Snapshot snapshot) {
    fetching.accept(snapshot);
  }

  @Override
  public double load(Candidate candidate, double most) {
    timings.spend(Timings.Stage.LOADING, 1, rates.loading());
    pending.set(candidate);
    return 0;
  }

  @Override
  public Optional<Candidate> takeOver() {
    Optional<Candidate> next = Optional.ofNullable(pending.getAndSet(null));
    next.ifPresent(candidate -> version = candidate.version());
    return next;
  }

  @Override
  public List<Rollout> write(
      Purpose purpose, List<Prompt> prompts, int responses, Consumer<Candidate> onSwap) {
    double grants = (double) prompts.size() * responses / fleet.grant();
    timings.spend(Timings.Stage.WRITING, grants, writing.draw(random) * grants);
    return Payload.write(prompts, responses, version);
  }

  @Override
  public void close() {}
}

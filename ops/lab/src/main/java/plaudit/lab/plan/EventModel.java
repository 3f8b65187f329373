package plaudit.lab.plan;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import plaudit.experience.Batch;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.Grant;
import plaudit.experience.Ledger;
import plaudit.experience.LedgerInput;
import plaudit.experience.Pace;
import plaudit.experience.Prompt;
import plaudit.experience.PromptStreams;
import plaudit.experience.Rollout;
import plaudit.experience.Start;
import plaudit.experience.Trajectory;
import plaudit.snapshots.Model;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

/**
 * Plays a fleet under virtual time: samplers that load, write and hand over, scorers with a queue,
 * a learner. All admission is decided by the real {@link Ledger}. The same seed gives the same
 * forecast. People are not played: their limit is {@link ClosedForm}'s.
 */
public final class EventModel {

  private static final Tokens NOTHING = Tokens.of(0);
  private static final PerToken ZERO = PerToken.of(0);

  private final Fleet fleet;
  private final Rates rates;
  private final SplittableRandom random;
  private final Ledger ledger;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final Deque<PlayedGrant> toScore = new ArrayDeque<>();
  private final List<PlayedSampler> samplers = new ArrayList<>();
  private final List<Integer> ages = new ArrayList<>();
  private final Map<Long, PlayedGrant> waiting = new HashMap<>();

  private double now;
  private long order;
  private int freeScorers;
  private boolean learning;
  private long version;
  private double writing;
  private double scoring;
  private double learned;
  private double tokenAges;
  private double measuredFrom;
  private long servedBefore;
  private long droppedBefore;

  private EventModel(Fleet fleet, Rates rates, long seed) {
    this.fleet = fleet;
    this.rates = rates;
    this.random = new SplittableRandom(seed);
    this.freeScorers = fleet.scorers();
    ExperienceSettings settings =
        new ExperienceSettings(
                fleet.batch(),
                fleet.eta(),
                fleet.maxStaleness(),
                fleet.grant(),
                1,
                2,
                Duration.ofDays(10_000),
                0,
                Start.FRESH)
            .holdingBy(fleet.onStale());
    this.ledger = new Ledger(settings, PromptStreams.of(List.of(NOTHING), seed));
    ledger.apply(new LedgerInput.Published(Model.REWARD, 0, ""));
    ledger.apply(new LedgerInput.KeepPace(Pace.FREE));
    for (int i = 0; i < fleet.samplers(); i++) {
      samplers.add(new PlayedSampler("s" + i));
    }
  }

  /**
   * Plays {@code updates} policy updates; the first tenth only fills the pipes.
   *
   * @param updates at least 10
   */
  public static Forecast play(Fleet fleet, Rates rates, int updates, long seed) {
    if (updates < 10) {
      throw new IllegalArgumentException("updates: " + updates + " (expected: >= 10)");
    }
    return play(fleet, rates, updates / 10, updates - updates / 10, seed);
  }

  /**
   * Plays so many updates after others that do not count: to compare with a run that was measured
   * so, and may not have been steady yet.
   *
   * @param warm updates that only fill the pipes
   * @param updates that count, at least 1
   */
  public static Forecast play(Fleet fleet, Rates rates, int warm, int updates, long seed) {
    return new EventModel(fleet, rates, seed).play(warm, warm + updates);
  }

  private record Event(double at, long order, Runnable what) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Double.compare(at, other.at);
      return byTime == 0 ? Long.compare(order, other.order) : byTime;
    }
  }

  private Forecast play(long warm, long updates) {
    serve();
    while (version < updates) {
      Event next = events.poll();
      if (next == null) {
        throw new IllegalStateException("the fleet stands still at version " + version);
      }
      now = next.at;
      long before = version;
      next.what.run();
      if (before < warm && version >= warm) {
        measuredFrom = now;
        servedBefore = ledger.taken();
        droppedBefore = ledger.dropped();
        writing = 0;
        scoring = 0;
        learned = 0;
        tokenAges = 0;
        ages.clear();
      }
      serve();
    }
    return forecast();
  }

  private Forecast forecast() {
    double time = now - measuredFrom;
    long served = ledger.taken() - servedBefore;
    long dropped = ledger.dropped() - droppedBefore;
    Collections.sort(ages);
    Forecast formula = ClosedForm.of(fleet, rates);
    return new Forecast(
        served / time,
        tokenAges / Math.max(1, ages.size()),
        ages.isEmpty() ? 0 : ages.get((int) Math.ceil(0.95 * ages.size()) - 1),
        ages.isEmpty() ? 0 : ages.get(ages.size() - 1),
        (double) dropped / Math.max(1, served + dropped),
        Math.max(0, 1 - writing / (time * fleet.samplers())),
        Math.max(0, 1 - scoring / (time * fleet.scorers())),
        Math.max(0, 1 - learned / time),
        formula.bottleneck());
  }

  /** Whoever can begin something begins it. */
  private void serve() {
    if (!learning
        && ledger.apply(new LedgerInput.Take(version, fleet.batch())) instanceof Batch batch) {
      learn(batch);
    }
    for (PlayedSampler sampler : samplers) {
      if (sampler.mayLoad(version, fleet.inFlight())) {
        load(sampler);
      }
      if (sampler.mayWrite(fleet)
          && ledger.apply(new LedgerInput.Lend(sampler.name(), sampler.loaded(), instant()))
              instanceof Grant grant) {
        write(sampler, grant);
      }
    }
    while (freeScorers > 0 && !toScore.isEmpty()) {
      score(toScore.remove());
    }
  }

  private void load(PlayedSampler sampler) {
    long target = version;
    sampler.beginLoading();
    after(rates.loading(), () -> sampler.endLoading(target, now));
  }

  private void write(PlayedSampler sampler, Grant grant) {
    double time = part(grant) * spread(rates.generation());
    writing += time;
    PlayedGrant begun = sampler.beginWriting(grant, now);
    after(
        time,
        () -> {
          sampler.endWriting(now);
          toScore.add(begun);
        });
  }

  private void score(PlayedGrant written) {
    double time = part(written.grant()) * rates.scoring();
    freeScorers--;
    scoring += time;
    after(
        time,
        () -> {
          freeScorers++;
          written.by().acknowledged();
          written.grant().prompts().forEach(prompt -> waiting.put(prompt.id(), written));
          ledger.apply(new LedgerInput.Offer(written.grant().batchId(), trajectories(written)));
        });
  }

  private void learn(Batch batch) {
    for (Trajectory one : batch.trajectories()) {
      ages.add((int) (version - one.rollout().policyVersion()));
      PlayedGrant from = waiting.remove(one.rollout().promptId());
      tokenAges += from == null ? 0 : version - from.meanVersion();
    }
    double time = rates.update(fleet);
    learning = true;
    learned += time;
    after(
        time,
        () -> {
          learning = false;
          version++;
          ledger.apply(new LedgerInput.Published(Model.POLICY, version, ""));
        });
  }

  private static List<Trajectory> trajectories(PlayedGrant written) {
    return written.grant().prompts().stream()
        .map(prompt -> trajectory(prompt, written.version()))
        .toList();
  }

  private static Trajectory trajectory(Prompt prompt, long version) {
    return new Trajectory(
        new Rollout(prompt.id(), 0, NOTHING, NOTHING, ZERO, ZERO, version), ZERO, 0, true, 0);
  }

  /** A smaller grant takes less; the last of a batch often is one. */
  private double part(Grant grant) {
    return (double) grant.prompts().size() / fleet.grant();
  }

  /** Log-normal with the mean and the spread that were measured. */
  private double spread(double mean) {
    if (rates.spread() == 0) {
      return mean;
    }
    double variance = Math.log1p(rates.spread() * rates.spread());
    return mean * Math.exp(Math.sqrt(variance) * random.nextGaussian() - variance / 2);
  }

  private void after(double time, Runnable what) {
    events.add(new Event(now + time, order++, what));
  }

  private Instant instant() {
    return Instant.EPOCH.plusNanos((long) (now * 1e9));
  }
}

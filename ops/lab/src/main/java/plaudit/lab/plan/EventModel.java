package plaudit.lab.plan;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
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
import plaudit.sampling.PolicyEngine.Candidate;
import plaudit.sampling.SamplerState;
import plaudit.sampling.SamplerState.Ask;
import plaudit.sampling.SamplerState.Due;
import plaudit.sampling.SamplerState.Load;
import plaudit.sampling.SamplerState.Write;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

/**
 * Simulates a fleet under virtual time: samplers that load, write and hand over, scorers with a
 * queue, a learner. The real {@link Ledger} decides all admission, and the real {@link
 * SamplerState} what each sampler begins. The same seed gives the same forecast. People are not
 * simulated: their limit is {@link ClosedForm}'s.
 */
public final class EventModel {

  private static final Tokens NOTHING = Tokens.of(0);
  private static final PerToken ZERO = PerToken.of(0);
  private static final URI NOWHERE = URI.create("file:///nowhere");
  private static final String DIGEST = "0".repeat(64);

  private final Fleet fleet;
  private final Rates rates;
  private final SplittableRandom random;
  private final Ledger ledger;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final Deque<Writing> toScore = new ArrayDeque<>();
  private final List<Sampler> samplers = new ArrayList<>();
  private final List<Integer> ages = new ArrayList<>();
  private final Map<Long, Writing> waiting = new HashMap<>();

  private double now;
  private long order;
  private int freeScorers;
  private boolean learning;
  private long version;
  private double secondsWriting;
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
      samplers.add(new Sampler("s" + i));
    }
    announce();
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

  /** A sampler, what it waits for and what it writes. */
  private final class Sampler {
    private final String name;
    private final SamplerState state = new SamplerState(fleet.unacknowledged(), fleet.inFlight());

    /** The version with which the buffer was asked for work, -1 if it was not. */
    private long asked = -1;

    private long version;
    private int delivering;
    private @Nullable Candidate loaded;
    private @Nullable Writing writing;

    Sampler(String name) {
      this.name = name;
    }

    /** Begins whatever is due. */
    void begin() {
      for (Optional<Due> due = due(); due.isPresent(); due = due()) {
        if (due.get() instanceof Load load) {
          after(rates.loading(), () -> loaded(load.candidate()));
        } else if (due.get() instanceof Write write) {
          write(write.grant());
        } else if (due.get() instanceof Ask ask) {
          asked = ask.version();
        } else if (loaded != null) {
          state.tookOver(Optional.of(loaded));
          version = loaded.version();
        }
      }
    }

    private Optional<Due> due() {
      Optional<Due> due = state.next(delivering);
      if (due.isPresent() || asked < 0) {
        return due;
      }
      if (ledger.apply(new LedgerInput.Lend(name, asked, instant())) instanceof Grant grant) {
        asked = -1;
        state.granted(grant);
        return state.next(delivering);
      }
      return due;
    }

    private void loaded(Candidate candidate) {
      loaded = candidate;
      state.loaded(candidate);
      if (candidate.inFlight() && writing != null) {
        state.swapped(candidate);
        version = candidate.version();
        writing.goesOnWith(version, now);
      }
    }

    private void write(Grant grant) {
      double time = part(grant) * new LogNormal(rates.generation(), rates.spread()).draw(random);
      secondsWriting += time;
      Writing begun = new Writing(this, grant, version, now);
      writing = begun;
      after(
          time,
          () -> {
            begun.ends(now);
            writing = null;
            state.written();
            delivering++;
            toScore.add(begun);
          });
    }
  }

  /** A grant, and which versions wrote it for how long. */
  private static final class Writing {
    private final Sampler by;
    private final Grant grant;

    /** Of the oldest token. */
    private final long version;

    private final double begun;
    private long writer;
    private double since;
    private double versionSeconds;

    Writing(Sampler by, Grant grant, long version, double now) {
      this.by = by;
      this.grant = grant;
      this.version = version;
      this.begun = now;
      this.writer = version;
      this.since = now;
    }

    /** The mean over the tokens, each of which takes the same time. */
    double meanVersion() {
      return since > begun ? versionSeconds / (since - begun) : version;
    }

    void goesOnWith(long newer, double now) {
      ends(now);
      writer = newer;
    }

    void ends(double now) {
      versionSeconds += writer * (now - since);
      since = now;
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
        secondsWriting = 0;
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
        Math.max(0, 1 - secondsWriting / (time * fleet.samplers())),
        Math.max(0, 1 - scoring / (time * fleet.scorers())),
        Math.max(0, 1 - learned / time),
        formula.bottleneck());
  }

  /** All that can begin something begin it. */
  private void serve() {
    if (!learning
        && ledger.apply(new LedgerInput.Take(version, fleet.batch())) instanceof Batch batch) {
      learn(batch);
    }
    samplers.forEach(Sampler::begin);
    while (freeScorers > 0 && !toScore.isEmpty()) {
      score(toScore.remove());
    }
  }

  /** Samplers hear of the newest version. */
  private void announce() {
    Snapshot newest =
        new Snapshot(Model.POLICY, version, version - 1, NOWHERE, 0, DIGEST, List.of());
    samplers.forEach(sampler -> sampler.state.heard(newest, instant()));
  }

  private void score(Writing written) {
    double time = part(written.grant) * rates.scoring();
    freeScorers--;
    scoring += time;
    after(
        time,
        () -> {
          freeScorers++;
          written.by.delivering--;
          written.grant.prompts().forEach(prompt -> waiting.put(prompt.id(), written));
          ledger.apply(new LedgerInput.Offer(written.grant.batchId(), trajectories(written)));
        });
  }

  private void learn(Batch batch) {
    for (Trajectory one : batch.trajectories()) {
      ages.add((int) (version - one.rollout().policyVersion()));
      Writing from = waiting.remove(one.rollout().promptId());
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
          announce();
        });
  }

  private static List<Trajectory> trajectories(Writing written) {
    return written.grant.prompts().stream()
        .map(prompt -> trajectory(prompt, written.version))
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

  private void after(double time, Runnable what) {
    events.add(new Event(now + time, order++, what));
  }

  private Instant instant() {
    return Instant.EPOCH.plusNanos((long) (now * 1e9));
  }
}

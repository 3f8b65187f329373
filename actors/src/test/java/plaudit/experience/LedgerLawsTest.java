package plaudit.experience;

import static org.assertj.core.api.Assertions.assertThat;
import static plaudit.experience.Examples.answers;
import static plaudit.experience.Examples.queries;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import plaudit.snapshots.Model;

/** What must hold of the ledger whatever samplers, scorers, the learner and the clock do. */
class LedgerLawsTest {

  private static List<Long> recalled(LedgerOutcome outcome) {
    return outcome instanceof LedgerOutcome.Recalled ended ? ended.batchIds() : List.of();
  }

  private enum Event {
    BORROW,
    BORROW_WITH_OLD_WEIGHTS,
    DELIVER,
    DELIVER_HALF,
    DELIVER_AGAIN,
    DELIVER_IN_TIME,
    FAST_ROUND,
    TAKE,
    PUBLISH,
    TIME_PASSES,
    SAMPLER_DIES,
    LABELS_ARRIVE
  }

  record Step(Event event, int number) {}

  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void theLawsHold(
      @ForAll("settings") ExperienceSettings settings, @ForAll("steps") List<Step> steps) {
    World world = new World(settings);
    for (Step step : steps) {
      world.apply(step);
      world.check();
    }
    world.liveness();
  }

  /** The same events twice end in the same batches. */
  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  void theLedgerIsDeterministic(
      @ForAll("settings") ExperienceSettings settings, @ForAll("steps") List<Step> steps) {
    assertThat(play(settings, steps)).isEqualTo(play(settings, steps));
  }

  /** As after a run that could not send its grants, and goes on with smaller ones. */
  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void workOfLargerGrantsIsLentAgainInPartsWhole(
      @ForAll @IntRange(min = 1, max = 40) int large,
      @ForAll @IntRange(min = 1, max = 40) int small) {
    PromptStreams prompts = PromptStreams.of(queries(30), 1);
    Ledger before = new Ledger(grantsOf(large), prompts);
    before.apply(new LedgerInput.Published(Model.REWARD, 0, ""));
    before.apply(new LedgerInput.KeepPace(new Pace(large, 0, Long.MAX_VALUE)));
    Grant questions = before.lend("s", 0, Instant.EPOCH).orElseThrow();
    Grant work = before.lend("s", 0, Instant.EPOCH).orElseThrow();
    assertThat(questions.prompts()).hasSize(large);
    assertThat(work.prompts()).hasSize(large);
    before.apply(new LedgerInput.Release("s"));

    Ledger after = Ledger.restored(grantsOf(small), prompts, before.state());
    List<Prompt> again = new ArrayList<>();
    while (again.size() < 2 * large) {
      Grant part = after.lend("s", 0, Instant.EPOCH).orElseThrow();
      assertThat(part.prompts()).hasSizeLessThanOrEqualTo(small);
      assertThat(part.purpose())
          .isEqualTo(again.size() < large ? Purpose.QUESTION : Purpose.POLICY);
      again.addAll(part.prompts());
    }
    assertThat(again.subList(0, large)).isEqualTo(questions.prompts());
    assertThat(again.subList(large, 2 * large)).isEqualTo(work.prompts());
  }

  private static ExperienceSettings grantsOf(int prompts) {
    return new ExperienceSettings(
        64, 1, 1, prompts, prompts, 4, Duration.ofMinutes(1), 0, Start.FRESH);
  }

  private static List<Batch> play(ExperienceSettings settings, List<Step> steps) {
    World world = new World(settings);
    steps.forEach(world::apply);
    return world.batches;
  }

  @Provide
  Arbitrary<ExperienceSettings> settings() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 5),
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(0, 2),
            Arbitraries.integers().between(1, 5),
            Arbitraries.integers().between(1, 3),
            Arbitraries.of(0L, 0L, 9L),
            Arbitraries.of(0L, 5L),
            Arbitraries.of(1, 1, 2, 3))
        .as(
            (groups, eta, slack, grant, questions, batches, start, group) ->
                new ExperienceSettings(
                    groups * group,
                    eta,
                    eta + slack,
                    grant,
                    questions,
                    4,
                    Duration.ofSeconds(30),
                    batches * groups * group,
                    Start.at(start),
                    group,
                    OnStale.DROP))
        .flatMap(settings -> Arbitraries.of(OnStale.values()).map(settings::holdingBy));
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.oneOf(
                Arbitraries.of(Event.values()),
                Arbitraries.of(
                    Event.BORROW, Event.DELIVER, Event.FAST_ROUND, Event.TAKE, Event.PUBLISH)),
            Arbitraries.integers().between(0, 200))
        .as(Step::new)
        .list()
        .ofMinSize(20)
        .ofMaxSize(250);
  }

  /** The ledger among its users, and what they remember of it. */
  private static final class World {
    private final ExperienceSettings settings;
    private final Ledger ledger;
    private final List<Grant> granted = new ArrayList<>();
    private final List<Batch> batches = new ArrayList<>();
    private final Set<String> served = new HashSet<>();

    /** The version that each work on lease was lent to. */
    private final Map<Long, Long> lentTo = new LinkedHashMap<>();

    /** Which prompts are with somebody or to be dealt again, by id. */
    private final Map<Long, Prompt> open = new HashMap<>();

    private Instant now = Instant.EPOCH;
    private long version;
    private long allowed = Long.MAX_VALUE;
    private boolean learning;

    World(ExperienceSettings settings) {
      this.settings = settings;
      this.version = settings.start().version();
      this.ledger = new Ledger(settings, PromptStreams.of(queries(17), 3));
      ledger.apply(new LedgerInput.Published(Model.REWARD, 0, ""));
      ledger.apply(new LedgerInput.KeepPace(Pace.FREE));
    }

    void apply(Step step) {
      int n = step.number();
      switch (step.event()) {
        case BORROW -> borrow("s" + n % 3, version);
        case BORROW_WITH_OLD_WEIGHTS -> borrow("s" + n % 3, Math.max(0, version - n % 6));
        case DELIVER -> any(n).ifPresent(grant -> deliver(grant, grant.prompts().size(), n));
        case DELIVER_HALF ->
            any(n).ifPresent(grant -> deliver(grant, grant.prompts().size() / 2, n));
        case DELIVER_AGAIN ->
            any(n)
                .ifPresent(
                    grant -> {
                      deliver(grant, grant.prompts().size(), 0);
                      assertThat(reply(grant, grant.prompts().size(), 0))
                          .isInstanceOf(OfferReply.Superseded.class);
                    });
        case DELIVER_IN_TIME -> deliverInTime(n);
        case FAST_ROUND -> fastRound();
        case TAKE -> take();
        case PUBLISH -> publish();
        case TIME_PASSES -> {
          now = now.plusSeconds(n % 40);
          lentTo.keySet().removeAll(recalled(ledger.apply(new LedgerInput.Expire(now))));
        }
        case SAMPLER_DIES ->
            lentTo.keySet().removeAll(recalled(ledger.apply(new LedgerInput.Release("s" + n % 3))));
        case LABELS_ARRIVE -> pace(n);
      }
    }

    Optional<Grant> borrow(String sampler, long loaded) {
      int lentBefore = ledger.lent();
      Optional<Grant> lent = ledger.lend(sampler, loaded, now);
      lent.ifPresent(
          grant -> {
            granted.add(grant);
            if (grant.purpose() == Purpose.POLICY) {
              assertThat(loaded).isGreaterThanOrEqualTo(version - settings.eta());
              assertThat(grant.responses()).isEqualTo(settings.group());
              lentTo.put(grant.batchId(), loaded);
              assertThat(ledger.lent())
                  .isEqualTo(lentBefore + grant.prompts().size() * settings.group());
            }
            grant.prompts().forEach(p -> open.put(p.id(), p));
          });
      return lent;
    }

    void deliver(Grant grant, int answers, int age) {
      delivered(grant, answers, reply(grant, answers, age));
    }

    /** Somebody is quick while the others still write. */
    void fastRound() {
      Optional<Grant> grant = borrow("fast", version);
      grant.ifPresent(lent -> deliver(lent, lent.prompts().size(), 0));
      take();
      publish();
    }

    /** Whatever happened in between, nothing is refused while its lease lasts. */
    void deliverInTime(int n) {
      List<Grant> onLease =
          granted.stream().filter(grant -> lentTo.containsKey(grant.batchId())).toList();
      if (waits() && !onLease.isEmpty()) {
        Grant grant = onLease.get(n % onLease.size());
        long by = Math.min(version, lentTo.getOrDefault(grant.batchId(), version) + n % 2);
        OfferReply reply = offer(grant, grant.prompts().size(), by, version);
        assertThat(reply).isInstanceOf(OfferReply.Accepted.class);
        delivered(grant, grant.prompts().size(), reply);
      }
    }

    private void delivered(Grant grant, int answers, OfferReply reply) {
      lentTo.remove(grant.batchId());
      if (!(reply instanceof OfferReply.Superseded)
          && !(waits() && reply instanceof OfferReply.Stale)) {
        int done = grant.purpose() == Purpose.POLICY ? answers : grant.prompts().size();
        grant.prompts().subList(0, done).forEach(p -> assertThat(open.remove(p.id())).isNotNull());
      }
    }

    /** Of every third delivery the present version wrote the last tokens. */
    OfferReply reply(Grant grant, int answers, int age) {
      long oldest = Math.max(0, version - age % 5);
      return grant.purpose().isForPeople()
          ? ledger.asked(grant.batchId(), answers)
          : offer(grant, answers, oldest, age % 3 == 0 ? version : oldest);
    }

    private OfferReply offer(Grant grant, int answers, long oldest, long newest) {
      return ledger.offer(
          grant.batchId(),
          answers(grant.prompts().subList(0, answers), oldest, newest, settings.group()));
    }

    private boolean waits() {
      return settings.onStale() == OnStale.WAIT;
    }

    /** More is to be asked, and the labels last for a few more episodes than are begun. */
    void pace(int n) {
      allowed = begun() + n % 7;
      ledger.apply(new LedgerInput.KeepPace(new Pace(n, n % 5, allowed)));
    }

    /** A learner that asks again while it learns has lost its batch, and gets it again. */
    void take() {
      boolean held = ledger.isHeldBack();
      boolean few = ledger.waiting() < settings.batchSize();
      Optional<Batch> taken = ledger.take(version, settings.batchSize());
      if (learning) {
        assertThat(taken).contains(batches.get(batches.size() - 1));
        return;
      }
      assertThat(taken.isEmpty()).as("nothing else is waited for").isEqualTo(held || few);
      if (held) {
        assertThat(lentTo.values()).as("only older work is in the way").anyMatch(v -> v < version);
      }
      taken.ifPresent(
          batch -> {
            batches.add(batch);
            learning = true;
            assertThat(batch.trajectories()).hasSize(settings.batchSize());
            Map<Long, Integer> groups = new HashMap<>();
            for (Trajectory t : batch.trajectories()) {
              Rollout rollout = t.rollout();
              assertThat(served.add(rollout.promptId() + "/" + rollout.index()))
                  .as("served once")
                  .isTrue();
              groups.merge(rollout.promptId(), 1, Integer::sum);
              assertThat(version - rollout.versions().at(0))
                  .as("staleness")
                  .isLessThanOrEqualTo(settings.maxStaleness());
            }
            assertThat(groups.values()).as("whole groups").containsOnly(settings.group());
          });
    }

    void publish() {
      if (learning) {
        version++;
        learning = false;
        ledger.policyPublished(version);
      }
    }

    void check() {
      long begun = begun();
      long limit = (settings.eta() + version + 1) * settings.batchSize();
      if (settings.episodes() > 0) {
        limit = Math.min(limit, settings.episodes());
      }
      limit = Math.min(limit, allowed);
      assertThat(begun).as("begun").isLessThanOrEqualTo(limit);
      assertThat(ledger.room()).as("room").isEqualTo(limit - begun);
      assertThat(ledger.lent()).isLessThanOrEqualTo((int) policyOpen());
      if (waits()) {
        assertThat(ledger.dropped()).as("dropped").isZero();
        assertThat(ledger.accepted() - ledger.taken()).isEqualTo(ledger.waiting());
      }
    }

    /** Once faults stop, the learner gets its batch, and what was lent comes out again. */
    void liveness() {
      publish();
      long before = batches.size();
      ledger.apply(new LedgerInput.KeepPace(Pace.FREE));
      ledger.apply(new LedgerInput.Expire(now.plus(settings.leaseTime())));
      for (Optional<Grant> grant = borrow("good", version);
          grant.isPresent();
          grant = borrow("good", version)) {
        deliver(grant.get(), grant.get().prompts().size(), 0);
      }
      assertThat(policyOpen()).as("every lent prompt was offered or dealt again").isZero();
      take();
      boolean over =
          settings.episodes() > 0 && (version + 1) * settings.batchSize() > settings.episodes();
      assertThat(batches.size() - before).isEqualTo(over ? 0 : 1);
    }

    private long begun() {
      long consumed = version * settings.batchSize() + (learning ? settings.batchSize() : 0);
      return consumed + ledger.waiting() + policyOpen();
    }

    private long policyOpen() {
      return settings.group()
          * open.keySet().stream().filter(id -> id < ShuffledPrompts.FIRST_QUESTION).count();
    }

    private Optional<Grant> any(int n) {
      return granted.isEmpty()
          ? Optional.empty()
          : Optional.of(granted.get(granted.size() - 1 - n % Math.min(granted.size(), 6)));
    }
  }
}

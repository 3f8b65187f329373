package plaudit.experience.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static plaudit.experience.Examples.answers;
import static plaudit.experience.Examples.queries;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import plaudit.experience.Batch;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.Grant;
import plaudit.experience.Ledger;
import plaudit.experience.LedgerInput;
import plaudit.experience.LedgerInput.Published;
import plaudit.experience.LedgerOutcome;
import plaudit.experience.LedgerState;
import plaudit.experience.OnStale;
import plaudit.experience.Pace;
import plaudit.experience.PromptStreams;
import plaudit.experience.Start;
import plaudit.snapshots.Model;

/** Whatever a ledger was told, and wherever its process dies, its heir knows the same. */
class DurableLedgerLawsTest {

  private static final long LATER_IDS = 1_000_000;

  private enum Event {
    BORROW,
    BORROW_WITH_OLD_WEIGHTS,
    DELIVER,
    DELIVER_HALF,
    DELIVER_AGAIN,
    TAKE,
    PUBLISH,
    CHECKPOINT,
    TIME_PASSES,
    SAMPLER_DIES,
    LABELS_ARRIVE,
    RESUME
  }

  record Step(Event event, int number) {}

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void anHeirKnowsWhatTheDeadOneKnew(
      @ForAll("settings") ExperienceSettings settings, @ForAll("steps") List<Step> steps) {
    World world = new World(settings);
    steps.forEach(world::apply);
    world.resume();
  }

  @Provide
  Arbitrary<ExperienceSettings> settings() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 3),
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(0, 2),
            Arbitraries.integers().between(1, 4),
            Arbitraries.of(0L, 9L),
            Arbitraries.of(1, 2),
            Arbitraries.of(OnStale.values()))
        .as(
            (groups, eta, slack, grant, batches, group, onStale) ->
                new ExperienceSettings(
                    groups * group,
                    eta,
                    eta + slack,
                    grant,
                    2,
                    4,
                    Duration.ofSeconds(30),
                    batches * groups * group,
                    Start.FRESH,
                    group,
                    onStale));
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.oneOf(
                Arbitraries.of(Event.values()),
                Arbitraries.of(Event.BORROW, Event.DELIVER, Event.TAKE, Event.PUBLISH)),
            Arbitraries.integers().between(0, 200))
        .as(Step::new)
        .list()
        .ofMaxSize(150);
  }

  /** A ledger with users that forget nothing, and a learner that goes back to its checkpoint. */
  private static final class World {
    private final ExperienceSettings settings;
    private final MemoryJournal journal = new MemoryJournal();
    private final List<Grant> granted = new ArrayList<>();
    private final TreeMap<Long, Batch> served = new TreeMap<>();
    private DurableLedger ledger;
    private Instant now = Instant.EPOCH;
    private long checkpoint;
    private long version;
    private long furthest;
    private int lives;

    World(ExperienceSettings settings) {
      this.settings = settings;
      this.ledger = DurableLedger.fresh(settings, prompts(), 0, journal);
      ledger.apply(new Published(Model.REWARD, 0, "r0"));
      ledger.apply(new LedgerInput.KeepPace(Pace.FREE));
    }

    private static PromptStreams prompts() {
      return PromptStreams.of(queries(17), 3);
    }

    void apply(Step step) {
      int n = step.number();
      switch (step.event()) {
        case BORROW -> borrow("s" + n % 3, furthest);
        case BORROW_WITH_OLD_WEIGHTS -> borrow("s" + n % 3, Math.max(0, furthest - n % 6));
        case DELIVER -> deliver(n, 2);
        case DELIVER_HALF -> deliver(n, 1);
        case DELIVER_AGAIN -> {
          deliver(n, 2);
          deliver(n, 2);
        }
        case TAKE -> take();
        case PUBLISH -> publish();
        case CHECKPOINT -> {
          checkpoint = version;
          ledger.checkpointed(version);
          ledger.checkpointed(Math.min(n % 3, version));
        }
        case TIME_PASSES -> {
          now = now.plusSeconds(n % 40);
          ledger.apply(new LedgerInput.Expire(now));
        }
        case SAMPLER_DIES -> ledger.apply(new LedgerInput.Release("s" + n % 3));
        case LABELS_ARRIVE ->
            ledger.apply(new LedgerInput.KeepPace(new Pace(n % 9, n % 5, 20 + n)));
        case RESUME -> resume();
      }
    }

    void resume() {
      LedgerState before = ledger.ledger().state();
      Ledger expected = Ledger.restored(settings, prompts(), before);
      long first = ++lives * LATER_IDS;
      expected.apply(new LedgerInput.Resume(first));
      ledger = DurableLedger.resumed(settings, prompts(), checkpoint, first, journal).orElseThrow();
      assertThat(ledger.ledger().state()).isEqualTo(expected.state());
      assertThat(ledger.ledger().lent()).isZero();
      version = checkpoint;
      for (long v = version; v < furthest; v++) {
        assertThat(ledger.apply(new LedgerInput.Take(v, settings.batchSize())))
            .isEqualTo(served.get(v));
      }
    }

    private void borrow(String sampler, long loaded) {
      if (ledger.apply(new LedgerInput.Lend(sampler, loaded, now)) instanceof Grant grant) {
        granted.add(grant);
      }
    }

    private void deliver(int n, int parts) {
      if (granted.isEmpty()) {
        return;
      }
      Grant grant = granted.get(granted.size() - 1 - n % Math.min(granted.size(), 6));
      int size = grant.prompts().size() * parts / 2;
      if (grant.purpose().isForPeople()) {
        ledger.apply(new LedgerInput.Asked(grant.batchId(), size));
      } else {
        ledger.apply(
            new LedgerInput.Offer(
                grant.batchId(),
                answers(
                    grant.prompts().subList(0, size),
                    Math.max(0, furthest - n % 4),
                    settings.group())));
      }
    }

    /** One batch a version, whatever comes between. */
    private void take() {
      if (ledger.apply(new LedgerInput.Take(version, settings.batchSize()))
          instanceof Batch batch) {
        assertThat(batch).isEqualTo(served.computeIfAbsent(version, v -> batch));
      } else {
        assertThat(served).doesNotContainKey(version);
      }
    }

    private void publish() {
      if (served.containsKey(version)) {
        version++;
        furthest = Math.max(furthest, version);
        assertThat(ledger.apply(new Published(Model.POLICY, version, "p" + version)))
            .isNotInstanceOf(LedgerOutcome.Remade.class);
      }
    }
  }
}

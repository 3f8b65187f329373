package plaudit.reward.actor;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.experience.Pace;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.experience.actor.ExperienceProtocol.KeepPace;
import plaudit.labels.Label;
import plaudit.labels.actor.LabelStore;
import plaudit.labels.actor.LabelStore.TakeLabels;
import plaudit.reward.RewardMeters;
import plaudit.reward.RewardSettings;
import plaudit.reward.RewardToy;
import plaudit.reward.TrainingLabels;
import plaudit.reward.actor.RewardLearner.Command;
import plaudit.reward.actor.RewardLearner.GoOn;
import plaudit.reward.actor.RewardLearner.Hold;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.actor.SnapshotProtocol;
import plaudit.snapshots.actor.SnapshotProtocol.Publish;
import plaudit.training.TrainingObserver;
import plaudit.training.TrainingObserver.RewardReport;

/** Conversations with a learner that trains on 8 labels, then on 12, on a tiny net. */
class RewardLearnerTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final RewardSettings SETTINGS =
      RewardToy.settings(
          "batch = 4",
          "learning-rate = 1e-3",
          "labels.before-start = 8",
          "labels.total = 16",
          "labels.outstanding = 6",
          "labels.retrainings = 1",
          "labels.divisions = 2");
  private static final List<Label> LABELS = RewardToy.labels(12, 0, 1);

  private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
  private final ManualTime time = ManualTime.get(kit.system());
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private CompletableFuture<Boolean> training = CompletableFuture.completedFuture(true);
  private final BlockingQueue<RewardReport> reports = new LinkedBlockingQueue<>();
  private final TestProbe<LabelStore.Command> store = kit.createTestProbe(LabelStore.Command.class);
  private final TestProbe<ExperienceProtocol.Command> buffer =
      kit.createTestProbe(ExperienceProtocol.Command.class);
  private final TestProbe<SnapshotProtocol.Command> registry =
      kit.createTestProbe(SnapshotProtocol.Command.class);
  @TempDir private Path dir = Path.of("");

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void asManyQuestionsAreWantedAsTheScheduleSays() {
    spawn(0);
    firstLook();
    LabelStore.GetStatus asked = expect(store, LabelStore.GetStatus.class);
    asked.replyTo().tell(new LabelStore.Status(3, 1, 2, 2, 2, false));
    // 8 before the start and 6 outstanding; no episode begins before there is a reward model
    assertThat(expect(buffer, KeepPace.class)).isEqualTo(new KeepPace(new Pace(14, 0, 0)));
  }

  @Test
  void labelsAreReadOnFromTheLastOneAndTrainWhenEnoughHaveCome() throws Exception {
    spawn(0);
    TakeLabels first = firstLook();
    assertThat(first.after()).isZero();
    give(first, LABELS.subList(0, 5));
    TakeLabels second = expect(store, TakeLabels.class);
    assertThat(second.after()).isEqualTo(5);
    registry.expectNoMessage();
    give(second, LABELS.subList(5, 8));
    Publish publish = expect(registry, Publish.class);
    assertThat(publish.snapshot().model()).isEqualTo(Model.REWARD);
    assertThat(publish.snapshot().version()).isZero();
    assertThat(reports.take().version()).isZero();
    publish.replyTo().tell(new PublishReply.Accepted(Model.REWARD, 0));
    TakeLabels third = expect(store, TakeLabels.class);
    assertThat(third.after()).isEqualTo(8);
    give(third, LABELS.subList(8, 12));
    assertThat(expect(registry, Publish.class).snapshot().version()).isEqualTo(1);
  }

  @Test
  void aJudgmentThatIsAmendedCountsOnce() {
    spawn(0);
    give(firstLook(), LABELS.subList(0, 7));
    Label amended = LABELS.get(6);
    give(
        expect(store, TakeLabels.class),
        List.of(new Label(8, amended.comparison(), amended.judgment())));
    assertThat(expect(store, TakeLabels.class).after()).isEqualTo(8);
    registry.expectNoMessage(); // seven labels, eight are needed
  }

  @Test
  void aVersionIsPublishedUntilTheRegistryAnswers() {
    spawn(0);
    give(firstLook(), LABELS.subList(0, 8));
    Publish once = expect(registry, Publish.class);
    time.timePasses(LOOK);
    assertThat(expect(registry, Publish.class).snapshot()).isEqualTo(once.snapshot());
  }

  @Test
  void aResumedLearnerDoesNotTrainAgainWhatItHasTrained() {
    spawn(1);
    give(firstLook(), LABELS.subList(0, 11));
    assertThat(expect(store, TakeLabels.class).after()).isEqualTo(11);
    registry.expectNoMessage();
  }

  /** The queue of a store that stalls does not grow by a message at every look. */
  @Test
  void aStoreAndABufferThatDoNotAnswerAreAskedEverMoreRarely() {
    spawn(0);
    firstLook();
    LabelStore.GetStatus asked = expect(store, LabelStore.GetStatus.class);
    for (int look = 0; look < 100; look++) {
      time.timePasses(Duration.ofMillis(200));
    }
    asked.replyTo().tell(new LabelStore.Status(3, 1, 2, 2, 2, false)); // after all looks
    assertThat(messagesBefore(KeepPace.class::isInstance, buffer)).isBetween(1, 9);
    TakeLabels last = new TakeLabels(0, 0, kit.<LabelStore.Labels>createTestProbe().getRef());
    store.getRef().tell(last);
    assertThat(messagesBefore(last::equals, store)).isBetween(1, 18);
  }

  /** A training that was killed is done again with its own labels; later ones train the next. */
  @Test
  void aTrainingThatWasKilledIsRepeatedWithTheSameLabels() throws Exception {
    ActorRef<Command> killed = spawn(0);
    give(firstLook(), LABELS.subList(0, 8));
    Publish once = expect(registry, Publish.class);
    kit.stop(killed);

    spawn(0);
    give(nextLook(0), LABELS.subList(0, 11));
    Publish again = expect(registry, Publish.class);
    assertThat(again.snapshot().sha256()).isEqualTo(once.snapshot().sha256());
    assertThat(TrainingLabels.in(dir.resolve("begun")).highWater()).isEqualTo(8);
    again.replyTo().tell(new PublishReply.Accepted(Model.REWARD, 0));
    give(nextLook(11), LABELS.subList(11, 12));
    assertThat(expect(registry, Publish.class).snapshot().version()).isEqualTo(1);
    TrainingLabels begun = TrainingLabels.in(dir.resolve("begun"));
    assertThat(begun.versions()).containsExactly(0L, 1L);
    assertThat(begun.of(0)).hasValueSatisfying(labels -> assertThat(labels).hasSize(8));
    assertThat(begun.of(1)).hasValueSatisfying(labels -> assertThat(labels).hasSize(12));
  }

  @Test
  void aTrainingUnderWayIsMadeToItsEndAndItsVersionHeldBackUntilTheRunGoesOn() throws Exception {
    CompletableFuture<Boolean> gate =
        new CompletableFuture<Boolean>().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    training = gate;
    ActorRef<Command> learner = spawn(0);
    give(firstLook(), LABELS.subList(0, 8));
    assertThat(reports.take().version()).isZero();
    learner.tell(Hold.INSTANCE);
    gate.complete(true);
    awaitHeld();
    give(nextLook(8), LABELS.subList(8, 12)); // enough for the next training
    assertThat(nextLook(12)).isNotNull();
    registry.expectNoMessage();

    learner.tell(GoOn.INSTANCE);
    Publish held = expect(registry, Publish.class);
    assertThat(held.snapshot().version()).isZero();
    held.replyTo().tell(new PublishReply.Accepted(Model.REWARD, 0));
    assertThat(expect(registry, Publish.class).snapshot().version()).isEqualTo(1);
  }

  @Test
  void noTrainingIsBegunWhileTheRunIsStopped() {
    ActorRef<Command> learner = spawn(0);
    TakeLabels first = firstLook();
    learner.tell(Hold.INSTANCE);
    awaitHeld();
    give(first, LABELS.subList(0, 8));
    assertThat(nextLook(8)).isNotNull();
    assertThat(reports).isEmpty();
    registry.expectNoMessage();
    learner.tell(GoOn.INSTANCE);
    assertThat(expect(registry, Publish.class).snapshot().version()).isZero();
  }

  private void awaitHeld() {
    store.awaitAssert(
        PATIENCE,
        () ->
            assertThat(meters.get("plaudit.phase").tag("phase", "held").gauge().value())
                .isEqualTo(1));
  }

  @Test
  void twoLearnersCannotBothWin() {
    ActorRef<Command> learner = spawn(0);
    give(firstLook(), LABELS.subList(0, 8));
    Publish publish = expect(registry, Publish.class);
    LoggingTestKit.error("another learner published reward version 0")
        .expect(
            kit.system(),
            () -> {
              publish.replyTo().tell(new PublishReply.Stale(Model.REWARD, 0, 3));
              store.expectTerminated(learner, PATIENCE);
              return true;
            });
  }

  private ActorRef<Command> spawn(int trainings) {
    return kit.spawn(
        RewardLearner.create(
            SETTINGS.labelSchedule(100, 10),
            () -> RewardToy.trainer(SETTINGS, dir),
            trainings,
            TrainingLabels.in(dir.resolve("begun")),
            store.getRef(),
            buffer.getRef(),
            registry.getRef(),
            new RewardMeters(meters),
            new TrainingObserver() {
              @Override
              public void onTraining(RewardReport report) {
                reports.add(report);
                training.join();
              }
            }));
  }

  /** Time passes in small steps until the learner, which starts meanwhile, has looked once. */
  private TakeLabels firstLook() {
    return (TakeLabels)
        store.awaitAssert(
            PATIENCE,
            () -> {
              time.timePasses(Duration.ofMillis(1));
              return store.receiveMessage(Duration.ofMillis(100));
            });
  }

  /** Time passes until a learner asks for what comes after {@code sequence}. */
  private TakeLabels nextLook(long sequence) {
    return (TakeLabels)
        store.awaitAssert(
            PATIENCE,
            () -> {
              time.timePasses(LOOK);
              LabelStore.Command message = store.receiveMessage(Duration.ofMillis(100));
              assertThat(message)
                  .isInstanceOfSatisfying(
                      TakeLabels.class, take -> assertThat(take.after()).isEqualTo(sequence));
              return message;
            });
  }

  private static void give(TakeLabels asked, List<Label> labels) {
    asked.replyTo().tell(new LabelStore.Labels(asked.after(), labels));
  }

  /** How many messages come before one. */
  private static <T> int messagesBefore(Predicate<T> last, TestProbe<T> probe) {
    int before = 0;
    while (!last.test(probe.receiveMessage(PATIENCE))) {
      before++;
    }
    return before;
  }

  /** The next message of a kind; others that come before it are passed over. */
  private static <T, M extends T> M expect(TestProbe<T> probe, Class<M> kind) {
    for (; ; ) {
      T message = probe.receiveMessage(PATIENCE);
      if (kind.isInstance(message)) {
        return kind.cast(message);
      }
    }
  }
}

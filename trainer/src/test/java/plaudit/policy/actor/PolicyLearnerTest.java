package plaudit.policy.actor;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.experience.Batch;
import plaudit.experience.Trajectory;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.experience.actor.ExperienceProtocol.Checkpointed;
import plaudit.experience.actor.ExperienceProtocol.TakeBatch;
import plaudit.optim.MicroBatch;
import plaudit.policy.LearnerSettings;
import plaudit.policy.PolicyCheckpoint;
import plaudit.policy.PolicyMeters;
import plaudit.policy.PolicySettings;
import plaudit.policy.PolicyTrainer;
import plaudit.policy.Toy;
import plaudit.policy.UpdateReport;
import plaudit.policy.actor.PolicyLearner.Command;
import plaudit.policy.actor.PolicyLearner.Ended;
import plaudit.policy.actor.PolicyLearner.GoOn;
import plaudit.policy.actor.PolicyLearner.Hold;
import plaudit.policy.actor.PolicyLearner.Stop;
import plaudit.policy.actor.PolicyLearner.ValidationWinRate;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.actor.SnapshotProtocol;
import plaudit.snapshots.actor.SnapshotProtocol.Publish;
import plaudit.tokens.PerToken;
import plaudit.training.TrainingObserver;

/** Conversations with a learner that really learns, on a tiny net. */
class PolicyLearnerTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration ASK_AGAIN = Duration.ofSeconds(2);
  private static final PolicySettings TWO_UPDATES = Toy.settings(1, 2, 1e-3);

  private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
  private final ManualTime time = ManualTime.get(kit.system());
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final BlockingQueue<UpdateReport> reports = new LinkedBlockingQueue<>();
  private final TestProbe<ExperienceProtocol.Command> buffer =
      kit.createTestProbe(ExperienceProtocol.Command.class);
  private final TestProbe<SnapshotProtocol.Command> registry =
      kit.createTestProbe(SnapshotProtocol.Command.class);
  private CompletableFuture<Boolean> learning = CompletableFuture.completedFuture(true);
  private final TestProbe<Ended> owner = kit.createTestProbe(Ended.class);
  @TempDir private Path dir = Path.of("");

  /** A checkpoint that is written meanwhile would be in the way of the directory's deletion. */
  @AfterEach
  void stop() throws InterruptedException {
    kit.shutdownTestKit();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("policy-learner")) {
        thread.join(PATIENCE.toMillis());
      }
    }
  }

  @Test
  void theReferenceIsPublishedAndABatchAskedForUntilThereIsAnAnswer() {
    fresh(TWO_UPDATES);
    Publish first = publish();
    assertThat(first.snapshot().version()).isZero();
    buffer.expectNoMessage();
    time.timePasses(ASK_AGAIN);
    assertThat(publish().snapshot()).isEqualTo(first.snapshot());
    accept(first);
    assertThat(takeBatch().size()).isEqualTo(Toy.BATCH);
    time.timePasses(ASK_AGAIN);
    assertThat(takeBatch().version()).isZero();
  }

  @Test
  void aBatchBecomesTheNextVersionAndTheLastOneEndsTheRun() throws Exception {
    fresh(TWO_UPDATES);
    accept(publish());
    TakeBatch asked = takeBatch();
    answer(asked);
    answer(asked); // an answer to a question that was asked twice
    Publish second = publish();
    assertThat(second.snapshot().version()).isEqualTo(1);
    assertThat(second.snapshot().parent()).isZero();
    assertThat(second.snapshot().probes()).isNotEmpty();
    accept(second);
    TakeBatch next = takeBatch();
    assertThat(next.version()).isEqualTo(1);
    answer(next);
    accept(publish());
    assertThat(owner.receiveMessage(PATIENCE)).isEqualTo(new Ended(2, ""));
    assertThat(PolicyCheckpoint.newest(dir).orElseThrow().version()).isEqualTo(2);
    assertThat(reports.take().version()).isEqualTo(1);
    assertThat(reports.take().version()).isEqualTo(2);
    assertThat(reports).isEmpty();
    assertThat(meters.counter("plaudit.policy.updates").count()).isEqualTo(2);
  }

  @Test
  void aLearnerThatWaitsForABatchStopsWithACheckpoint() {
    ActorRef<Command> learner = fresh(TWO_UPDATES);
    accept(publish());
    takeBatch();
    TestProbe<Ended> one = kit.createTestProbe(Ended.class);
    learner.tell(new Stop(one.getRef()));
    assertThat(one.receiveMessage(PATIENCE)).isEqualTo(new Ended(0, ""));
    assertThat(PolicyCheckpoint.newest(dir)).isPresent();
    owner.expectTerminated(learner, PATIENCE);
  }

  /** The gate holds the learner back until both have asked: it ends soon after the first. */
  @Test
  void everyoneWhoAskedItToStopHearsOfTheCheckpoint() {
    CompletableFuture<Boolean> gate =
        new CompletableFuture<Boolean>().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    ActorRef<Command> learner =
        spawn(
            TWO_UPDATES,
            () -> {
              gate.join();
              return trainer(TWO_UPDATES);
            },
            false);
    TestProbe<Ended> one = kit.createTestProbe(Ended.class);
    TestProbe<Ended> other = kit.createTestProbe(Ended.class);
    learner.tell(new Stop(one.getRef()));
    learner.tell(new Stop(other.getRef()));
    gate.complete(true);
    accept(publish());
    assertThat(one.receiveMessage(PATIENCE)).isEqualTo(new Ended(0, ""));
    assertThat(other.receiveMessage(PATIENCE)).isEqualTo(new Ended(0, ""));
    assertThat(PolicyCheckpoint.newest(dir)).isPresent();
    owner.expectTerminated(learner, PATIENCE);
  }

  @Test
  void aTripwireEndsTheRunAndKeepsTheLastGoodCheckpoint() {
    fresh(Toy.settings(1, 9, 1e-3, "tripwires.window = 2"));
    accept(publish());
    answer(takeBatch());
    accept(publish());
    answer(takeBatch(), far());
    accept(publish()); // watched, not kept
    answer(takeBatch(), far());
    Ended ended = owner.receiveMessage(PATIENCE);
    assertThat(ended.version()).isEqualTo(3);
    assertThat(ended.alarm()).startsWith("kl: ");
    assertThat(PolicyCheckpoint.newest(dir).orElseThrow().version()).isEqualTo(1);
  }

  @Test
  void aCheckpointThatWaitedIsWrittenAfterTheNextGoodUpdate() {
    fresh(Toy.settings(1, 9, 1e-3, "checkpoint-every = 2", "tripwires.window = 3"));
    accept(publish());
    answer(takeBatch());
    accept(publish());
    answer(takeBatch(), far());
    accept(publish());
    TakeBatch third = takeBatch();
    assertThat(PolicyCheckpoint.newest(dir)).isEmpty();
    answer(third);
    accept(publish());
    takeBatch();
    assertThat(PolicyCheckpoint.newest(dir).orElseThrow().version()).isEqualTo(3);
  }

  @Test
  void anUpdateUnderWayIsMadeToItsEndAndItsVersionHeldBackUntilTheRunGoesOn() {
    ActorRef<Command> learner = heldInTheFirstUpdate();
    time.timePasses(ASK_AGAIN);
    registry.expectNoMessage();
    buffer.expectNoMessage();
    assertThat(PolicyCheckpoint.newest(dir)).as("a checkpoint ahead of what is public").isEmpty();

    learner.tell(GoOn.INSTANCE);
    Publish held = publish();
    assertThat(held.snapshot().version()).isEqualTo(1);
    accept(held);
    assertThat(takeBatch().version()).isEqualTo(1);
    assertThat(PolicyCheckpoint.newest(dir).orElseThrow().version()).isEqualTo(1);
    assertThat(reports).hasSize(1);
  }

  @Test
  void noBatchIsBegunWhileTheRunIsStopped() {
    ActorRef<Command> learner = fresh(TWO_UPDATES);
    accept(publish());
    TakeBatch asked = takeBatch();
    learner.tell(Hold.INSTANCE);
    answer(asked);
    time.timePasses(ASK_AGAIN);
    assertThat(publish().snapshot().version()).as("what is public may be said again").isZero();
    buffer.expectNoMessage();
    learner.tell(GoOn.INSTANCE);
    TakeBatch again = takeBatch();
    assertThat(again.version()).isZero();
    assertThat(reports).isEmpty();
    answer(again);
    assertThat(publish().snapshot().version()).isEqualTo(1);
  }

  @Test
  void aVersionThatWasAnnouncedAndNotAnsweredIsNotAnnouncedAgainWhileTheRunIsStopped() {
    ActorRef<Command> learner = fresh(TWO_UPDATES);
    Publish first = publish();
    learner.tell(Hold.INSTANCE);
    awaitHeld();
    time.timePasses(ASK_AGAIN);
    registry.expectNoMessage();
    learner.tell(GoOn.INSTANCE);
    assertThat(publish().snapshot()).isEqualTo(first.snapshot());
  }

  /** What was computed is kept: it is the first version that is published when the run goes on. */
  @Test
  void aRunThatIsStoppedEndsWithACheckpointOfTheVersionThatIsHeldBack() {
    ActorRef<Command> learner = heldInTheFirstUpdate();
    learner.tell(new Stop(owner.getRef()));
    assertThat(owner.receiveMessage(PATIENCE)).isEqualTo(new Ended(1, ""));
    assertThat(PolicyCheckpoint.newest(dir).orElseThrow().version()).isEqualTo(1);
    registry.expectNoMessage();
  }

  /** There is no checkpoint of a version that was not public, so the version is made again. */
  @Test
  void aRunThatIsKilledWhileItIsStoppedMakesTheVersionAgain() {
    ActorRef<Command> learner = heldInTheFirstUpdate();
    kit.stop(learner);
    assertThat(PolicyCheckpoint.newest(dir)).isEmpty();
    fresh(TWO_UPDATES);
    accept(publish());
    answer(takeBatch());
    assertThat(publish().snapshot().version()).isEqualTo(1);
  }

  @Test
  void aRunIsNotOverWhileItIsStopped() {
    ActorRef<Command> learner = heldInTheFirstUpdate(Toy.settings(1, 1, 1e-3));
    time.timePasses(ASK_AGAIN);
    owner.expectNoMessage();
    learner.tell(GoOn.INSTANCE);
    accept(publish());
    assertThat(owner.receiveMessage(PATIENCE)).isEqualTo(new Ended(1, ""));
  }

  private ActorRef<Command> heldInTheFirstUpdate() {
    return heldInTheFirstUpdate(TWO_UPDATES);
  }

  /** A learner that hears of the stop while it learns, and has ended that. */
  private ActorRef<Command> heldInTheFirstUpdate(PolicySettings settings) {
    CompletableFuture<Boolean> gate =
        new CompletableFuture<Boolean>().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    learning = gate;
    ActorRef<Command> learner = fresh(settings);
    accept(publish());
    answer(takeBatch());
    owner.awaitAssert(PATIENCE, () -> assertThat(reports).hasSize(1));
    learner.tell(Hold.INSTANCE);
    gate.complete(true);
    awaitHeld();
    return learner;
  }

  private void awaitHeld() {
    owner.awaitAssert(
        PATIENCE,
        () ->
            assertThat(meters.get("plaudit.phase").tag("phase", "held").gauge().value())
                .isEqualTo(1));
  }

  @Test
  void whatPeopleSayIsJudgedWithTheNextUpdate() throws Exception {
    ActorRef<Command> learner = fresh(TWO_UPDATES);
    accept(publish());
    TakeBatch asked = takeBatch();
    learner.tell(new ValidationWinRate(.7));
    answer(asked);
    accept(publish());
    answer(takeBatch());
    publish();
    assertThat(reports.take().numbers()).containsEntry("validation/win_rate_at_most", .7);
    assertThat(reports.take().numbers()).doesNotContainKey("validation/win_rate_at_most");
  }

  @Test
  void aResumedLearnerGoesOnWithoutPublishing() throws IOException {
    PolicySettings settings = Toy.settings(1, 5, 1e-3);
    try (PolicyTrainer trainer = trainer(settings)) {
      trainer.learn(Toy.batch(Toy.weights(), 0));
      trainer.checkpoint(dir);
    }
    PolicyCheckpoint from = PolicyCheckpoint.newest(dir).orElseThrow();
    spawn(
        settings,
        () ->
            PolicyTrainer.resumed(
                settings,
                Toy.TASK,
                files(),
                Toy.CONFIG,
                from,
                new LearnerSettings(Toy.CPU, MicroBatch.ofRows(Toy.BATCH)),
                1),
        true);
    assertThat(takeBatch().version()).isEqualTo(1);
    registry.expectNoMessage();
    assertThat(meters.counter("plaudit.policy.updates").count()).isEqualTo(1);
  }

  @Test
  void twoLearnersCannotBothWin() {
    ActorRef<Command> learner = fresh(TWO_UPDATES);
    Publish first = publish();
    LoggingTestKit.error("another learner published policy version 0")
        .expect(
            kit.system(),
            () -> {
              first.replyTo().tell(new PublishReply.Stale(Model.POLICY, 0, 4));
              owner.expectTerminated(learner, PATIENCE);
              return true;
            });
  }

  private ActorRef<Command> fresh(PolicySettings settings) {
    return spawn(settings, () -> trainer(settings), false);
  }

  private PolicyTrainer trainer(PolicySettings settings) {
    LearnerSettings learner = new LearnerSettings(Toy.CPU, MicroBatch.ofRows(Toy.BATCH));
    return PolicyTrainer.fresh(settings, Toy.TASK, files(), Toy.CONFIG, Toy.weights(), learner, 1);
  }

  private ActorRef<Command> spawn(
      PolicySettings settings, Supplier<PolicyTrainer> trainer, boolean published) {
    return kit.spawn(
        PolicyLearner.create(
            settings,
            trainer,
            published,
            dir,
            buffer.getRef(),
            registry.getRef(),
            new PolicyMeters(meters),
            new TrainingObserver() {
              @Override
              public void onUpdate(UpdateReport report, List<Trajectory> batch) {
                reports.add(report);
                learning.join();
              }
            },
            owner.getRef()));
  }

  private SnapshotFiles files() {
    return SnapshotFiles.in(dir.resolve("snapshots"));
  }

  private Publish publish() {
    return (Publish) registry.receiveMessage(PATIENCE);
  }

  private static void accept(Publish publish) {
    publish.replyTo().tell(new PublishReply.Accepted(Model.POLICY, publish.snapshot().version()));
  }

  private TakeBatch takeBatch() {
    ExperienceProtocol.Command message = buffer.receiveMessage(PATIENCE);
    while (message instanceof Checkpointed) {
      message = buffer.receiveMessage(PATIENCE);
    }
    return (TakeBatch) message;
  }

  private static void answer(TakeBatch asked) {
    answer(asked, Toy.batch(Toy.weights(), 0));
  }

  private static void answer(TakeBatch asked, List<Trajectory> batch) {
    asked.replyTo().tell(new Batch(asked.version(), batch));
  }

  /** A batch whose divergence is beyond every bound. */
  private static List<Trajectory> far() {
    return Toy.batch(Toy.weights(), 0).stream()
        .map(t -> new Trajectory(t.rollout(), PerToken.of(-15, -15, -15, -15), t.score(), true, 0))
        .toList();
  }
}

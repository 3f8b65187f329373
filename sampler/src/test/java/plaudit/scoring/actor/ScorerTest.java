package plaudit.scoring.actor;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.experience.OfferReply;
import plaudit.experience.Purpose;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.experience.actor.ExperienceProtocol.Asked;
import plaudit.experience.actor.ExperienceProtocol.Offer;
import plaudit.labels.Comparison;
import plaudit.labels.actor.LabelStore;
import plaudit.labels.actor.LabelStore.Ask;
import plaudit.labels.actor.LabelStore.AskReply;
import plaudit.model.Compute;
import plaudit.model.TinySnapshots;
import plaudit.scoring.Questions;
import plaudit.scoring.ScorerMeters;
import plaudit.scoring.ScorerSettings;
import plaudit.scoring.ScoringEngine;
import plaudit.scoring.TorchScoringEngine;
import plaudit.scoring.actor.ScoringProtocol.Busy;
import plaudit.scoring.actor.ScoringProtocol.Score;
import plaudit.scoring.actor.ScoringProtocol.Scored;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.actor.SnapshotProtocol;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

/** Conversations with a scorer whose queue holds two batches; two responses make a question. */
class ScorerTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration RETRY = Duration.ofSeconds(3);
  private static final Task TASK =
      new Task(Tokens.of(), Tokens.of(), 3, 0.7f, TruncationRule.NONE, true);

  private final Path directory;
  private final SnapshotFiles files;
  private final ActorTestKit kit =
      ActorTestKit.create(
          ManualTime.config().withFallback(ConfigFactory.parseResources("application-test.conf")));
  private final ManualTime time = ManualTime.get(kit.system());
  private final TestProbe<ExperienceProtocol.Command> buffer =
      kit.createTestProbe(ExperienceProtocol.Command.class);
  private final TestProbe<LabelStore.Command> labels =
      kit.createTestProbe(LabelStore.Command.class);
  private final TestProbe<SnapshotProtocol.Command> registry =
      kit.createTestProbe(SnapshotProtocol.Command.class);
  private final TestProbe<ScoringProtocol.Reply> sampler =
      kit.createTestProbe(ScoringProtocol.Reply.class);
  private final ActorRef<ScoringProtocol.Command> scorer;
  private final ActorRef<Snapshot> follower;

  ScorerTest(@TempDir Path directory) {
    this.directory = directory;
    this.files = SnapshotFiles.in(directory);
    this.scorer = kit.spawn(scorer(new Questions(TASK, 2, Tokens::toString)));
    this.follower = registry.expectMessageClass(SnapshotProtocol.Follow.class).follower();
  }

  private Behavior<ScoringProtocol.Command> scorer(Questions questions) {
    return scorer(
        questions,
        () ->
            new TorchScoringEngine(
                TinySnapshots.CONFIG, TASK, Compute.cpu(1), TinySnapshots.policyNet(0), files));
  }

  private Behavior<ScoringProtocol.Command> scorer(
      Questions questions, Supplier<ScoringEngine> engine) {
    return Scorer.create(
        new ScorerSettings(Compute.cpu(1), 2, 2, RETRY),
        questions,
        engine,
        ScoringProtocol.KEY,
        buffer.getRef(),
        labels.getRef(),
        registry.getRef(),
        InstantSource.system(),
        new ScorerMeters(new SimpleMeterRegistry()));
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void policyWorkWaitsForARewardModelAndGoesToTheBuffer() {
    scorer.tell(score(7, Purpose.POLICY));
    buffer.expectNoMessage();
    follower.tell(TinySnapshots.reward(files, 0));
    Offer offer = offer();
    assertThat(offer.batchId()).isEqualTo(7);
    try (TorchScoringEngine scoring =
        new TorchScoringEngine(
            TinySnapshots.CONFIG, TASK, Compute.cpu(1), TinySnapshots.policyNet(0), files)) {
      scoring.load(files.fetch(TinySnapshots.reward(files, 0)), 0);
      assertThat(offer.trajectories()).isEqualTo(scoring.score(rollouts()));
    }
    sampler.expectNoMessage();
    offer.replyTo().tell(new OfferReply.Accepted(7));
    sampler.expectMessage(new Scored(7));
  }

  @Test
  void aBufferThatDoesNotAnswerIsOfferedTheSameAgain() {
    follower.tell(TinySnapshots.reward(files, 0));
    scorer.tell(score(7, Purpose.POLICY));
    Offer first = offer();
    time.timePasses(RETRY.plusMillis(1));
    Offer second = offer();
    assertThat(second.trajectories()).isEqualTo(first.trajectories());
    second.replyTo().tell(new OfferReply.Superseded(7));
    sampler.expectMessage(new Scored(7));
  }

  @Test
  void questionsNeedNoRewardModelAndGoToTheLabelStore() {
    scorer.tell(score(8, Purpose.QUESTION));
    Ask ask = ask();
    assertThat(ask.comparisons()).extracting(Comparison::id).containsExactly("q0", "q1");
    ask.replyTo().tell(new AskReply.Stored(1)); // the other was known, and is there too
    Asked asked = (Asked) buffer.receiveMessage(PATIENCE);
    assertThat(asked.yielded().questions()).isEqualTo(2);
    asked.replyTo().tell(new OfferReply.Accepted(8));
    sampler.expectMessage(new Scored(8));
  }

  @Test
  void aLabelStoreThatFailsIsAskedAgain() {
    scorer.tell(score(8, Purpose.QUESTION));
    Ask first = ask();
    first.replyTo().tell(new AskReply.Failed("disk full"));
    Ask second = ask();
    assertThat(second.comparisons()).isEqualTo(first.comparisons());
    buffer.expectNoMessage();
  }

  @Test
  void aFullQueueRefusesAndABatchSentTwiceIsScoredOnce() {
    scorer.tell(score(1, Purpose.POLICY));
    scorer.tell(score(1, Purpose.POLICY));
    scorer.tell(score(2, Purpose.POLICY));
    scorer.tell(score(3, Purpose.POLICY));
    sampler.expectMessage(new Busy(3));
    follower.tell(TinySnapshots.reward(files, 0));
    assertThat(offer().batchId()).isEqualTo(1);
    assertThat(offer().batchId()).isEqualTo(2);
    buffer.expectNoMessage();
  }

  @Test
  void theNewestRewardModelScores() {
    follower.tell(TinySnapshots.reward(files, 4));
    scorer.tell(score(1, Purpose.POLICY));
    assertThat(offer().trajectories()).extracting(Trajectory::rewardVersion).containsOnly(4L);
    follower.tell(TinySnapshots.reward(files, 5));
    scorer.tell(score(2, Purpose.POLICY));
    assertThat(offer().trajectories()).extracting(Trajectory::rewardVersion).containsOnly(5L);
  }

  /** The learner's node died, and its successor went on from an earlier checkpoint. */
  @Test
  void whatTheRegistrySaidLastCountsAlsoIfItIsOlder() {
    follower.tell(TinySnapshots.reward(files, 4));
    scorer.tell(score(1, Purpose.POLICY));
    assertThat(offer().trajectories()).extracting(Trajectory::rewardVersion).containsOnly(4L);
    follower.tell(TinySnapshots.reward(files, 3));
    scorer.tell(score(2, Purpose.POLICY));
    assertThat(offer().trajectories()).extracting(Trajectory::rewardVersion).containsOnly(3L);
  }

  @Test
  void aRewardModelThatCannotBeLoadedIsTriedAgain() throws IOException {
    Snapshot snapshot = TinySnapshots.reward(files, 2);
    Path file = files.fetch(snapshot);
    Path aside = directory.resolve("aside");
    Files.move(file, aside);
    scorer.tell(score(1, Purpose.POLICY));
    LoggingTestKit.warn("could not be loaded")
        .withOccurrences(1)
        .expect(
            kit.system(),
            () -> {
              follower.tell(snapshot);
              return true;
            });
    Files.move(aside, file);
    Offer offer =
        (Offer)
            buffer.awaitAssert(
                PATIENCE,
                () -> {
                  time.timePasses(RETRY); // the scorer may set its timer after it has warned
                  return buffer.receiveMessage(Duration.ofMillis(100));
                });
    assertThat(offer.trajectories()).extracting(Trajectory::rewardVersion).containsOnly(2L);
  }

  @Test
  void oneThatFailsAndIsStartedAgainFreesItsModelAndItsThread() {
    Set<Thread> before = threads();
    ActorRef<ScoringProtocol.Command> failing =
        kit.spawn(
            Behaviors.supervise(
                    scorer(
                        new Questions(
                            TASK,
                            2,
                            tokens -> {
                              throw new IllegalStateException("no words for it");
                            })))
                .onFailure(SupervisorStrategy.restart()));
    failing.tell(score(1, Purpose.POLICY));
    registry
        .expectMessageClass(SnapshotProtocol.Follow.class)
        .follower()
        .tell(TinySnapshots.reward(files, 0));
    offer();
    Set<Thread> own = threads();
    own.removeAll(before);
    assertThat(own).hasSize(1);
    failing.tell(score(2, Purpose.QUESTION));
    registry.awaitAssert(PATIENCE, () -> assertThat(own).noneMatch(Thread::isAlive));
  }

  @Test
  void aSourceElsewhereNeedsNoRewardModelAndHasSeveralBatchesAtATime() {
    Elsewhere elsewhere = new Elsewhere();
    ActorRef<ScoringProtocol.Command> remote = kit.spawn(scorerOf(elsewhere));
    remote.tell(score(1, Purpose.POLICY));
    remote.tell(score(2, Purpose.POLICY));
    buffer.awaitAssert(PATIENCE, () -> assertThat(elsewhere.asked).hasSize(2));
    remote.tell(score(3, Purpose.POLICY));
    buffer.awaitAssert(PATIENCE, () -> assertThat(elsewhere.asked).hasSize(3));
    remote.tell(score(4, Purpose.POLICY));
    sampler.expectMessage(PATIENCE, new Busy(4));

    elsewhere.asked.get(1).scored(trajectories());
    assertThat(offer().batchId()).isEqualTo(2);
    elsewhere.asked.get(0).scored(trajectories());
    assertThat(offer().batchId()).isEqualTo(1);
  }

  @Test
  void scoresThatDoNotComeCostTheirBatchAlone() {
    Elsewhere elsewhere = new Elsewhere();
    ActorRef<ScoringProtocol.Command> remote = kit.spawn(scorerOf(elsewhere));
    remote.tell(score(1, Purpose.POLICY));
    remote.tell(score(2, Purpose.POLICY));
    buffer.awaitAssert(PATIENCE, () -> assertThat(elsewhere.asked).hasSize(2));
    elsewhere.asked.get(0).failed(new IllegalStateException("HTTP 503"));
    sampler.expectMessage(PATIENCE, new Scored(1)); // its lease runs out
    elsewhere.asked.get(1).scored(trajectories());
    assertThat(offer().batchId()).isEqualTo(2);
  }

  /** Answers when the test says so. */
  private static final class Elsewhere implements ScoringEngine {

    private final List<Receiver> asked = new CopyOnWriteArrayList<>();

    @Override
    public void fetch(Snapshot snapshot) {}

    @Override
    public void load(Snapshot snapshot) {}

    @Override
    public boolean needsReward() {
      return false;
    }

    @Override
    public void score(List<Rollout> rollouts, Receiver receiver) {
      asked.add(receiver);
    }

    @Override
    public void close() {}
  }

  private Behavior<ScoringProtocol.Command> scorerOf(ScoringEngine engine) {
    return scorer(new Questions(TASK, 2, Tokens::toString), () -> engine);
  }

  private static List<Trajectory> trajectories() {
    return rollouts().stream()
        .map(it -> new Trajectory(it, PerToken.of(-1, -1, -1), 0.5f, true, -1))
        .toList();
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("scorer"))
        .collect(Collectors.toCollection(HashSet::new));
  }

  private Offer offer() {
    return (Offer) buffer.receiveMessage(PATIENCE);
  }

  private Ask ask() {
    return (Ask) labels.receiveMessage(PATIENCE);
  }

  private Score score(long batchId, Purpose purpose) {
    return new Score(batchId, purpose, rollouts(), sampler.getRef());
  }

  /** Two responses to each of two prompts. */
  private static List<Rollout> rollouts() {
    return IntStream.range(0, 4)
        .mapToObj(
            i ->
                new Rollout(
                    i / 2,
                    i % 2,
                    Tokens.of(1, 2),
                    Tokens.of(i, 3, 4),
                    PerToken.of(-1, -1, -1),
                    PerToken.of(0, 0, 0),
                    1))
        .toList();
  }
}

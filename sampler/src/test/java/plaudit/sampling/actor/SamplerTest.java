package plaudit.sampling.actor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.typesafe.config.ConfigFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import plaudit.experience.Grant;
import plaudit.experience.Prompt;
import plaudit.experience.Purpose;
import plaudit.experience.Rollout;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.experience.actor.ExperienceProtocol.Borrow;
import plaudit.model.Compute;
import plaudit.model.TinySnapshots;
import plaudit.model.TorchNet;
import plaudit.sampling.Generation;
import plaudit.sampling.Generation.WeightSwap;
import plaudit.sampling.SamplerMeters;
import plaudit.sampling.SamplerSettings;
import plaudit.sampling.SamplerSettings.InFlight;
import plaudit.sampling.TorchPolicyEngine;
import plaudit.scoring.Questions;
import plaudit.scoring.actor.ScoringProtocol;
import plaudit.scoring.actor.ScoringProtocol.Score;
import plaudit.snapshots.Probe;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.actor.SnapshotProtocol;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.PerToken;
import plaudit.tokens.TokenVersions;
import plaudit.tokens.Tokens;

/** Conversations with a sampler that may have one batch out. */
class SamplerTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration ASK_AGAIN = Duration.ofSeconds(2);
  private static final int LIMIT = 50;
  private static final Task TASK =
      new Task(Tokens.of(), Tokens.of(), 4, 0.7f, TruncationRule.NONE, true);
  private static final Generation GENERATION = new Generation(TASK, 3);
  private static final List<Prompt> PROMPTS =
      List.of(new Prompt(0, Tokens.of(1, 2)), new Prompt(1, Tokens.of(3)));

  private final ActorTestKit kit =
      ActorTestKit.create(
          ManualTime.config().withFallback(ConfigFactory.parseResources("application-test.conf")));
  private final ManualTime time = ManualTime.get(kit.system());
  private final TestProbe<ExperienceProtocol.Command> buffer =
      kit.createTestProbe(ExperienceProtocol.Command.class);
  private final TestProbe<SnapshotProtocol.Command> registry =
      kit.createTestProbe(SnapshotProtocol.Command.class);
  private final TestProbe<ScoringProtocol.Command> scorer =
      kit.createTestProbe(ScoringProtocol.Command.class);

  private ActorRef<Sampler.Command> sampler = kit.system().ignoreRef();

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void workIsAskedForOnlyWithALoadedPolicy(@TempDir Path dir) {
    SnapshotFiles files = SnapshotFiles.in(dir);
    ActorRef<Snapshot> follower = spawn(files);
    time.timePasses(ASK_AGAIN);
    buffer.expectNoMessage();
    follower.tell(TinySnapshots.policy(files, 0, List.of()));
    Borrow borrow = borrow();
    assertThat(borrow.sampler()).isEqualTo("one");
    assertThat(borrow.loadedVersion()).isZero();
  }

  @Test
  void aGrantIsWrittenAndHandedToAScorerUntilItAnswers(@TempDir Path dir) {
    SnapshotFiles files = SnapshotFiles.in(dir);
    ActorRef<Snapshot> follower = spawn(files);
    follower.tell(TinySnapshots.policy(files, 0, List.of()));
    borrow().replyTo().tell(grant(7));
    Score score = score();
    assertThat(score.batchId()).isEqualTo(7);
    assertThat(score.purpose()).isEqualTo(Purpose.QUESTION);
    try (TorchNet net = TinySnapshots.policyNet(0)) {
      assertThat(score.rollouts()).isEqualTo(GENERATION.rollouts(net, 0, PROMPTS, 2));
    }
    buffer.expectNoMessage(); // one is out, which is all it may have
    score.replyTo().tell(new ScoringProtocol.Busy(7));
    time.timePasses(ASK_AGAIN);
    assertThat(score()).isEqualTo(score);
    buffer.expectNoMessage();
    score.replyTo().tell(new ScoringProtocol.Scored(7));
    assertThat(borrow().loadedVersion()).isZero();
  }

  /** A batch may be megabytes, and a scorer may take minutes. */
  @Test
  void aBatchWithoutAnswerIsSentEverMoreRarelyButAtOnceIfItsScorerIsGone(@TempDir Path dir) {
    SnapshotFiles files = SnapshotFiles.in(dir);
    spawn(files).tell(TinySnapshots.policy(files, 0, List.of()));
    borrow().replyTo().tell(grant(7));
    Score score = score();
    for (int ticks : List.of(1, 2, 4, 8, 8)) {
      for (int i = 1; i < ticks; i++) {
        time.timePasses(ASK_AGAIN);
      }
      scorer.expectNoMessage();
      time.timePasses(ASK_AGAIN);
      assertThat(score()).isEqualTo(score);
    }
    TestProbe<ScoringProtocol.Command> other = kit.createTestProbe(ScoringProtocol.Command.class);
    kit.system().receptionist().tell(Receptionist.register(ScoringProtocol.KEY, other.getRef()));
    kit.system().receptionist().tell(Receptionist.deregister(ScoringProtocol.KEY, scorer.getRef()));
    assertThat(other.receiveMessage(PATIENCE)).isEqualTo(score);
  }

  /** A sampler that is woken while it waits asks again, and every question may be answered. */
  @Test
  void grantsThatComeTogetherAreAllWritten(@TempDir Path dir) {
    SnapshotFiles files = SnapshotFiles.in(dir);
    spawn(files).tell(TinySnapshots.policy(files, 0, List.of()));
    Borrow borrow = borrow();
    for (long id = 7; id < 10; id++) {
      borrow.replyTo().tell(grant(id));
    }
    assertThat(List.of(score().batchId(), score().batchId(), score().batchId()))
        .containsExactly(7L, 8L, 9L);
  }

  @Test
  void ofAValidationQuestionTheReferenceWritesHalf(@TempDir Path dir) {
    SnapshotFiles files = SnapshotFiles.in(dir);
    ActorRef<Snapshot> follower = spawn(files);
    follower.tell(TinySnapshots.policy(files, 3, List.of()));
    borrow().replyTo().tell(new Grant(8, Purpose.VALIDATION, PROMPTS, 4, Instant.EPOCH));
    List<Rollout> rollouts = score().rollouts();
    assertThat(rollouts)
        .extracting(Rollout::promptId, Rollout::index, Rollout::policyVersion)
        .containsExactlyInAnyOrder(
            tuple(0L, 0, 0L),
            tuple(0L, 1, 0L),
            tuple(0L, LIMIT, 3L),
            tuple(0L, LIMIT + 1, 3L),
            tuple(1L, 0, 0L),
            tuple(1L, 1, 0L),
            tuple(1L, LIMIT, 3L),
            tuple(1L, LIMIT + 1, 3L));
    try (TorchNet reference = TinySnapshots.policyNet(0)) {
      assertThat(rollouts).containsAll(GENERATION.rollouts(reference, 0, PROMPTS, 2));
    }
  }

  @Test
  void aSamplerThatLeavesHandsBackItsWorkAndEnds(@TempDir Path dir) {
    SnapshotFiles files = SnapshotFiles.in(dir);
    spawn(files).tell(TinySnapshots.policy(files, 0, List.of()));
    Borrow borrow = borrow();
    borrow.replyTo().tell(grant(7));
    score();
    TestProbe<Done> node = kit.createTestProbe(Done.class);
    sampler.tell(new Sampler.Leave(node.getRef()));
    var leave = (ExperienceProtocol.Leave) buffer.receiveMessage(PATIENCE);
    assertThat(leave.sampler()).isEqualTo(borrow.replyTo());
    node.expectNoMessage();
    leave.replyTo().tell(new ExperienceProtocol.Left(1));
    node.receiveMessage(PATIENCE);
    node.expectTerminated(sampler, PATIENCE);
  }

  @Test
  void whatTheRegistrySaidLastCountsAlsoIfItIsOlder(@TempDir Path dir) {
    SnapshotFiles files = SnapshotFiles.in(dir);
    ActorRef<Snapshot> follower = spawn(files);
    follower.tell(TinySnapshots.policy(files, 5, List.of()));
    assertThat(borrow().loadedVersion()).isEqualTo(5);
    follower.tell(TinySnapshots.policy(files, 3, List.of()));
    assertThat(borrow().loadedVersion()).isEqualTo(3);
  }

  /** The one before goes on, which was checked itself. */
  @ParameterizedTest
  @EnumSource(InFlight.class)
  void weightsThatAreNotThePublishedOnesWriteNothing(InFlight inFlight, @TempDir Path dir) {
    SnapshotFiles files = SnapshotFiles.in(dir);
    ActorRef<Snapshot> follower = spawn(files, inFlight, GENERATION);
    follower.tell(TinySnapshots.policy(files, 0, List.of()));
    Borrow borrow = borrow();
    Probe wrong = new Probe(Tokens.of(1), Tokens.of(2), PerToken.of(-99));
    Snapshot other = TinySnapshots.policy(files, 1, List.of(wrong));
    LoggingTestKit.error("is not served")
        .withOccurrences(1)
        .expect(
            kit.system(),
            () -> {
              follower.tell(other);
              borrow.replyTo().tell(grant(7)); // while it loads
              return true;
            });
    Score score = score();
    assertThat(score.rollouts()).extracting(Rollout::newestVersion).containsOnly(0L);
    follower.tell(TinySnapshots.policy(files, 2, List.of()));
    awaitApplied(2);
    score.replyTo().tell(new ScoringProtocol.Scored(7));
    assertThat(borrow().loadedVersion()).isIn(0L, 2L);
  }

  /**
   * The batch is long enough for a version to come while it is written; which token, chance says.
   */
  @ParameterizedTest
  @EnumSource(
      value = InFlight.class,
      names = {"KEEP_CACHE", "RECOMPUTE"})
  void aVersionThatComesInTheMiddleOfABatchTakesOver(InFlight inFlight, @TempDir Path dir) {
    SnapshotFiles files = SnapshotFiles.in(dir);
    Generation generation =
        new Generation(new Task(Tokens.of(), Tokens.of(), 24, 0.7f, TruncationRule.NONE, true), 3);
    ActorRef<Snapshot> follower = spawn(files, inFlight, generation);
    follower.tell(TinySnapshots.policy(files, 0, List.of()));
    Borrow borrow = borrow();
    List<Rollout> written = List.of();
    long version = 0;
    while (written.stream().noneMatch(rollout -> rollout.versions().isMixed())) {
      assertThat(version).as("a version came in time").isLessThan(200);
      Snapshot next = TinySnapshots.policy(files, version + 1, List.of(probe(version + 1)));
      borrow.replyTo().tell(new Grant(version, Purpose.POLICY, PROMPTS, 300, Instant.EPOCH));
      follower.tell(next);
      Score score = score();
      written = score.rollouts();
      awaitApplied(++version);
      score.replyTo().tell(new ScoringProtocol.Scored(score.batchId()));
      borrow = freshBorrow(version);
    }
    TokenVersions versions = written.get(0).versions();
    assertThat(versions.runs()).hasSize(2);
    assertThat(versions.newest()).isEqualTo(version);
    assertThat(written).allMatch(rollout -> rollout.versions().equals(versions));
    try (TorchNet net = TinySnapshots.policyNet(version - 1)) {
      int[] t = new int[1];
      WeightSwap relay =
          (decoding, present) -> {
            if (versions.at(++t[0]) != present) {
              net.swap(TinySnapshots.policy(versions.at(t[0])));
              if (inFlight == InFlight.RECOMPUTE) {
                decoding.reread();
              }
            }
            return versions.at(t[0]);
          };
      assertThat(written).isEqualTo(generation.rollouts(net, version - 1, PROMPTS, 300, relay));
    }
  }

  private static Probe probe(long version) {
    try (TorchNet net = TinySnapshots.policyNet(version)) {
      float[] logprobs =
          net.score(List.of(Tokens.of(1, 2)), List.of(Tokens.of(3, 4)), 0.7f).logprobs()[0];
      return new Probe(Tokens.of(1, 2), Tokens.of(3, 4), PerToken.of(logprobs));
    }
  }

  private void awaitApplied(long version) {
    registry.fishForMessage(
        PATIENCE,
        message ->
            message instanceof SnapshotProtocol.Applied applied && applied.version() == version
                ? FishingOutcomes.complete()
                : FishingOutcomes.continueAndIgnore());
  }

  /** A sampler asks anew whenever it has another version. */
  private Borrow freshBorrow(long version) {
    Borrow[] fresh = new Borrow[1];
    buffer.fishForMessage(
        PATIENCE,
        message -> {
          if (message instanceof Borrow borrow && borrow.loadedVersion() == version) {
            fresh[0] = borrow;
            return FishingOutcomes.complete();
          }
          return FishingOutcomes.continueAndIgnore();
        });
    return fresh[0];
  }

  private ActorRef<Snapshot> spawn(SnapshotFiles files) {
    return spawn(files, InFlight.OFF, GENERATION);
  }

  private ActorRef<Snapshot> spawn(SnapshotFiles files, InFlight inFlight, Generation generation) {
    TestProbe<Receptionist.Registered> registered =
        kit.createTestProbe(Receptionist.Registered.class);
    ActorRef<Receptionist.Command> receptionist = kit.system().receptionist();
    receptionist.tell(
        Receptionist.register(ScoringProtocol.KEY, scorer.getRef(), registered.getRef()));
    registered.receiveMessage(PATIENCE);
    SamplerMeters meters = new SamplerMeters(new SimpleMeterRegistry());
    sampler =
        kit.spawn(
            Sampler.create(
                new SamplerSettings(Compute.cpu(1), 1, ASK_AGAIN, 0.01, inFlight),
                "one",
                () ->
                    new TorchPolicyEngine(
                        TinySnapshots.CONFIG,
                        () -> TinySnapshots.policyNet(0),
                        Compute.cpu(1),
                        generation,
                        new Questions(generation.task(), 2, Tokens::toString),
                        LIMIT,
                        inFlight,
                        files,
                        meters),
                ScoringProtocol.KEY,
                buffer.getRef(),
                registry.getRef(),
                java.time.InstantSource.system(),
                meters));
    return ((SnapshotProtocol.Follow) registry.receiveMessage(PATIENCE)).follower();
  }

  private Borrow borrow() {
    return (Borrow) buffer.receiveMessage(PATIENCE);
  }

  private Score score() {
    return (Score) scorer.receiveMessage(PATIENCE);
  }

  private static Grant grant(long batchId) {
    return new Grant(batchId, Purpose.QUESTION, PROMPTS, 2, Instant.EPOCH);
  }
}

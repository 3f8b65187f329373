package plaudit.experience.actor;

import static org.assertj.core.api.Assertions.assertThat;
import static plaudit.experience.Examples.answers;
import static plaudit.experience.Examples.queries;

import com.typesafe.config.ConfigFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.experience.Batch;
import plaudit.experience.Examples;
import plaudit.experience.ExperienceMeters;
import plaudit.experience.Grant;
import plaudit.experience.OfferReply;
import plaudit.experience.Pace;
import plaudit.experience.PromptStreams;
import plaudit.experience.Purpose;
import plaudit.experience.QuestionYield;
import plaudit.experience.ShuffledPrompts;
import plaudit.experience.Trajectory;
import plaudit.experience.actor.ExperienceProtocol.Asked;
import plaudit.experience.actor.ExperienceProtocol.Borrow;
import plaudit.experience.actor.ExperienceProtocol.Command;
import plaudit.experience.actor.ExperienceProtocol.GetStatus;
import plaudit.experience.actor.ExperienceProtocol.KeepPace;
import plaudit.experience.actor.ExperienceProtocol.Leave;
import plaudit.experience.actor.ExperienceProtocol.Left;
import plaudit.experience.actor.ExperienceProtocol.Offer;
import plaudit.experience.actor.ExperienceProtocol.SendFailed;
import plaudit.experience.actor.ExperienceProtocol.Status;
import plaudit.experience.actor.ExperienceProtocol.TakeBatch;
import plaudit.experience.journal.DurableLedger;
import plaudit.experience.journal.JournalFiles;
import plaudit.experience.journal.JournalSettings;
import plaudit.input.InvalidInputException;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.actor.SnapshotProtocol;
import plaudit.snapshots.actor.SnapshotRegistry;

/** Conversations with the buffer: batches of 4, grants of 2, leases of a minute. */
class ExperienceBufferTest {

  private final ActorTestKit kit =
      ActorTestKit.create(
          ManualTime.config().withFallback(ConfigFactory.parseResources("application-test.conf")));
  private final ManualTime time = ManualTime.get(kit.system());
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T12:00:00Z"));
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<QuestionYield> yields = new CopyOnWriteArrayList<>();
  private final TestProbe<SnapshotProtocol.Command> heardByRegistry =
      kit.createTestProbe(SnapshotProtocol.Command.class);
  private final ActorRef<SnapshotProtocol.Command> registry =
      kit.spawn(
          Behaviors.monitor(
              SnapshotProtocol.Command.class,
              heardByRegistry.getRef(),
              SnapshotRegistry.create(Map.of())));
  private final TestProbe<PublishReply> publisher = kit.createTestProbe(PublishReply.class);
  private final TestProbe<OfferReply> scorer = kit.createTestProbe(OfferReply.class);
  private final TestProbe<Batch> learner = kit.createTestProbe(Batch.class);
  private final TestProbe<Status> observer = kit.createTestProbe(Status.class);
  private final ActorRef<Command> buffer = spawn(0);

  @BeforeEach
  void aRewardModelIsThere() {
    publish(Model.REWARD, 0);
    buffer.tell(new KeepPace(Pace.FREE));
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void aSamplerWaitsUntilThereIsARewardModel() {
    ActorRef<SnapshotProtocol.Command> empty = kit.spawn(SnapshotRegistry.create(Map.of()));
    ActorRef<Command> idle = kit.spawn(behavior(empty, 0));
    idle.tell(new KeepPace(new Pace(0, 0, 100)));
    TestProbe<Grant> sampler = kit.createTestProbe(Grant.class);
    idle.tell(new Borrow("a", 0, sampler.getRef()));
    assertThat(status(idle).samplers()).isEqualTo(1);
    sampler.expectNoMessage(Duration.ZERO);
    empty.tell(new SnapshotProtocol.Publish(snapshot(Model.REWARD, 0), publisher.getRef()));
    assertThat(sampler.receiveMessage().prompts()).hasSize(2);
  }

  @Test
  void aWaitingLearnerIsServedWhenTheBatchFills() {
    Grant first = borrow("a", 0);
    Grant second = borrow("b", 0);
    buffer.tell(new TakeBatch(0, 4, learner.getRef()));
    deliver(second, 0);
    assertThat(status(buffer).waiting()).isEqualTo(2);
    learner.expectNoMessage(Duration.ZERO);
    deliver(first, 0);
    List<Trajectory> batch = learner.receiveMessage().trajectories();
    assertThat(batch).hasSize(4);
    assertThat(batch.subList(0, 2)).isEqualTo(answers(first.prompts(), 0));
  }

  @Test
  void aSamplerThatFoundNoRoomIsServedAfterTheNextVersion() {
    deliver(borrow("a", 0), 0);
    deliver(borrow("a", 0), 0);
    TestProbe<Grant> sampler = kit.createTestProbe(Grant.class);
    buffer.tell(new Borrow("a", 0, sampler.getRef()));
    buffer.tell(new TakeBatch(0, 4, learner.getRef()));
    learner.receiveMessage();
    publish(Model.POLICY, 0);
    publish(Model.POLICY, 1);
    assertThat(status(buffer).policyVersion()).isEqualTo(1);
    sampler.expectNoMessage(Duration.ZERO);
    buffer.tell(new Borrow("a", 1, sampler.getRef()));
    assertThat(sampler.receiveMessage().prompts()).hasSize(2);
    assertThat(status(buffer).samplers()).isEqualTo(1);
  }

  /** The run's actor is told of it, and ends. */
  @Test
  void whatANodeCannotSendEndsTheBufferWithTheReason() {
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    kit.spawn(
        Behaviors.setup(
            ctx -> {
              ActorRef<Command> child = ctx.spawn(behavior(registry, 0), "buffer");
              ctx.watch(child);
              child.tell(new SendFailed("a:1", "Grant of 9 bytes (expected: at most 8)"));
              return Behaviors.receive(Object.class)
                  .onSignal(
                      ChildFailed.class,
                      failed -> {
                        end.complete(failed.cause());
                        return Behaviors.same();
                      })
                  .build();
            }));
    assertThat(end.orTimeout(30, TimeUnit.SECONDS).join())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("node a:1: Grant of 9 bytes (expected: at most 8); make exper");
  }

  @Test
  void anOfferIsTakenOnce() {
    Grant grant = borrow("a", 0);
    deliver(grant, 0);
    buffer.tell(new Offer(grant.batchId(), answers(grant.prompts(), 0), scorer.getRef()));
    assertThat(scorer.receiveMessage()).isEqualTo(new OfferReply.Superseded(grant.batchId()));
    assertThat(status(buffer).accepted()).isEqualTo(2);
  }

  @Test
  void whatALeaseOutlivesIsLentAgain() {
    Grant first = borrow("a", 0);
    borrow("a", 0);
    TestProbe<Grant> other = kit.createTestProbe(Grant.class);
    buffer.tell(new Borrow("b", 0, other.getRef()));
    assertThat(status(buffer).lent()).isEqualTo(4);
    pass(Duration.ofSeconds(59));
    other.expectNoMessage(Duration.ZERO);
    pass(Duration.ofSeconds(1));
    Grant again = other.receiveMessage();
    assertThat(again.prompts()).isEqualTo(first.prompts());
    assertThat(again.batchId()).isNotEqualTo(first.batchId());
  }

  @Test
  void theWorkOfASamplerThatDiesIsLentAgainAtOnce() {
    TestProbe<Grant> dying = kit.createTestProbe(Grant.class);
    buffer.tell(new Borrow("a", 0, dying.getRef()));
    Grant first = dying.receiveMessage();
    buffer.tell(new Borrow("a", 0, dying.getRef())); // earlier it would replace the first
    dying.receiveMessage();
    TestProbe<Grant> other = kit.createTestProbe(Grant.class);
    buffer.tell(new Borrow("b", 0, other.getRef()));
    dying.stop();
    assertThat(other.receiveMessage().prompts()).isEqualTo(first.prompts());
  }

  @Test
  void aSamplerThatLeavesHandsBackWhatItHolds() {
    TestProbe<Grant> leaving = kit.createTestProbe(Grant.class);
    buffer.tell(new Borrow("a", 0, leaving.getRef()));
    Grant first = leaving.receiveMessage();
    buffer.tell(new Borrow("a", 0, leaving.getRef()));
    leaving.receiveMessage();
    TestProbe<Left> done = kit.createTestProbe(Left.class);
    buffer.tell(new Leave(leaving.getRef(), done.getRef()));
    assertThat(done.receiveMessage()).isEqualTo(new Left(2));
    assertThat(status(buffer).samplers()).isZero();
    assertThat(borrow("b", 0).prompts()).isEqualTo(first.prompts());
    assertThat(meters.get("plaudit.buffer.recalled").counter().count()).isEqualTo(2);
  }

  @Test
  void whatAnUnreachableNodeHoldsIsLentAgainAndCountsStillIfItComesFirst() {
    Grant first = borrow("a", 0);
    Grant second = borrow("a", 0);
    TestProbe<Grant> other = kit.createTestProbe(Grant.class);
    buffer.tell(new Borrow("b", 0, other.getRef()));
    buffer.tell(new ExperienceBuffer.Unreachable("pekko://elsewhere@host:1"));
    assertThat(status(buffer).lent()).isEqualTo(4);
    other.expectNoMessage(Duration.ZERO);
    // All probes of this system have its address: the one that waits is forgotten, too.
    buffer.tell(new ExperienceBuffer.Unreachable(other.getRef().path().address().toString()));
    assertThat(status(buffer).samplers()).isZero();
    buffer.tell(new Borrow("b", 0, other.getRef()));
    assertThat(other.receiveMessage().prompts()).isEqualTo(first.prompts());
    deliver(second, 0);
    buffer.tell(new Offer(first.batchId(), answers(first.prompts(), 0), scorer.getRef()));
    assertThat(scorer.receiveMessage()).isEqualTo(new OfferReply.Superseded(first.batchId()));
  }

  @Test
  void anAdapterOfASamplerDiesWithIt() {
    TestProbe<Grant> seen = kit.createTestProbe(Grant.class);
    ActorRef<String> dying = kit.spawn(borrower(buffer, seen.getRef()));
    Grant first = seen.receiveMessage();
    borrow("x", 0);
    TestProbe<Grant> other = kit.createTestProbe(Grant.class);
    buffer.tell(new Borrow("b", 0, other.getRef()));
    kit.stop(dying);
    assertThat(other.receiveMessage().prompts()).isEqualTo(first.prompts());
  }

  /** So that what was written for one that died cannot be taken for work of its heir. */
  @Test
  void aLaterBufferNamesItsBatchesOtherwise() {
    Grant earlier = borrow("a", 0);
    pass(Duration.ofSeconds(1));
    ActorRef<Command> heir = spawn(0);
    heir.tell(new KeepPace(Pace.FREE));
    TestProbe<Grant> sampler = kit.createTestProbe(Grant.class);
    heir.tell(new Borrow("a", 0, sampler.getRef()));
    assertThat(sampler.receiveMessage().batchId()).isGreaterThan(earlier.batchId() + 100);
  }

  @Test
  void wantedQuestionsGoToTheNextSampler() {
    buffer.tell(new KeepPace(new Pace(1, 0, Long.MAX_VALUE)));
    Grant grant = borrow("a", 0);
    assertThat(grant.purpose()).isEqualTo(Purpose.QUESTION);
    assertThat(grant.prompts().get(0).id()).isGreaterThanOrEqualTo(ShuffledPrompts.FIRST_QUESTION);
    buffer.tell(new Asked(grant.batchId(), new QuestionYield(1, 9, 4, 0), scorer.getRef()));
    assertThat(scorer.receiveMessage()).isEqualTo(new OfferReply.Accepted(grant.batchId()));
    assertThat(status(buffer).questionsWanted()).isZero();
    assertThat(meters.get("plaudit.buffer.question.usable").functionCounter().count()).isEqualTo(4);
    assertThat(borrow("a", 0).purpose()).isEqualTo(Purpose.POLICY);
  }

  @Test
  void theMetersTellWhatHappened() {
    Grant first = borrow("a", 0);
    deliver(first, 0);
    assertThat(status(buffer).waiting()).isEqualTo(2);
    assertThat(gauge("waiting")).isEqualTo(2);
    assertThat(gauge("room")).isEqualTo(2);
    deliver(borrow("a", 0), 0);
    buffer.tell(new TakeBatch(0, 4, learner.getRef()));
    learner.receiveMessage();
    assertThat(status(buffer)).isEqualTo(new Status(0, 0, 0, 4, 4, 0, 0, 0));
    assertThat(meters.get("plaudit.buffer.accepted").functionCounter().count()).isEqualTo(4);
    assertThat(meters.get("plaudit.buffer.taken").functionCounter().count()).isEqualTo(4);
    assertThat(meters.get("plaudit.buffer.staleness").summary().count()).isEqualTo(4);
    assertThat(meters.get("plaudit.buffer.staleness").summary().max()).isZero();
  }

  @Test
  void anHeirWithTheJournalServesTheSameBatchAndTakesLateDeliveries(@TempDir Path directory) {
    JournalFiles journal = JournalFiles.in(directory, new JournalSettings(true, false, false));
    ActorRef<Command> dying =
        spawn(() -> DurableLedger.fresh(Examples.settings(1, 1), prompts(), 0, journal));
    dying.tell(new KeepPace(Pace.FREE));
    List<Grant> grants = new ArrayList<>();
    TestProbe<Grant> sampler = kit.createTestProbe(Grant.class);
    for (int i = 0; i < 3; i++) {
      dying.tell(new Borrow("a", 0, sampler.getRef()));
      grants.add(sampler.receiveMessage());
    }
    for (Grant grant : grants.subList(0, 2)) {
      dying.tell(new Offer(grant.batchId(), answers(grant.prompts(), 0), scorer.getRef()));
      assertThat(scorer.receiveMessage()).isEqualTo(new OfferReply.Accepted(grant.batchId()));
    }
    dying.tell(new TakeBatch(0, 4, learner.getRef()));
    Batch batch = learner.receiveMessage();
    kit.stop(dying);

    ActorRef<Command> heir =
        spawn(
            () ->
                DurableLedger.resumed(Examples.settings(1, 1), prompts(), 0, 100, journal)
                    .orElseThrow());
    heir.tell(new TakeBatch(0, 4, learner.getRef()));
    assertThat(learner.receiveMessage()).isEqualTo(batch);
    Grant late = grants.get(2);
    heir.tell(new Offer(late.batchId(), answers(late.prompts(), 0), scorer.getRef()));
    assertThat(scorer.receiveMessage()).isEqualTo(new OfferReply.Accepted(late.batchId()));
    heir.tell(new Borrow("b", 0, sampler.getRef()));
    assertThat(sampler.receiveMessage().prompts())
        .doesNotContainAnyElementsOf(grants.stream().flatMap(g -> g.prompts().stream()).toList());
  }

  private static PromptStreams prompts() {
    return PromptStreams.of(queries(30), 1);
  }

  private ActorRef<Command> spawn(Supplier<DurableLedger> ledger) {
    return following(
        ExperienceBuffer.create(
            Examples.settings(1, 1),
            ledger,
            registry,
            now::get,
            new ExperienceMeters(meters),
            yields::add));
  }

  /** Returns when the registry knows of the buffer, so that a publication reaches it first. */
  private ActorRef<Command> following(Behavior<Command> behavior) {
    ActorRef<Command> spawned = kit.spawn(behavior);
    for (int model = 0; model < Model.values().length; model++) {
      heardByRegistry.fishForMessage(
          Duration.ofSeconds(30),
          message ->
              message instanceof SnapshotProtocol.Follow
                  ? FishingOutcomes.complete()
                  : FishingOutcomes.continueAndIgnore());
    }
    return spawned;
  }

  /** An announcement that got lost is made good by asking again. */
  @Test
  void theRegistryIsFollowedAgainAndAgain() {
    TestProbe<SnapshotProtocol.Command> probe = kit.createTestProbe(SnapshotProtocol.Command.class);
    kit.spawn(behavior(probe.getRef(), 0));
    probe.expectMessageClass(SnapshotProtocol.Follow.class);
    probe.expectMessageClass(SnapshotProtocol.Follow.class);
    time.timePasses(Duration.ofSeconds(30));
    assertThat(probe.expectMessageClass(SnapshotProtocol.Follow.class).model())
        .isEqualTo(Model.POLICY);
    assertThat(probe.expectMessageClass(SnapshotProtocol.Follow.class).model())
        .isEqualTo(Model.REWARD);
  }

  private ActorRef<Command> spawn(int eta) {
    return following(behavior(registry, eta));
  }

  private Behavior<Command> behavior(ActorRef<SnapshotProtocol.Command> followed, int eta) {
    return ExperienceBuffer.create(
        Examples.settings(eta, eta),
        PromptStreams.of(queries(30), 1),
        followed,
        now::get,
        new ExperienceMeters(meters));
  }

  private Grant borrow(String name, long loadedVersion) {
    TestProbe<Grant> sampler = kit.createTestProbe(Grant.class);
    buffer.tell(new Borrow(name, loadedVersion, sampler.getRef()));
    return sampler.receiveMessage();
  }

  private void deliver(Grant grant, long version) {
    buffer.tell(new Offer(grant.batchId(), answers(grant.prompts(), version), scorer.getRef()));
    assertThat(scorer.receiveMessage()).isEqualTo(new OfferReply.Accepted(grant.batchId()));
  }

  private Status status(ActorRef<Command> of) {
    of.tell(new GetStatus(observer.getRef()));
    return observer.receiveMessage();
  }

  private double gauge(String name) {
    return meters.get("plaudit.buffer." + name).gauge().value();
  }

  private void pass(Duration duration) {
    now.updateAndGet(t -> t.plus(duration));
    time.timePasses(duration);
  }

  /**
   * Returns when the version is in the mailbox of each buffer that was {@link #following}: the
   * registry tells its followers before it answers.
   */
  private void publish(Model model, long version) {
    registry.tell(new SnapshotProtocol.Publish(snapshot(model, version), publisher.getRef()));
    assertThat(publisher.receiveMessage()).isEqualTo(new PublishReply.Accepted(model, version));
  }

  private static Snapshot snapshot(Model model, long version) {
    return new Snapshot(
        model, version, version - 1, URI.create("file:/none"), 1, "0".repeat(64), List.of());
  }

  private static Behavior<String> borrower(ActorRef<Command> buffer, ActorRef<Grant> seen) {
    return Behaviors.setup(
        ctx -> {
          ActorRef<Grant> adapter =
              ctx.messageAdapter(
                  Grant.class,
                  grant -> {
                    seen.tell(grant);
                    return "granted";
                  });
          buffer.tell(new Borrow("adapted", 0, adapter));
          return Behaviors.ignore();
        });
  }
}

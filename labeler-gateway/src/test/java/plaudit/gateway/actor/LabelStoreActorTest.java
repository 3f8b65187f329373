package plaudit.gateway.actor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.store.Comparisons;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.Labeler;
import plaudit.gateway.store.Lease;
import plaudit.gateway.store.LeaseOutcome;
import plaudit.gateway.store.Stores;
import plaudit.gateway.store.Submission;
import plaudit.gateway.store.SubmittedChoice;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Judgment;
import plaudit.labels.Label;
import plaudit.labels.actor.LabelStore;
import plaudit.tokens.Tokens;

class LabelStoreActorTest {

  private final Path directory;
  private final ActorTestKit kit = ActorTestKit.create();
  private JdbcLabels labels;
  private ActorRef<LabelStore.Command> store;

  LabelStoreActorTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void open() {
    labels = Stores.open(directory);
    store = kit.spawn(LabelStoreActor.create(labels));
  }

  @AfterEach
  void close() {
    kit.shutdownTestKit();
    labels.close();
  }

  @Test
  void anAskIsAnsweredWhenItIsDurableAndTheLearnerReadsOnFromWhereItWas() {
    TestProbe<LabelStore.AskReply> asker = kit.createTestProbe();
    store.tell(new LabelStore.Ask(Comparisons.some("c", 2), asker.ref()));
    asker.expectMessage(new LabelStore.AskReply.Stored(2));

    judgeAll();
    TestProbe<LabelStore.Labels> learner = kit.createTestProbe();
    store.tell(new LabelStore.TakeLabels(0, 1, learner.ref()));
    assertThat(learner.receiveMessage().labels()).extracting("sequence").containsExactly(1L);
    store.tell(new LabelStore.TakeLabels(1, 10, learner.ref()));
    assertThat(learner.receiveMessage().labels()).extracting("sequence").containsExactly(2L);

    TestProbe<LabelStore.Status> watcher = kit.createTestProbe();
    store.tell(new LabelStore.GetStatus(watcher.ref()));
    watcher.expectMessage(new LabelStore.Status(0, 0, 2, 2, 2, false));
  }

  @Test
  void aRunThatBeginsHearsWhatWasAskedAndThatItIsStoppedStill() {
    labels.ask(Comparisons.some("q", 2));
    labels.stopRun(new Labeler("acme", "anna"), "the texts are bad");
    LabelStore.Stop stop = stop().orElseThrow();
    assertThat(stop.reason()).isEqualTo("the texts are bad");
    assertThat(stop.by()).isEqualTo("acme/anna");

    LabelStore.Begun begun = begin(Optional.empty());
    assertThat(begun.preferences()).isZero();
    assertThat(begun.asked()).extracting(LabelStore.Asked::comparisons).containsExactly(2L, 0L);
    assertThat(begun.stop()).contains(stop);
    assertThat(stop()).contains(stop);
  }

  @Test
  void anOperatorLetsAStoppedRunGoOnWhenItBegins() {
    labels.stopRun(new Labeler("acme", "anna"), "the texts are bad");
    assertThat(begin(Optional.of("ada")).stop()).isEmpty();
    assertThat(stop()).isEmpty();
  }

  private LabelStore.Begun begin(Optional<String> letGoOnBy) {
    TestProbe<LabelStore.Begun> learner = kit.createTestProbe();
    store.tell(new LabelStore.Begin("a1", true, List.of("q", "v"), letGoOnBy, learner.ref()));
    return learner.receiveMessage();
  }

  private Optional<LabelStore.Stop> stop() {
    TestProbe<LabelStore.StopReason> watcher = kit.createTestProbe();
    store.tell(new LabelStore.GetStopReason(watcher.ref()));
    return watcher.receiveMessage().stop();
  }

  @Test
  void whatIsTooMuchForOneMessageIsReadInSeveral() {
    String page = "x".repeat(20_000);
    Comparison.Sample sample = new Comparison.Sample(Tokens.of(2), "y", 0);
    Label label =
        new Label(
            1,
            new Comparison("q1", Tokens.of(1), page, List.of(sample, sample)),
            new Judgment("q1", "acme", "anna", new Choice.Best(0), Instant.EPOCH));
    assertThat(LabelStoreActor.first(Collections.nCopies(64, label))).hasSize(3);
    assertThat(LabelStoreActor.first(List.of(label))).hasSize(1);
    assertThat(LabelStoreActor.first(List.of())).isEmpty();
  }

  @Test
  void aStoreThatFailsSaysSoAndTheActorLivesOn() {
    labels.close();
    TestProbe<LabelStore.AskReply> asker = kit.createTestProbe();
    for (int i = 0; i < 2; i++) {
      store.tell(new LabelStore.Ask(Comparisons.some("c", 1), asker.ref()));
      LabelStore.AskReply reply = asker.receiveMessage();
      assertThat(reply).isInstanceOf(LabelStore.AskReply.Failed.class);
      assertThat(((LabelStore.AskReply.Failed) reply).reason()).startsWith("label store: ");
    }
    TestProbe<LabelStore.Labels> learner = kit.createTestProbe();
    store.tell(new LabelStore.TakeLabels(0, 1, learner.ref()));
    learner.expectMessage(new LabelStore.Labels(0, List.of()));
  }

  @Test
  void trainingGetsItsAnswersWhileRequestsHoldEveryThreadOfTheirs() {
    CountDownLatch hold = new CountDownLatch(1);
    try {
      block("plaudit.gateway.blocking-dispatcher", 100, hold);
      TestProbe<LabelStore.Labels> learner = kit.createTestProbe();
      store.tell(new LabelStore.TakeLabels(0, 1, learner.ref()));
      learner.expectMessage(new LabelStore.Labels(0, List.of()));
    } finally {
      hold.countDown();
    }
  }

  @Test
  void questionsBeyondTheBoundAreRefusedAtOnceAndTheOthersAreAnswered() {
    CountDownLatch hold = new CountDownLatch(1);
    TestProbe<LabelStore.AskReply> asker = kit.createTestProbe();
    try {
      block(LabelStoreActor.DISPATCHER, 2, hold);
      for (int i = 0; i < LabelStoreActor.MAX_QUESTIONS + 3; i++) {
        store.tell(new LabelStore.Ask(List.of(), asker.ref()));
      }
      for (int i = 0; i < 3; i++) {
        asker.expectMessage(
            new LabelStore.AskReply.Failed("label store: too many questions at once"));
      }
    } finally {
      hold.countDown();
    }
    for (int i = 0; i < LabelStoreActor.MAX_QUESTIONS; i++) {
      asker.expectMessage(new LabelStore.AskReply.Stored(0));
    }
  }

  private void block(String dispatcher, int tasks, CountDownLatch until) {
    Executor threads = kit.system().dispatchers().lookup(DispatcherSelector.fromConfig(dispatcher));
    for (int i = 0; i < tasks; i++) {
      threads.execute(
          () -> {
            try {
              assertThat(until.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }
  }

  private void judgeAll() {
    Labeler labeler = new Labeler("acme", "anna");
    for (Lease lease : ((LeaseOutcome.Granted) labels.lease(labeler, 9)).leases()) {
      labels.judge(
          labeler,
          new Submission(
              lease.leaseId(),
              lease.epoch(),
              new SubmittedChoice.Chosen(lease.task().choices().get(0).choiceId()),
              null,
              null,
              null,
              null),
          Optional.empty());
    }
  }
}

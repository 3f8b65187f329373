package plaudit.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import plaudit.input.InvalidInputException;
import plaudit.labels.actor.LabelStore;
import plaudit.node.run.RunIdentity;
import plaudit.policy.actor.PolicyLearner.Ended;

class LearnerRoleTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration TICK = Duration.ofMillis(250);

  private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
  private final ManualTime time = ManualTime.get(kit.system());
  private final TestProbe<LabelStore.Command> store = kit.createTestProbe(LabelStore.Command.class);

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void aRunThatALabelerHasStoppedIsNotBegun() {
    CompletableFuture<Ended> end = new CompletableFuture<>();
    kit.spawn(LearnerRole.create(partsOf(Optional.empty()), store.getRef(), () -> true, end));
    LabelStore.Begin begin = firstQuestion();
    assertThat(begin.letGoOnBy()).isEmpty();
    LabelStore.Stop stop =
        new LabelStore.Stop(
            "the texts are bad", "acme", "jo", Instant.parse("2026-01-01T12:00:00Z"));
    begin.replyTo().tell(new LabelStore.Begun(7, List.of(), Optional.of(stop), Optional.empty()));
    assertThat(end)
        .failsWithin(PATIENCE)
        .withThrowableThat()
        .havingRootCause()
        .isInstanceOf(InvalidInputException.class)
        .withMessage(
            "the run: stopped by acme/jo at 2026-01-01T12:00:00Z: the texts are bad"
                + " (expected: no stop, or --despite-stop to let it go on)");
  }

  @Test
  void anOperatorLetsAStoppedRunGoOnByName() {
    kit.spawn(
        LearnerRole.create(
            partsOf(Optional.of("ada")),
            store.getRef(),
            () -> true,
            new CompletableFuture<Ended>()));
    assertThat(firstQuestion().letGoOnBy()).contains("ada");
  }

  @Test
  void aStoreWithTheLabelsOfAnotherRunEndsTheRun() {
    CompletableFuture<Ended> end = new CompletableFuture<>();
    kit.spawn(LearnerRole.create(partsOf(Optional.empty()), store.getRef(), () -> true, end));
    LabelStore.Begin begin = firstQuestion();
    assertThat(begin.run()).isEqualTo("a1");
    begin
        .replyTo()
        .tell(new LabelStore.Begun(0, List.of(), Optional.empty(), Optional.of("of run b2")));

    assertThat(end)
        .failsWithin(PATIENCE)
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(InvalidInputException.class)
        .withMessageContaining("of run b2");
  }

  @Test
  void nothingBeginsBeforeTheClusterHasAcceptedTheNode() {
    AtomicBoolean accepted = new AtomicBoolean();
    ActorRef<LearnerRole.Command> role =
        kit.spawn(
            LearnerRole.create(
                partsOf(Optional.empty()),
                store.getRef(),
                accepted::get,
                new CompletableFuture<Ended>()));
    for (int tick = 0; tick < 20; tick++) {
      time.timePasses(TICK);
    }
    store.expectNoMessage();

    accepted.set(true);
    time.timePasses(TICK);
    assertThat(firstQuestion().replyTo()).isNotNull();
    assertThat(role).isNotNull();
  }

  private LabelStore.Begin firstQuestion() {
    return (LabelStore.Begin)
        store.awaitAssert(
            PATIENCE,
            () -> {
              time.timePasses(Duration.ofMillis(1));
              return store.receiveMessage(Duration.ofMillis(100));
            });
  }

  /** The queue of a store that stalls does not grow by a message at every tick. */
  @Test
  void aStoreThatDoesNotAnswerIsAskedEverMoreRarely() {
    CompletableFuture<Ended> end = new CompletableFuture<>();
    ActorRef<LearnerRole.Command> role =
        kit.spawn(LearnerRole.create(partsOf(Optional.empty()), store.getRef(), () -> true, end));
    firstQuestion();
    for (int tick = 0; tick < 120; tick++) {
      time.timePasses(TICK);
    }
    role.tell(LearnerRole.Stop.INSTANCE); // which it hears after all its ticks
    assertThat(end).succeedsWithin(PATIENCE);
    LabelStore.GetStopReason last =
        new LabelStore.GetStopReason(kit.<LabelStore.StopReason>createTestProbe().getRef());
    store.getRef().tell(last);
    int asked = 0;
    while (!store.receiveMessage(PATIENCE).equals(last)) {
      asked++;
    }
    assertThat(asked).isBetween(1, 20);
  }

  @Test
  void anAnswerThatComesAfterThatToALaterLookIsNoNews() {
    LearnerRole.Looks looks = new LearnerRole.Looks();
    long first = looks.next();
    long second = looks.next();
    assertThat(looks.isNews(second)).isTrue();
    assertThat(looks.isNews(first)).isFalse();
    assertThat(looks.isNews(looks.next())).isTrue();
  }

  /** Before a store has answered, the role asks and does nothing else. */
  @SuppressWarnings("NullAway")
  private static RunParts partsOf(Optional<String> letGoOnBy) {
    return new RunParts(
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        0,
        0,
        null,
        null,
        new RunIdentity("a1", "/runs/one", Map.of(), List.of()),
        false,
        null,
        null,
        null,
        null,
        null,
        Optional.empty(),
        letGoOnBy,
        true);
  }
}

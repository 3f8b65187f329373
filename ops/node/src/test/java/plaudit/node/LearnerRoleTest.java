package plaudit.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import plaudit.labels.actor.LabelStore;

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

  /** The queue of a store that stalls does not grow by a message at every tick. */
  @Test
  void aStoreThatDoesNotAnswerIsAskedEverMoreRarely() {
    ActorRef<LearnerRole.Command> role =
        kit.spawn(LearnerRole.create(notUsedYet(), store.getRef(), new CompletableFuture<>()));
    store.awaitAssert(
        PATIENCE,
        () -> {
          time.timePasses(Duration.ofMillis(1));
          return store.receiveMessage(Duration.ofMillis(100));
        });
    for (int tick = 0; tick < 400; tick++) {
      time.timePasses(TICK);
    }
    // It has no parts to stop and fails at that, after all its ticks.
    role.tell(LearnerRole.Stop.INSTANCE);
    store.expectTerminated(role, PATIENCE);
    LabelStore.GetStopReason last =
        new LabelStore.GetStopReason(kit.<LabelStore.StopReason>createTestProbe().getRef());
    store.getRef().tell(last);
    int asked = 0;
    while (!store.receiveMessage(PATIENCE).equals(last)) {
      asked++;
    }
    assertThat(asked).isBetween(1, 20);
  }

  /** Before a store has answered, the role asks and does nothing else. */
  @SuppressWarnings("NullAway")
  private static RunParts notUsedYet() {
    @Nullable RunParts none = null;
    return none;
  }
}

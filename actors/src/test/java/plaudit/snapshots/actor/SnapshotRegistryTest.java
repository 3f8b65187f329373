package plaudit.snapshots.actor;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.BehaviorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.actor.SnapshotProtocol.Command;
import plaudit.snapshots.actor.SnapshotProtocol.Follow;
import plaudit.snapshots.actor.SnapshotProtocol.Publish;

class SnapshotRegistryTest {

  private final BehaviorTestKit<Command> registry =
      BehaviorTestKit.create(SnapshotRegistry.create(Map.of()));
  private final TestInbox<PublishReply> learner = TestInbox.create();
  private final TestInbox<Snapshot> follower = TestInbox.create();

  @Test
  void aFollowerHearsOfEveryNewVersionOfItsModel() {
    registry.run(new Follow(Model.POLICY, follower.getRef()));
    registry.run(new Publish(snapshot(Model.POLICY, 0), learner.getRef()));
    registry.run(new Publish(snapshot(Model.REWARD, 0), learner.getRef()));
    registry.run(new Publish(snapshot(Model.POLICY, 1), learner.getRef()));
    assertThat(follower.getAllReceived())
        .containsExactly(snapshot(Model.POLICY, 0), snapshot(Model.POLICY, 1));
  }

  @Test
  void aLateFollowerHearsOfTheNewestAtOnce() {
    registry.run(new Publish(snapshot(Model.POLICY, 0), learner.getRef()));
    registry.run(new Publish(snapshot(Model.POLICY, 1), learner.getRef()));
    registry.run(new Follow(Model.POLICY, follower.getRef()));
    assertThat(follower.getAllReceived()).containsExactly(snapshot(Model.POLICY, 1));
  }

  @Test
  void followingTwiceIsHeardOnce() {
    registry.run(new Follow(Model.POLICY, follower.getRef()));
    registry.run(new Follow(Model.POLICY, follower.getRef()));
    registry.run(new Publish(snapshot(Model.POLICY, 0), learner.getRef()));
    assertThat(follower.getAllReceived()).hasSize(1);
  }

  @Test
  void whatIsPublishedAgainIsAnsweredAgainAndToldOnce() {
    registry.run(new Follow(Model.POLICY, follower.getRef()));
    registry.run(new Publish(snapshot(Model.POLICY, 0), learner.getRef()));
    registry.run(new Publish(snapshot(Model.POLICY, 0), learner.getRef()));
    assertThat(learner.getAllReceived()).hasSize(2);
    assertThat(follower.getAllReceived()).hasSize(1);
  }

  @Test
  void itIsKnownHowLongAFollowerTookToApplyTheNewestVersion() {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    List<String> heard = new ArrayList<>();
    BehaviorTestKit<Command> timed =
        BehaviorTestKit.create(
            SnapshotRegistry.create(
                Map.of(),
                now::get,
                (model, version, by, after) -> heard.add(model + " " + version + by + after)));
    timed.run(new Publish(snapshot(Model.POLICY, 0), learner.getRef()));
    timed.run(new Publish(snapshot(Model.POLICY, 1), learner.getRef()));
    now.set(Instant.EPOCH.plusMillis(250));
    timed.run(new SnapshotProtocol.Applied(Model.POLICY, 0, " late "));
    timed.run(new SnapshotProtocol.Applied(Model.REWARD, 1, " never published "));
    timed.run(new SnapshotProtocol.Applied(Model.POLICY, 1, " s "));
    assertThat(heard).containsExactly("POLICY 1 s PT0.25S");
  }

  @Test
  void aRefusedVersionIsToldToNobody() {
    registry.run(new Follow(Model.POLICY, follower.getRef()));
    registry.run(new Publish(snapshot(Model.POLICY, 4), learner.getRef()));
    assertThat(learner.receiveMessage()).isEqualTo(new PublishReply.Stale(Model.POLICY, 4, -1));
    assertThat(follower.hasMessages()).isFalse();
  }

  @Test
  void aRecoveredRegistryKnowsItsNewest() {
    BehaviorTestKit<Command> recovered =
        BehaviorTestKit.create(
            SnapshotRegistry.create(Map.of(Model.REWARD, snapshot(Model.REWARD, 8))));
    recovered.run(new Follow(Model.REWARD, follower.getRef()));
    assertThat(follower.receiveMessage().version()).isEqualTo(8);
  }

  @Test
  void whoDiesIsForgottenAndOthersAreStillTold() {
    ActorTestKit kit = ActorTestKit.create();
    try {
      ActorRef<Command> live = kit.spawn(SnapshotRegistry.create(Map.of()));
      TestProbe<Snapshot> dying = kit.createTestProbe(Snapshot.class);
      TestProbe<Snapshot> living = kit.createTestProbe(Snapshot.class);
      TestProbe<PublishReply> publisher = kit.createTestProbe(PublishReply.class);
      live.tell(new Follow(Model.POLICY, dying.getRef()));
      live.tell(new Follow(Model.POLICY, living.getRef()));
      dying.stop();
      live.tell(new Publish(snapshot(Model.POLICY, 0), publisher.getRef()));
      assertThat(living.receiveMessage().version()).isZero();
      assertThat(publisher.receiveMessage()).isInstanceOf(PublishReply.Accepted.class);
      living.expectNoMessage(Duration.ZERO);
    } finally {
      kit.shutdownTestKit();
    }
  }

  private static Snapshot snapshot(Model model, long version) {
    return new Snapshot(
        model, version, version - 1, URI.create("file:/w"), 1, "0".repeat(64), List.of());
  }
}

package plaudit.snapshots.actor;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import plaudit.snapshots.Lineage;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.actor.SnapshotProtocol.Applied;
import plaudit.snapshots.actor.SnapshotProtocol.Command;
import plaudit.snapshots.actor.SnapshotProtocol.Follow;
import plaudit.snapshots.actor.SnapshotProtocol.Publish;

/** Sends what a learner publishes to the followers of its model, if {@link Lineage} accepts it. */
public final class SnapshotRegistry extends AbstractBehavior<Command> {

  private record FollowerGone(ActorRef<Snapshot> follower)
      implements Command, NoSerializationVerificationNeeded {}

  /** Is told how long a version took from its publication to a follower that works with it. */
  public interface AppliedListener {
    /** On the registry's thread: must not block. */
    void onApplied(Model model, long version, String by, Duration after);
  }

  private final Lineage lineage;
  private final InstantSource clock;
  private final AppliedListener listener;
  private final Map<Model, Instant> published = new EnumMap<>(Model.class);
  private final Map<Model, Set<ActorRef<Snapshot>>> followers = new EnumMap<>(Model.class);
  private final Set<ActorRef<Snapshot>> watched = new HashSet<>();

  /**
   * A registry that goes on from the newest snapshots before a restart.
   *
   * @param recovered empty for a new run
   */
  public static Behavior<Command> create(Map<Model, Snapshot> recovered) {
    return create(recovered, InstantSource.system(), (model, version, by, after) -> {});
  }

  /** The same with a listener for the versions that followers have applied. */
  public static Behavior<Command> create(
      Map<Model, Snapshot> recovered, InstantSource clock, AppliedListener listener) {
    Lineage lineage = new Lineage(recovered);
    return Behaviors.setup(ctx -> new SnapshotRegistry(ctx, lineage, clock, listener));
  }

  private SnapshotRegistry(
      ActorContext<Command> ctx, Lineage lineage, InstantSource clock, AppliedListener listener) {
    super(ctx);
    this.lineage = lineage;
    this.clock = clock;
    this.listener = listener;
    for (Model model : Model.values()) {
      followers.put(model, new LinkedHashSet<>());
    }
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Publish.class, this::onPublish)
        .onMessage(Follow.class, this::onFollow)
        .onMessage(Applied.class, this::onApplied)
        .onMessage(FollowerGone.class, this::onFollowerGone)
        .build();
  }

  private Behavior<Command> onPublish(Publish publish) {
    Snapshot snapshot = publish.snapshot();
    Optional<Snapshot> before = lineage.newest(snapshot.model());
    PublishReply reply = lineage.publish(snapshot);
    if (reply instanceof PublishReply.Stale stale) {
      getContext()
          .getLog()
          .warn(
              "[{}] version [{}] of parent [{}] refused, newest is [{}]",
              snapshot.model(),
              snapshot.version(),
              snapshot.parent(),
              stale.current());
    } else if (!before.equals(lineage.newest(snapshot.model()))) {
      getContext().getLog().info("[{}] version [{}]", snapshot.model(), snapshot.version());
      published.put(snapshot.model(), clock.instant());
      tell(snapshot);
    }
    publish.replyTo().tell(reply); // last: when the answer comes, followers have been told
    return this;
  }

  /**
   * The last follower is told first. The buffer follows before any sampler does, and grants work
   * when it is told of a version: to samplers that know the version too, and generate with it.
   */
  private void tell(Snapshot snapshot) {
    List<ActorRef<Snapshot>> lastFirst = new ArrayList<>(of(snapshot.model()));
    Collections.reverse(lastFirst);
    lastFirst.forEach(follower -> follower.tell(snapshot));
  }

  private Behavior<Command> onFollow(Follow follow) {
    of(follow.model()).add(follow.follower());
    if (watched.add(follow.follower())) {
      getContext().watchWith(follow.follower(), new FollowerGone(follow.follower()));
    }
    lineage.newest(follow.model()).ifPresent(follow.follower()::tell);
    return this;
  }

  /**
   * Of the newest version only: a follower that applies an older one was told late, or joined
   * since.
   */
  private Behavior<Command> onApplied(Applied applied) {
    Instant since = published.get(applied.model());
    boolean newest =
        lineage.newest(applied.model()).map(s -> s.version() == applied.version()).orElse(false);
    if (since != null && newest) {
      Duration after = Duration.between(since, clock.instant());
      listener.onApplied(applied.model(), applied.version(), applied.by(), after);
    }
    return this;
  }

  private Behavior<Command> onFollowerGone(FollowerGone gone) {
    watched.remove(gone.follower());
    followers.values().forEach(ofModel -> ofModel.remove(gone.follower()));
    return this;
  }

  private Set<ActorRef<Snapshot>> of(Model model) {
    return followers.getOrDefault(model, Set.of());
  }
}

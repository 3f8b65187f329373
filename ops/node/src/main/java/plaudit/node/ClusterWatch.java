package plaudit.node;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent.ClusterDomainEvent;
import org.apache.pekko.cluster.ClusterEvent.MemberEvent;
import org.apache.pekko.cluster.ClusterEvent.MemberRemoved;
import org.apache.pekko.cluster.ClusterEvent.MemberUp;
import org.apache.pekko.cluster.ClusterEvent.ReachableMember;
import org.apache.pekko.cluster.ClusterEvent.UnreachableMember;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;
import plaudit.experience.actor.ExperienceBuffer;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.input.InvalidInputException;
import plaudit.node.config.Role;

/** Actors that watch the cluster's members. */
final class ClusterWatch {

  /** In the cluster's eyes a role of gateways whose labels are in a file of one process. */
  static final String LABELS_IN_A_FILE = "labels-in-a-file";

  /**
   * What the nodes of a cluster must have alike to understand each other's messages. Tests make
   * another program of this one by the system property.
   */
  private static final int PROTOCOL_NUMBER = Integer.getInteger("plaudit.protocol", 2);

  private static final String PROTOCOL_PREFIX = "protocol-";

  /** In the cluster's eyes a role of nodes that speak this program's protocol. */
  static final String PROTOCOL = PROTOCOL_PREFIX + PROTOCOL_NUMBER;

  private ClusterWatch() {}

  /** Tells the buffer of nodes that cannot be reached, before the cluster has given them up. */
  static Behavior<UnreachableMember> forBuffer(ActorRef<ExperienceProtocol.Command> buffer) {
    return Behaviors.setup(
        ctx -> {
          subscribe(ctx, ctx.getSelf(), UnreachableMember.class);
          return Behaviors.receive(UnreachableMember.class)
              .onAnyMessage(
                  event -> {
                    String node = event.member().address().toString();
                    buffer.tell(new ExperienceBuffer.Unreachable(node));
                    return Behaviors.same();
                  })
              .build();
        });
  }

  /**
   * Completes {@code gone} when a learner was here and none is left. A learner that is unreachable
   * is here until the cluster gives it up.
   */
  static Behavior<ClusterDomainEvent> forLearner(CompletableFuture<Void> gone, Runnable found) {
    Set<UniqueAddress> learners = new HashSet<>();
    return Behaviors.setup(
        ctx -> {
          subscribe(ctx, ctx.getSelf(), ClusterDomainEvent.class);
          return Behaviors.receive(ClusterDomainEvent.class)
              .onMessage(
                  MemberUp.class,
                  up -> {
                    if (up.member().hasRole(Role.LEARNER.word())) {
                      learners.add(up.member().uniqueAddress());
                      found.run();
                    }
                    return Behaviors.same();
                  })
              .onMessage(
                  MemberRemoved.class,
                  removed -> {
                    if (learners.remove(removed.member().uniqueAddress()) && learners.isEmpty()) {
                      gone.complete(null);
                    }
                    return Behaviors.same();
                  })
              .onAnyMessage(event -> Behaviors.same())
              .build();
        });
  }

  /**
   * Fails {@code refusal} on the younger of two nodes that cannot both be here: two whose programs
   * speak other protocols, two learners, or two gateways that do not share their labels (a database
   * file has one owner, and labels must not be spread over two stores).
   *
   * @param url of this node's label store, if it has one
   */
  static Behavior<ClusterDomainEvent> forRivals(String url, CompletableFuture<Void> refusal) {
    return Behaviors.setup(
        ctx -> {
          Members members = new Members(Cluster.get(ctx.getSystem()).selfMember().uniqueAddress());
          subscribe(ctx, ctx.getSelf(), ClusterDomainEvent.class);
          return Behaviors.receive(ClusterDomainEvent.class)
              .onAnyMessage(
                  event -> {
                    members.heard(event);
                    members.refusal(url).ifPresent(refusal::completeExceptionally);
                    return Behaviors.same();
                  })
              .build();
        });
  }

  /** Whether the cluster counts this node in and has no rival of it, as {@link #forRivals} says. */
  static boolean accepts(ActorSystem<?> system, String url) {
    Cluster cluster = Cluster.get(system);
    Members members = new Members(cluster.selfMember().uniqueAddress());
    cluster.state().getMembers().forEach(members::is);
    cluster.state().getUnreachable().forEach(it -> members.heard(new UnreachableMember(it)));
    return members.self().isPresent() && members.refusal(url).isEmpty();
  }

  /**
   * Members that are up, as the events so far tell. What the cluster's own view says while an event
   * is handled may be of before that event.
   */
  private static final class Members {

    private final UniqueAddress own;
    private final Map<UniqueAddress, Member> up = new HashMap<>();
    private final Set<UniqueAddress> unreachable = new HashSet<>();

    Members(UniqueAddress own) {
      this.own = own;
    }

    void heard(ClusterDomainEvent event) {
      if (event instanceof MemberEvent changed) {
        is(changed.member());
      } else if (event instanceof UnreachableMember silent) {
        unreachable.add(silent.member().uniqueAddress());
      } else if (event instanceof ReachableMember back) {
        unreachable.remove(back.member().uniqueAddress());
      }
    }

    void is(Member member) {
      if (member.status() == MemberStatus.up()) {
        up.put(member.uniqueAddress(), member);
      } else {
        up.remove(member.uniqueAddress());
        if (member.status() == MemberStatus.removed()) {
          unreachable.remove(member.uniqueAddress());
        }
      }
    }

    Optional<Member> self() {
      return Optional.ofNullable(up.get(own));
    }

    Optional<InvalidInputException> refusal(String url) {
      return self()
          .flatMap(
              self -> rivals(self).flatMap(other -> refuse(self, other, url).stream()).findFirst());
    }

    /**
     * Members that were here before this node and are reachable. An unreachable one is dead, or is
     * judged when it is reachable again: a node that restarts after a kill -9 may still see its
     * previous incarnation as unreachable. The cluster counts no new member as up while it has not
     * decided about a silent one, so a previous incarnation is never seen as alive here.
     */
    private Stream<Member> rivals(Member self) {
      return up.values().stream()
          .filter(other -> !unreachable.contains(other.uniqueAddress()))
          .filter(other -> !other.uniqueAddress().equals(own))
          .filter(other -> !self.isOlderThan(other));
    }
  }

  private static Optional<InvalidInputException> refuse(Member self, Member older, String url) {
    String place = older.address().hostPort();
    if (!older.hasRole(PROTOCOL)) {
      return Optional.of(
          InvalidInputException.of(
              "protocol of this program",
              PROTOCOL_NUMBER,
              "%s, as the node at %s speaks: run the same build everywhere"
                  .formatted(protocol(older), place)));
    }
    if (both(self, older, Role.LEARNER)) {
      return Optional.of(
          InvalidInputException.of(
              "--roles", "learner, beside the learner at " + place, "one learner in a cluster"));
    }
    if (both(self, older, Role.GATEWAY)
        && (self.hasRole(LABELS_IN_A_FILE) || older.hasRole(LABELS_IN_A_FILE))) {
      return Optional.of(
          InvalidInputException.of(
              "plaudit.gateway.store.url",
              url + ", beside the gateway at " + place,
              "the same jdbc:postgresql:// URL at all gateways once there are several"));
    }
    return Optional.empty();
  }

  private static String protocol(Member member) {
    return member.getRoles().stream()
        .filter(role -> role.startsWith(PROTOCOL_PREFIX))
        .map(role -> role.substring(PROTOCOL_PREFIX.length()))
        .findFirst()
        .orElse("1");
  }

  private static boolean both(Member one, Member other, Role role) {
    return one.hasRole(role.word()) && other.hasRole(role.word());
  }

  private static <T extends ClusterDomainEvent> void subscribe(
      ActorContext<T> ctx, ActorRef<T> self, Class<T> events) {
    Cluster.get(ctx.getSystem()).subscriptions().tell(Subscribe.create(self, events));
  }
}

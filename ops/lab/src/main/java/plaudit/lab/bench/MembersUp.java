package plaudit.lab.bench;

import java.util.HashSet;
import java.util.Set;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent.MemberUp;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;

/** Waits until a cluster has so many members. */
final class MembersUp {

  private MembersUp() {}

  static Behavior<MemberUp> await(int members, Runnable then) {
    Set<UniqueAddress> up = new HashSet<>();
    return Behaviors.setup(
        ctx -> {
          Cluster.get(ctx.getSystem())
              .subscriptions()
              .tell(Subscribe.create(ctx.getSelf(), MemberUp.class));
          return Behaviors.receive(MemberUp.class)
              .onAnyMessage(
                  event -> {
                    up.add(event.member().uniqueAddress());
                    if (up.size() < members) {
                      return Behaviors.same();
                    }
                    then.run();
                    return Behaviors.stopped();
                  })
              .build();
        });
  }
}

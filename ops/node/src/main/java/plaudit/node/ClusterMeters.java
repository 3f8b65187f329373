package plaudit.node;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToDoubleFunction;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.ClusterEvent.CurrentClusterState;
import org.apache.pekko.cluster.typed.Cluster;

/** How many nodes this one sees in its cluster. */
final class ClusterMeters {

  private ClusterMeters() {}

  /** Registers the meters, in place of those of an earlier stay in a cluster. */
  static void bind(ActorSystem<?> system, MeterRegistry registry) {
    Cluster cluster = Cluster.get(system);
    gauge(registry, cluster, "members", "Nodes of the cluster", state -> count(state.getMembers()));
    gauge(
        registry,
        cluster,
        "unreachable",
        "Nodes of the cluster that cannot be reached",
        state -> state.getUnreachable().size());
  }

  private static double count(Iterable<?> members) {
    double count = 0;
    for (Object ignored : members) {
      count++;
    }
    return count;
  }

  private static void gauge(
      MeterRegistry registry,
      Cluster cluster,
      String what,
      String description,
      ToDoubleFunction<CurrentClusterState> count) {
    String name = "plaudit.cluster." + what;
    registry.find(name).meters().forEach(registry::remove);
    Gauge.builder(name, cluster, it -> count.applyAsDouble(it.state()))
        .description(description)
        .baseUnit("nodes")
        .strongReference(true)
        .register(registry);
  }
}

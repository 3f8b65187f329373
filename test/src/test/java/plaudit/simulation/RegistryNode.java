package plaudit.simulation;

import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;

/** {@code SnapshotRegistry}: what it has accepted is on the disk, whom it tells is not. */
final class RegistryNode extends SimulatedNode {

  private final RealLineage lineage;
  private final Map<Model, Set<SimulatedNode>> followers = new EnumMap<>(Model.class);

  RegistryNode(World world, RealLineage lineage) {
    super(world, "registry");
    this.lineage = lineage;
    for (Model model : Model.values()) {
      followers.put(model, new LinkedHashSet<>());
    }
  }

  RealLineage lineage() {
    return lineage;
  }

  @Override
  void start() {}

  @Override
  void receive(Object message) {
    if (message instanceof Say.Publish publish) {
      Snapshot snapshot = publish.snapshot();
      Optional<Snapshot> before = lineage.newest(snapshot.model());
      PublishReply reply = lineage.publish(snapshot);
      if (!before.equals(lineage.newest(snapshot.model()))) {
        world().disk().published(snapshot);
        of(snapshot.model()).forEach(follower -> tell(follower, snapshot));
      }
      tell(publish.from(), reply);
    } else if (message instanceof Say.Follow follow) {
      of(follow.model()).add(follow.from());
      lineage.newest(follow.model()).ifPresent(newest -> tell(follow.from(), newest));
    }
  }

  private Set<SimulatedNode> of(Model model) {
    Set<SimulatedNode> of = followers.get(model);
    if (of == null) {
      throw new IllegalStateException("no followers of " + model);
    }
    of.removeIf(follower -> !follower.isAlive());
    return of;
  }
}

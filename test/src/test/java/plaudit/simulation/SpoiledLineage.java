package plaudit.simulation;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;

/** {@link Defect#ACCEPTS_ANY_VERSION}. */
final class SpoiledLineage extends RealLineage {

  private final Map<Model, Snapshot> newest = new EnumMap<>(Model.class);

  SpoiledLineage(Map<Model, Snapshot> recovered) {
    super(recovered);
    newest.putAll(recovered);
  }

  @Override
  PublishReply publish(Snapshot snapshot) {
    newest.put(snapshot.model(), snapshot);
    return new PublishReply.Accepted(snapshot.model(), snapshot.version());
  }

  @Override
  Optional<Snapshot> newest(Model model) {
    return Optional.ofNullable(newest.get(model));
  }
}

package plaudit.simulation;

import java.util.Map;
import java.util.Optional;
import plaudit.snapshots.Lineage;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;

/** The real {@link Lineage}, in a form that a {@link Defect} can spoil. */
class RealLineage {

  private final Lineage lineage;

  RealLineage(Map<Model, Snapshot> recovered) {
    this.lineage = new Lineage(recovered);
  }

  PublishReply publish(Snapshot snapshot) {
    return lineage.publish(snapshot);
  }

  Optional<Snapshot> newest(Model model) {
    return lineage.newest(model);
  }
}

package plaudit.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import plaudit.labels.Choice;
import plaudit.labels.Label;

/** A pool with some {@link Defect}s. */
final class SpoiledPool extends RealPool {

  private final Set<Defect> defects;
  private final List<Label> added = new ArrayList<>();

  SpoiledPool(Set<Defect> defects) {
    this.defects = defects;
  }

  @Override
  void add(Label label) {
    if (!defects.contains(Defect.LOSES_LABELS) || label.sequence() % 7 != 0) {
      added.add(label);
      super.add(label);
    }
  }

  @Override
  int preferences() {
    return countsTwice()
        ? (int) added.stream().filter(l -> l.judgment().choice() instanceof Choice.Best).count()
        : super.preferences();
  }

  @Override
  List<Label> all() {
    return countsTwice() ? added : super.all();
  }

  private boolean countsTwice() {
    return defects.contains(Defect.COUNTS_AMENDED_TWICE);
  }
}

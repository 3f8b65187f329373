package plaudit.simulation;

import java.util.List;
import plaudit.labels.Label;
import plaudit.reward.LabelPool;

/** The real {@link LabelPool}, in a form that a {@link Defect} can spoil. */
class RealPool {

  private final LabelPool pool = new LabelPool();

  void add(Label label) {
    pool.add(label);
  }

  int preferences() {
    return pool.preferences();
  }

  List<Label> all() {
    return pool.all();
  }
}

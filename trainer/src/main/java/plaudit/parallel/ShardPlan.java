package plaudit.parallel;

import java.util.List;
import java.util.Optional;
import plaudit.policy.ComputeShape;

/**
 * Which rows' gradients were computed together, and by what shape of computation, in one optimizer
 * step: with the rows themselves it is all that the rounding of their sum depends on.
 *
 * @param portions in the order of the rows, the learner's own first; none if the step was not
 *     shared
 */
record ShardPlan(List<Portion> portions) {

  /** All rows were computed at once by the learner. */
  static final ShardPlan NONE = new ShardPlan(List.of());

  /**
   * Some rows.
   *
   * @param rows how many
   * @param helper the shape in which a helper computed their gradient, from zero, before it was
   *     added; empty if the learner added the rows to its own gradients
   */
  record Portion(int rows, Optional<ComputeShape> helper) {
    Portion {
      if (rows < 1) {
        throw new IllegalArgumentException("rows: %d (expected: at least one)".formatted(rows));
      }
    }
  }

  ShardPlan {
    portions = List.copyOf(portions);
    if (!portions.isEmpty() && portions.get(0).helper().isPresent()) {
      throw new IllegalArgumentException(
          "the first portion is a helper's (expected: the learner's)");
    }
  }

  /** Whether helpers were asked, even if none delivered. */
  boolean isShared() {
    return !portions.isEmpty();
  }

  /** All rows, 0 if the step was not shared. */
  int rows() {
    return portions.stream().mapToInt(Portion::rows).sum();
  }
}

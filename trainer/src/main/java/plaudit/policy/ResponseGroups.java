package plaudit.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import plaudit.experience.Trajectory;

/** The responses to one prompt, put together. */
final class ResponseGroups {

  private ResponseGroups() {}

  /**
   * The groups of a batch, in the order of their first members.
   *
   * @param size responses to each prompt; with 1 every trajectory stands alone
   */
  static List<List<Trajectory>> of(List<Trajectory> batch, int size) {
    if (size == 1) {
      return batch.stream().map(List::of).toList();
    }
    Map<Long, List<Trajectory>> byPrompt = new LinkedHashMap<>();
    for (Trajectory trajectory : batch) {
      byPrompt
          .computeIfAbsent(trajectory.rollout().promptId(), id -> new ArrayList<>())
          .add(trajectory);
    }
    byPrompt.forEach(
        (id, group) -> {
          if (group.size() != size) {
            throw new IllegalArgumentException(
                "responses to prompt %d: %d (expected: %d)".formatted(id, group.size(), size));
          }
        });
    return List.copyOf(byPrompt.values());
  }
}

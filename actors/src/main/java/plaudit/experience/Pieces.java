package plaudit.experience;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import plaudit.experience.OutstandingWork.Work;

/**
 * Pieces of work by batch id, in the order they came, and how many prompts they have: that is asked
 * for after each message, and with many samplers there are many pieces. Not thread-safe.
 */
final class Pieces {

  private final Map<Long, Work> works = new LinkedHashMap<>();
  private final Map<Purpose, Integer> prompts = new EnumMap<>(Purpose.class);

  void put(long batchId, Work work) {
    remove(batchId);
    works.put(batchId, work);
    prompts.merge(work.purpose(), work.prompts().size(), Integer::sum);
  }

  @Nullable Work get(long batchId) {
    return works.get(batchId);
  }

  @Nullable Work remove(long batchId) {
    Work removed = works.remove(batchId);
    if (removed != null) {
      prompts.merge(removed.purpose(), -removed.prompts().size(), Integer::sum);
    }
    return removed;
  }

  /** How many prompts the pieces of {@code purpose} have. */
  int prompts(Purpose purpose) {
    return prompts.getOrDefault(purpose, 0);
  }

  /** The id of the first piece of {@code purpose}. */
  Optional<Long> first(Purpose purpose) {
    if (prompts(purpose) == 0) {
      return Optional.empty();
    }
    return works.entrySet().stream()
        .filter(entry -> entry.getValue().purpose() == purpose)
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** Looks at each, in the order they came. */
  void forEach(BiConsumer<Long, Work> look) {
    works.forEach(look);
  }

  /** All of them. */
  Map<Long, Work> all() {
    return Collections.unmodifiableMap(works);
  }
}

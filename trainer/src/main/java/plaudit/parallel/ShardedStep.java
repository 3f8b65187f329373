package plaudit.parallel;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import plaudit.parallel.ShardPlan.Portion;
import plaudit.policy.ComputeShape;

/**
 * One optimizer step's shards and what became of them. Every row is computed once: by the helper
 * that has it, if its answer can be used, or else by the learner.
 */
final class ShardedStep {

  private final List<Shard> shards;
  private final SortedMap<Integer, Shard> open = new TreeMap<>();
  private final Map<Integer, ComputeShape> brought = new HashMap<>();
  private final SortedMap<Integer, Shard> lost = new TreeMap<>();

  /** The first of {@code shards} is the learner's own. */
  ShardedStep(List<Shard> shards) {
    this.shards = List.copyOf(shards);
    for (int i = 1; i < shards.size(); i++) {
      open.put(i, shards.get(i));
    }
  }

  /** The learner's own shard. */
  Shard own() {
    return shards.get(0);
  }

  /** What helpers have and have not brought yet, by number, in the order of the rows. */
  SortedMap<Integer, Shard> open() {
    return new TreeMap<>(open);
  }

  /**
   * A helper's gradient is here; answers whether it may be added: once, and if not yet lost.
   *
   * @param manner in which the helper computed it
   */
  boolean brought(int number, ComputeShape manner) {
    if (open.remove(number) == null) {
      return false;
    }
    brought.put(number, manner);
    return true;
  }

  /** The helpers' shards by number, whatever became of them. */
  List<Integer> numbers() {
    return IntStream.range(1, shards.size()).boxed().toList();
  }

  /** A helper will not answer, or not in time: the learner computes the shard. */
  Optional<Shard> lost(int number) {
    Optional<Shard> shard = Optional.ofNullable(open.remove(number));
    shard.ifPresent(it -> lost.put(number, it));
    return shard;
  }

  /** What the learner has to compute besides its own, in the order of the rows. */
  List<Shard> left() {
    requireNoneOpen();
    return List.copyOf(lost.values());
  }

  /** Who brought what. */
  ShardPlan division() {
    requireNoneOpen();
    return new ShardPlan(
        IntStream.range(0, shards.size())
            .mapToObj(i -> new Portion(shards.get(i).rows(), Optional.ofNullable(brought.get(i))))
            .toList());
  }

  private void requireNoneOpen() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("open: %s (expected: none)".formatted(open));
    }
  }
}

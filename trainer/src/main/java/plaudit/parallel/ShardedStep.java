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
 * The shards of one optimizer step and their state: open, delivered or lost. Every row is computed
 * once: by its helper, if the answer can be used, or else by the learner.
 */
final class ShardedStep {

  private final List<Shard> shards;
  private final SortedMap<Integer, Shard> open = new TreeMap<>();
  private final Map<Integer, ComputeShape> delivered = new HashMap<>();
  private final SortedMap<Integer, Shard> lost = new TreeMap<>();

  /**
   * Rows of a minibatch and the worker that computes their gradient.
   *
   * @param worker a helper's name, or {@link Shares#OWN}
   * @param from the first row
   * @param to after the last row
   */
  record Shard(String worker, int from, int to) {
    Shard {
      if (from < 0 || to <= from) {
        throw new IllegalArgumentException(
            "rows %d to %d (expected: at least one)".formatted(from, to));
      }
    }

    int rows() {
      return to - from;
    }
  }

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

  /**
   * The helpers' shards that are neither delivered nor lost, by number, in the order of the rows.
   */
  SortedMap<Integer, Shard> open() {
    return new TreeMap<>(open);
  }

  /**
   * A helper's gradient has arrived; returns whether it may be added: once, and if not yet lost.
   *
   * @param shape of the helper's computation
   */
  boolean deliver(int number, ComputeShape shape) {
    if (open.remove(number) == null) {
      return false;
    }
    delivered.put(number, shape);
    return true;
  }

  /** The helpers' shards by number, in any state. */
  List<Integer> numbers() {
    return IntStream.range(1, shards.size()).boxed().toList();
  }

  /** A helper will not answer, or not in time: the learner computes the shard. */
  Optional<Shard> lose(int number) {
    Optional<Shard> shard = Optional.ofNullable(open.remove(number));
    shard.ifPresent(it -> lost.put(number, it));
    return shard;
  }

  /** The shards that the learner computes besides its own, in the order of the rows. */
  List<Shard> lost() {
    requireNoneOpen();
    return List.copyOf(lost.values());
  }

  /** Which portions were computed how. */
  ShardPlan plan() {
    requireNoneOpen();
    return new ShardPlan(
        IntStream.range(0, shards.size())
            .mapToObj(i -> new Portion(shards.get(i).rows(), Optional.ofNullable(delivered.get(i))))
            .toList());
  }

  private void requireNoneOpen() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("open: %s (expected: none)".formatted(open));
    }
  }
}

package plaudit.parallel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import plaudit.parallel.ShardedStep.Shard;

/**
 * Divides a minibatch among the learner and its helpers: in proportion to the rows per second that
 * each delivered of late, transfers included, so that all are ready at the same time. A new helper
 * counts as fast as the average of the others. A helper that failed or was late is left out for
 * some steps, twice as many each time in a row.
 */
final class Shares {

  /** The learner itself. */
  static final String OWN = "";

  /** How much the newest measurement counts. */
  private static final double NEWEST = 0.5;

  private static final int LONGEST_REST = 64;

  private final Map<String, Double> speeds = new HashMap<>();
  private final Map<String, Integer> failures = new HashMap<>();
  private final Map<String, Integer> rests = new HashMap<>();

  /**
   * Divides {@code rows} rows for one step: the learner's own shard first, then the helpers' in the
   * given order, at least one row each while there are so many.
   *
   * @param helpers those present
   * @return shards that have every row once; none if there are no rows
   */
  List<Shard> divide(int rows, List<String> helpers) {
    if (rows == 0) {
      return List.of();
    }
    List<String> workers = new ArrayList<>(List.of(OWN));
    helpers.stream().filter(this::isRested).limit(rows - 1).forEach(workers::add);
    int[] counts = counts(rows, workers);
    List<Shard> shards = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < counts.length; i++) {
      shards.add(new Shard(workers.get(i), from, from + counts[i]));
      from += counts[i];
    }
    return shards;
  }

  /** A worker delivered the gradient of so many rows after {@code seconds}. */
  void measured(String worker, int rows, double seconds) {
    failures.remove(worker);
    double speed = rows / Math.max(seconds, 1e-6);
    speeds.merge(worker, speed, (before, now) -> before + NEWEST * (now - before));
  }

  /** A helper failed, or came too late. */
  void failed(String helper) {
    int times = failures.merge(helper, 1, Integer::sum);
    rests.put(helper, Math.min(LONGEST_REST, 1 << Math.min(times, 30)));
    speeds.remove(helper);
  }

  private boolean isRested(String helper) {
    int left = rests.getOrDefault(helper, 0);
    if (left > 0) {
      rests.put(helper, left - 1);
    }
    return left == 0;
  }

  /** Whole rows in proportion to speed, at least one each; what is left by largest remainder. */
  private int[] counts(int rows, List<String> workers) {
    OptionalDouble mean =
        workers.stream().filter(speeds::containsKey).mapToDouble(speeds::get).average();
    double[] speed =
        workers.stream()
            .mapToDouble(worker -> speeds.getOrDefault(worker, mean.orElse(1)))
            .toArray();
    double all = DoubleStream.of(speed).sum();
    double[] beyondOne = DoubleStream.of(speed).map(s -> Math.max(0, rows * s / all - 1)).toArray();
    double beyond = DoubleStream.of(beyondOne).sum();
    int spare = rows - workers.size();
    int[] counts = new int[workers.size()];
    double[] remainders = new double[workers.size()];
    int given = 0;
    for (int i = 0; i < counts.length; i++) {
      double ideal = beyond > 0 ? spare * beyondOne[i] / beyond : 0;
      counts[i] = 1 + (int) ideal;
      remainders[i] = ideal - (int) ideal;
      given += counts[i];
    }
    List<Integer> order =
        IntStream.range(0, counts.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> remainders[i]).reversed())
            .toList();
    for (int i = 0; given < rows; i++, given++) {
      counts[order.get(i % counts.length)]++;
    }
    return counts;
  }
}

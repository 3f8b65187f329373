package plaudit.parallel;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.input.InvalidInputException;
import plaudit.model.Safetensors;
import plaudit.parallel.GradientWorkers.Gradient;
import plaudit.parallel.GradientWorkers.Work;
import plaudit.parallel.ShardedStep.Shard;
import plaudit.policy.GradientAccumulator;
import plaudit.policy.MinibatchTargets;
import plaudit.policy.UpdateStats;
import plaudit.snapshots.FileRef;
import plaudit.snapshots.TransferFiles;

/**
 * Gradients of a minibatch that is sharded over the learner and its helpers. The helpers present
 * get their rows with the weights of the step, as files that they fetch, and their gradients come
 * back as files, which are added to the learner's own in the order of the rows. The sum is the
 * gradient of the whole minibatch, but for rounding. The learner computes what a helper does not
 * deliver. Without helpers the learner computes as if alone.
 *
 * <p>Memory: nothing is held twice. Weights and gradients are written, moved and added tensor by
 * tensor; on the disk there are the weights once and one gradient per helper.
 */
public final class DataParallel {

  private static final Logger LOG = LoggerFactory.getLogger(DataParallel.class);

  /** Fetches gradients while the compute thread computes; idle threads end by themselves. */
  private static final Executor TRANSFERS =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "gradient-transfer");
            thread.setDaemon(true);
            return thread;
          });

  private final GradientAccumulator own;
  private final GradientWorkers workers;
  private final Supplier<TransferFiles> files;
  private final Settings settings;
  private final LongSupplier nanos;
  private final Shares shares = new Shares();
  private long step;

  /**
   * How a learner works with helpers: {@code plaudit.learner.helpers}.
   *
   * @param patience how long it waits for a helper when its own shard is computed
   */
  public record Settings(Duration patience) {

    private static final String PATIENCE = "plaudit.learner.helpers.patience";

    /** Checks the numbers. */
    public Settings {
      if (patience.isNegative()) {
        throw InvalidInputException.of(PATIENCE, patience, ">= 0s");
      }
    }

    /** Reads the whole configuration. */
    public static Settings from(Config config) {
      return new Settings(config.getDuration(PATIENCE));
    }
  }

  /**
   * A way to compute gradients.
   *
   * @param own computes the learner's shard
   * @param files served to helpers; asked for when there is a helper
   * @param nanos a clock
   */
  public DataParallel(
      GradientAccumulator own,
      GradientWorkers workers,
      Supplier<TransferFiles> files,
      Settings settings,
      LongSupplier nanos) {
    this.own = own;
    this.workers = workers;
    this.files = files;
    this.settings = settings;
    this.nanos = nanos;
  }

  /**
   * Adds the gradient of one minibatch, as {@link plaudit.policy.Gradients#add}.
   *
   * @return which rows were computed together
   */
  ShardPlan add(MinibatchTargets minibatch, double beta, UpdateStats stats, long unchanged) {
    List<String> helpers = workers.present();
    List<Shard> shards = helpers.isEmpty() ? List.of() : shares.divide(minibatch.rows(), helpers);
    if (shards.size() < 2) {
      own.add(minibatch, beta, stats, unchanged);
      return ShardPlan.NONE;
    }
    step++;
    ShardedStep sharded = new ShardedStep(shards);
    new Exchange(minibatch, beta, stats, unchanged, sharded, files.get()).add();
    return sharded.plan();
  }

  /** A helper's answer with the file that it announced. */
  private record Delivery(Gradient gradient, Path file, double seconds) {}

  /** A question to a helper. */
  private record Request(
      int number,
      Shard shard,
      CompletableFuture<Gradient> answer,
      CompletableFuture<Delivery> delivery) {}

  /** The exchange with the helpers in one step. */
  private final class Exchange {

    private final MinibatchTargets minibatch;
    private final double beta;
    private final UpdateStats stats;
    private final long unchanged;
    private final ShardedStep sharded;
    private final TransferFiles files;
    private final List<Request> requests = new ArrayList<>();

    Exchange(
        MinibatchTargets minibatch,
        double beta,
        UpdateStats stats,
        long unchanged,
        ShardedStep sharded,
        TransferFiles files) {
      this.minibatch = minibatch;
      this.beta = beta;
      this.stats = stats;
      this.unchanged = unchanged;
      this.sharded = sharded;
      this.files = files;
    }

    void add() {
      long start = nanos.getAsLong();
      int helpers = sharded.open().size();
      try {
        request();
        long requested = nanos.getAsLong();
        compute(sharded.own());
        long computed = nanos.getAsLong();
        shares.measured(Shares.OWN, sharded.own().rows(), seconds(start, computed));
        int delivered = collect(computed + settings.patience().toNanos());
        long collected = nanos.getAsLong();
        sharded.lost().forEach(this::compute);
        stats.mean("learner/helpers", helpers, 1);
        stats.sum("learner/rows_by_helpers", delivered);
        stats.sum(
            "learner/exchange_seconds", seconds(start, requested) + seconds(computed, collected));
      } finally {
        files.delete(name("weights"));
        sharded.numbers().forEach(number -> files.delete(name("targets", number)));
      }
    }

    private void request() {
      FileRef weights =
          files.write(name("weights"), out -> GradientCodec.writeWeights(own.nets(), out));
      sharded
          .open()
          .forEach(
              (number, shard) -> {
                MinibatchTargets part = minibatch.part(shard.from(), shard.to());
                FileRef targets =
                    files.write(
                        name("targets", number), out -> GradientCodec.writeTargets(part, out));
                Work work =
                    new Work(weights, targets, minibatch.weight(), beta, unchanged, own.terms());
                long asked = nanos.getAsLong();
                String as = name("gradient", number);
                CompletableFuture<Gradient> answer = workers.ask(shard.worker(), work);
                CompletableFuture<Delivery> delivery =
                    answer.thenApplyAsync(
                        gradient ->
                            new Delivery(
                                gradient,
                                files.fetch(gradient.file(), as),
                                seconds(asked, nanos.getAsLong())),
                        TRANSFERS);
                requests.add(new Request(number, shard, answer, delivery));
              });
    }

    /** Adds what arrives before {@code deadline}; returns how many rows helpers delivered. */
    private int collect(long deadline) {
      int rows = 0;
      for (Request request : requests) {
        int number = request.number();
        Shard shard = request.shard();
        try {
          long left = Math.max(0, deadline - nanos.getAsLong());
          Delivery here = request.delivery().get(left, TimeUnit.NANOSECONDS);
          Safetensors gradient = GradientCodec.open(here.file(), own.nets());
          if (sharded.deliver(number, here.gradient().shape())) {
            GradientCodec.addGradients(gradient, own.nets());
            stats.add(here.gradient().stats());
            shares.measured(shard.worker(), shard.rows(), here.seconds());
            rows += shard.rows();
          }
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
          lose(number, e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          lose(number, e);
        } finally {
          request.answer().cancel(false); // a late answer is not awaited any more
          String as = name("gradient", number);
          // Also a file that is fetched just now.
          var unused = request.delivery().whenComplete((done, failure) -> files.delete(as));
        }
      }
      return rows;
    }

    /**
     * The learner will compute the shard.
     *
     * @throws IllegalStateException if the gradient arrived and adding it failed half-way
     */
    private void lose(int number, Exception because) {
      Shard shard =
          sharded
              .lose(number)
              .orElseThrow(
                  () -> new IllegalStateException("a gradient was added in part", because));
      shares.failed(shard.worker());
      LOG.warn(
          "Helper [{}] delivers no gradient, its [{}] rows are computed here: [{}]",
          shard.worker(),
          shard.rows(),
          because instanceof TimeoutException
              ? "nothing within " + settings.patience()
              : String.valueOf(because.getCause() == null ? because : because.getCause()));
    }

    private void compute(Shard shard) {
      own.addPart(
          minibatch.part(shard.from(), shard.to()), minibatch.weight(), beta, stats, unchanged);
    }

    private String name(String what) {
      return what + "-" + step;
    }

    private String name(String what, int number) {
      return what + "-" + step + "-" + number;
    }
  }

  private static double seconds(long from, long to) {
    return (to - from) / 1e9;
  }
}

package plaudit.parallel;

import java.nio.file.Path;
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
import plaudit.model.Safetensors;
import plaudit.parallel.actor.HelperProtocol.Gradient;
import plaudit.parallel.actor.Helpers;
import plaudit.policy.GradientAccumulator;
import plaudit.policy.MinibatchTargets;
import plaudit.policy.UpdateStats;
import plaudit.snapshots.FileRef;
import plaudit.snapshots.TransferFiles;

/**
 * Gradients with the help of others. Of each minibatch the learner computes a share itself; the
 * helpers that are there get the rest with the weights of the step, as files that they fetch, and
 * their gradients come back as files, which are added to the learner's own in the order of the
 * rows. It is the gradient of the whole minibatch, but for rounding. What a helper does not bring,
 * the learner computes. Without helpers nothing is different from a learner alone.
 *
 * <p>Memory: nothing is held twice. Weights and gradients are written, moved and added tensor by
 * tensor; on the disk there are the weights once and a gradient a helper.
 */
public final class DataParallel implements StepGradients {

  private static final Logger LOG = LoggerFactory.getLogger(DataParallel.class);

  /** Brings gradients while the compute thread computes; idle threads end by themselves. */
  private static final Executor TRANSFERS =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "gradient-transfer");
            thread.setDaemon(true);
            return thread;
          });

  private final GradientAccumulator own;
  private final GradientWorkers team;
  private final Supplier<TransferFiles> parcels;
  private final HelperSettings settings;
  private final LongSupplier nanos;
  private final Shares shares = new Shares();
  private long step;

  /**
   * A way to compute gradients.
   *
   * @param own computes the learner's share
   * @param parcels helpers fetch from there; asked for when there is a helper
   * @param nanos a clock
   */
  public DataParallel(
      GradientAccumulator own,
      Helpers team,
      Supplier<TransferFiles> parcels,
      HelperSettings settings,
      LongSupplier nanos) {
    this(own, (GradientWorkers) team, parcels, settings, nanos);
  }

  DataParallel(
      GradientAccumulator own,
      GradientWorkers team,
      Supplier<TransferFiles> parcels,
      HelperSettings settings,
      LongSupplier nanos) {
    this.own = own;
    this.team = team;
    this.parcels = parcels;
    this.settings = settings;
    this.nanos = nanos;
  }

  @Override
  public ShardPlan add(MinibatchTargets minibatch, double beta, UpdateStats stats, long untouched) {
    List<String> helpers = team.present();
    List<Shard> shards = helpers.isEmpty() ? List.of() : shares.divide(minibatch.rows(), helpers);
    if (shards.size() < 2) {
      own.add(minibatch, beta, stats, untouched);
      return ShardPlan.NONE;
    }
    step++;
    ShardedStep round = new ShardedStep(shards);
    new Sharing(minibatch, beta, stats, untouched, round, parcels.get()).add();
    return round.division();
  }

  /** A helper's answer with the file that it announced. */
  private record Delivery(Gradient gradient, Path file, double seconds) {}

  /** What a helper was sent for. */
  private record Errand(int number, Shard shard, CompletableFuture<Delivery> delivery) {}

  /** One step that is shared. */
  private final class Sharing {

    private final MinibatchTargets minibatch;
    private final double beta;
    private final UpdateStats stats;
    private final long untouched;
    private final ShardedStep round;
    private final TransferFiles files;
    private final List<Errand> errands = new ArrayList<>();

    Sharing(
        MinibatchTargets minibatch,
        double beta,
        UpdateStats stats,
        long untouched,
        ShardedStep round,
        TransferFiles files) {
      this.minibatch = minibatch;
      this.beta = beta;
      this.stats = stats;
      this.untouched = untouched;
      this.round = round;
      this.files = files;
    }

    void add() {
      long start = nanos.getAsLong();
      int helpers = round.open().size();
      try {
        handOut();
        long handedOut = nanos.getAsLong();
        compute(round.own());
        long computed = nanos.getAsLong();
        shares.brought(Shares.OWN, round.own().rows(), seconds(start, computed));
        int brought = collect(computed + settings.patience().toNanos());
        long collected = nanos.getAsLong();
        round.left().forEach(this::compute);
        stats.mean("learner/helpers", helpers, 1);
        stats.sum("learner/rows_by_helpers", brought);
        stats.sum(
            "learner/exchange_seconds", seconds(start, handedOut) + seconds(computed, collected));
      } finally {
        files.delete(name("weights"));
        round.numbers().forEach(number -> files.delete(name("lesson", number)));
      }
    }

    private void handOut() {
      FileRef weights = files.write(name("weights"), out -> NetFiles.writeWeights(own.nets(), out));
      round
          .open()
          .forEach(
              (number, shard) -> {
                MinibatchTargets part = minibatch.part(shard.from(), shard.to());
                FileRef lesson =
                    files.write(
                        name("lesson", number), out -> MinibatchTargetsCodec.write(part, out));
                Work work =
                    new Work(weights, lesson, minibatch.weight(), beta, untouched, own.terms());
                long asked = nanos.getAsLong();
                String as = name("gradient", number);
                CompletableFuture<Delivery> delivery =
                    team.ask(shard.who(), work)
                        .thenApplyAsync(
                            gradient ->
                                new Delivery(
                                    gradient,
                                    files.fetch(gradient.gradient(), as),
                                    seconds(asked, nanos.getAsLong())),
                            TRANSFERS);
                errands.add(new Errand(number, shard, delivery));
              });
    }

    /** Adds what comes before {@code deadline}; answers how many rows helpers brought. */
    private int collect(long deadline) {
      int rows = 0;
      for (Errand errand : errands) {
        int number = errand.number();
        Shard shard = errand.shard();
        try {
          long left = Math.max(0, deadline - nanos.getAsLong());
          Delivery here = errand.delivery().get(left, TimeUnit.NANOSECONDS);
          Safetensors gradient = NetFiles.open(here.file(), own.nets());
          if (round.brought(number, here.gradient().manner())) {
            NetFiles.addGradients(gradient, own.nets());
            stats.add(here.gradient().stats());
            shares.brought(shard.who(), shard.rows(), here.seconds());
            rows += shard.rows();
          }
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
          lost(number, e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          lost(number, e);
        } finally {
          String as = name("gradient", number);
          // Also what comes too late.
          var unused = errand.delivery().whenComplete((done, failure) -> files.delete(as));
        }
      }
      return rows;
    }

    /**
     * The learner will compute the shard.
     *
     * @throws IllegalStateException if the gradient came and adding it failed half-way
     */
    private void lost(int number, Exception because) {
      Shard shard =
          round
              .lost(number)
              .orElseThrow(
                  () -> new IllegalStateException("a gradient was added in part", because));
      shares.failed(shard.who());
      LOG.warn(
          "Helper [{}] brings no gradient, its [{}] rows are computed here: [{}]",
          shard.who(),
          shard.rows(),
          because instanceof TimeoutException
              ? "nothing within " + settings.patience()
              : String.valueOf(because.getCause() == null ? because : because.getCause()));
    }

    private void compute(Shard shard) {
      own.addPart(
          minibatch.part(shard.from(), shard.to()), minibatch.weight(), beta, stats, untouched);
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

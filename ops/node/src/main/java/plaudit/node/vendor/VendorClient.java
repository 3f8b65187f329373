package plaudit.node.vendor;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A simulated vendor. Each of its labelers takes a task on lease over HTTP, thinks, judges and
 * sends the judgment, one after the other, each on a thread of its own.
 *
 * <p>What a labeler chooses depends on the seed, the labeler and the task's texts only, not on
 * which thread was faster: a repeated run with the same tasks gives the same judgments wherever the
 * same labeler gets the same task.
 */
public final class VendorClient implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(VendorClient.class);

  private final VendorSettings settings;
  private final Judge<String> judge;
  private final GatewayClient gateway;
  private final StopSignal stopping = new StopSignal();
  private final CountDownLatch ended;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final AtomicBoolean refusalSeen = new AtomicBoolean();

  private final AtomicLong toDeliver;
  private final AtomicLong delivered = new AtomicLong();
  private final AtomicLong ties = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong retries = new AtomicLong();

  private VendorClient(VendorSettings settings, Judge<String> judge) {
    this.settings = settings;
    this.judge = judge;
    this.gateway = new GatewayClient(settings, stopping, retries::incrementAndGet);
    this.ended = new CountDownLatch(settings.labelers());
    this.toDeliver = new AtomicLong(settings.count());
  }

  /** Starts the labelers. */
  public static VendorClient start(VendorSettings settings, Judge<String> judge) {
    VendorClient vendor = new VendorClient(settings, judge);
    for (int i = 1; i <= settings.labelers(); i++) {
      String labelerId = String.format(Locale.ROOT, "sim-%03d", i);
      Thread thread = new Thread(() -> vendor.work(labelerId), "labeler-" + labelerId);
      thread.setDaemon(true);
      vendor.threads.add(thread);
    }
    vendor.threads.forEach(Thread::start);
    return vendor;
  }

  /** What has been done so far. */
  public VendorReport report() {
    return new VendorReport(delivered.get(), ties.get(), refused.get(), retries.get());
  }

  /** Waits until all labelers have stopped; {@code false} if the time is over first. */
  public boolean awaitEnd(long time, TimeUnit unit) throws InterruptedException {
    return ended.await(time, unit);
  }

  /** Throws what made the vendor stop before it was asked to, if anything did. */
  public void throwFailure() {
    Throwable cause = failure.get();
    if (cause instanceof VendorException known) {
      throw known;
    }
    if (cause != null) {
      throw new VendorException("a labeler broke down: " + cause, cause);
    }
  }

  /**
   * Asks all labelers to stop: a task without a judgment is handed back, a judgment is still sent.
   */
  public void stop() {
    stopping.give();
  }

  /** Asks all labelers to stop and waits a few seconds for it. */
  @Override
  public void close() {
    stop();
    try {
      if (!ended.await(10, TimeUnit.SECONDS)) {
        threads.forEach(Thread::interrupt);
      }
    } catch (InterruptedException e) {
      threads.forEach(Thread::interrupt);
      Thread.currentThread().interrupt();
    }
  }

  private void work(String labelerId) {
    SplittableRandom random = new SplittableRandom(seedOf(labelerId));
    try {
      while (!stopping.isGiven() && takePermit()) {
        if (!workOnce(labelerId, random)) {
          toDeliver.incrementAndGet();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
      stopping.give();
    } finally {
      ended.countDown();
    }
  }

  private boolean takePermit() {
    return toDeliver.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
  }

  /** One task; whether a judgment was delivered. */
  private boolean workOnce(String labelerId, RandomGenerator random) throws InterruptedException {
    Optional<LeasedTask> leased = gateway.lease(labelerId, random);
    if (leased.isEmpty()) {
      return false;
    }
    LeasedTask task = leased.get();
    if (stopping.await(thinking(random))) {
      gateway.release(task);
      return false;
    }
    int best = verdict(task, labelerId);
    // Named after the judgment, so that every try to send it has the same key.
    String key = uuid(labelerId + '/' + task.comparisonId() + '/' + task.leaseId());
    GatewayClient.Receipt receipt = gateway.judge(task, labelerId, best, key, random);
    if (receipt instanceof GatewayClient.Receipt.Delivered) {
      if (best == Judge.TIE) {
        ties.incrementAndGet();
      }
      delivered.incrementAndGet();
      return true;
    }
    if (receipt instanceof GatewayClient.Receipt.Refused no) {
      refused.incrementAndGet();
      if (refusalSeen.compareAndSet(false, true)) {
        LOG.warn(
            "the gateway refused a judgment of [{}] on [{}]: [{}] [{}]; more are only counted",
            labelerId,
            task.comparisonId(),
            no.status(),
            no.reason());
      }
    }
    return false;
  }

  /** Half to one and a half times the mean. */
  private Duration thinking(RandomGenerator random) {
    return Duration.ofNanos(Math.round(settings.latency().toNanos() * (0.5 + random.nextDouble())));
  }

  private int verdict(LeasedTask task, String labelerId) {
    // By the task's texts in any order: its names are others in every store.
    List<String> texts = task.choiceTexts().stream().sorted().toList();
    SplittableRandom mood =
        new SplittableRandom(seedOf(labelerId + '/' + task.query() + '/' + texts));
    int best = judge.judge(task.query(), task.choiceTexts(), mood);
    int choices = task.choiceIds().size();
    if (best < Judge.TIE || best >= choices) {
      throw new IllegalStateException(
          "verdict: %d (expected: %d to %d)".formatted(best, Judge.TIE, choices - 1));
    }
    return best == Judge.TIE && !task.allowsTie() ? mood.nextInt(choices) : best;
  }

  private long seedOf(String name) {
    return UUID.fromString(uuid(settings.seed() + "/" + name)).getMostSignificantBits();
  }

  private static String uuid(String name) {
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
  }
}

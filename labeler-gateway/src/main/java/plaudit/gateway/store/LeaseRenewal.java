package plaudit.gateway.store;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lease that this process has in another system, renewed until it is closed or lost.
 *
 * <p>The fence: a holder counts its time from before it asked, on a clock that goes on while the
 * process stands still, and less of it than others do. So it knows that it has lost the lease
 * before another process can take it, also when it was stopped meanwhile or cannot reach the other
 * system.
 */
public final class LeaseRenewal implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LeaseRenewal.class);

  /** Tries to renew within the lease's time. */
  public static final int RENEWALS = 6;

  /** The share of the time that the holder counts on. */
  private static final double SURE = 0.9;

  /** The entry in the other system; one call at a time. */
  public interface Entry {
    /** Makes it last for its time from now on; false if another process has it now. */
    boolean renew() throws IOException, SQLException, InterruptedException;

    /** Lets others take it at once, if it is still this process's. */
    void release() throws IOException, SQLException, InterruptedException;
  }

  private final String run;
  private final Entry entry;
  private final Duration time;
  private final ScheduledExecutorService renewing =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "plaudit-run-lease");
            thread.setDaemon(true);
            return thread;
          });
  private volatile long since;
  private volatile boolean taken;

  /**
   * A lease that was just taken.
   *
   * @param run whose lease it is, for the log
   * @param since {@link System#nanoTime} before it was asked for
   */
  public LeaseRenewal(String run, Entry entry, Duration time, long since) {
    this.run = run;
    this.entry = entry;
    this.time = time;
    this.since = since;
    long pause = time.toMillis() / RENEWALS;
    ScheduledFuture<?> ignored =
        renewing.scheduleWithFixedDelay(this::renew, pause, pause, TimeUnit.MILLISECONDS);
  }

  /** Whether this process still has it. */
  public boolean isHeld() {
    return !taken && System.nanoTime() - since < SURE * time.toNanos();
  }

  private void renew() {
    if (!isHeld()) {
      return; // what is lost stays lost: another process may wait for it
    }
    long before = System.nanoTime();
    try {
      boolean mine = entry.renew();
      if (mine && isHeld()) {
        since = before;
      } else if (!mine) {
        taken = true;
        log.error("The lease of run [{}] was taken by another process", run);
      }
    } catch (IOException | SQLException e) {
      log.warn("The lease of run [{}] is not renewed: [{}]", run, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets others take it at once. */
  @Override
  public void close() {
    renewing.shutdownNow();
    try {
      if (isHeld()) {
        entry.release();
      }
    } catch (IOException | SQLException e) {
      log.warn("The lease of run [{}] runs out by itself: [{}]", run, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

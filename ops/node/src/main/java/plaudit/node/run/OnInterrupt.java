package plaudit.node.run;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What long work does at Ctrl-C or when the system shuts down: it is asked to stop, and the process
 * stays until the work says that it is {@link #over}, so that a checkpoint can be written and a
 * summary printed.
 */
public final class OnInterrupt {

  private static final Logger LOG = LoggerFactory.getLogger(OnInterrupt.class);

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;

  private OnInterrupt(Runnable stop, long graceSeconds) {
    hook =
        new Thread(
            () -> {
              stop.run();
              try {
                if (!ended.await(graceSeconds, TimeUnit.SECONDS)) {
                  LOG.warn("ended before the work could stop by itself");
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "on-interrupt");
  }

  /**
   * From now on an interrupt calls {@code stop}, which must not block for long, and then waits.
   *
   * @param graceSeconds how long the process waits for {@link #over}
   */
  public static OnInterrupt call(Runnable stop, long graceSeconds) {
    OnInterrupt onInterrupt = new OnInterrupt(stop, graceSeconds);
    Runtime.getRuntime().addShutdownHook(onInterrupt.hook);
    return onInterrupt;
  }

  /** The work is over: an interrupt is an ordinary one again, and one that waits goes on. */
  public void over() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already: that is what the hook was for.
    }
  }
}

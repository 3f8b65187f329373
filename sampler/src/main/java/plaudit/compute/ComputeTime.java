package plaudit.compute;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * The time that computing takes, of which the difference of two values is to be used: the calling
 * thread's time on a processor where it computes alone, so that what else the machine does counts
 * little; else the time that passes.
 */
public final class ComputeTime {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private ComputeTime() {}

  /**
   * Nanoseconds.
   *
   * @param threads of one operation
   */
  public static long nanos(int threads) {
    return threads == 1 && THREADS.isCurrentThreadCpuTimeSupported()
        ? THREADS.getCurrentThreadCpuTime()
        : System.nanoTime();
  }
}

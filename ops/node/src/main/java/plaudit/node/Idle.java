package plaudit.node;

import com.typesafe.config.Config;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import plaudit.node.run.OnInterrupt;
import plaudit.node.telemetry.Telemetry;

/**
 * A learner's node whose run has ended, under a supervisor that starts again whatever ends: it
 * answers that it lives but is not ready, and waits to be stopped.
 */
public final class Idle {

  private static final int GRACE_SECONDS = 5;

  private Idle() {}

  /**
   * Waits for Ctrl-C or SIGTERM.
   *
   * @param why there is nothing to do, in words
   */
  public static void untilStopped(Config config, String why, PrintWriter out) {
    CompletableFuture<Void> stop = new CompletableFuture<>();
    OnInterrupt interrupt;
    try {
      interrupt = OnInterrupt.call(() -> stop.complete(null), GRACE_SECONDS);
    } catch (IllegalStateException e) {
      return; // It was an interrupt that ended the run.
    }
    try (Telemetry telemetry = Telemetry.start(config)) {
      telemetry.ready(() -> List.of(why));
      out.println("Waiting to be stopped: " + why);
      out.flush();
      stop.join();
    } finally {
      interrupt.over();
    }
  }
}

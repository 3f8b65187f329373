package plaudit.node;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import plaudit.node.RunStatusActor.ScorerReport;
import plaudit.rewards.SourceMonitor;
import plaudit.rewards.SourceMonitor.Trouble;

/** Tells the run, wherever it is, what this node's sources of rewards give, and their trouble. */
final class SourceReporter {

  private static final Duration EVERY = Duration.ofMillis(500);

  private SourceReporter() {}

  /** Time to look. */
  enum Look implements NoSerializationVerificationNeeded {
    INSTANCE
  }

  static Behavior<Look> create(
      String node, SourceMonitor monitor, ActorRef<RunStatusActor.Command> run) {
    return Behaviors.withTimers(
        timers -> {
          timers.startTimerWithFixedDelay(Look.INSTANCE, EVERY);
          return Behaviors.receive(Look.class)
              .onMessageEquals(
                  Look.INSTANCE,
                  () -> {
                    List<SourceMonitor.Total> totals = monitor.take();
                    Optional<Trouble> trouble = monitor.trouble();
                    if (!totals.isEmpty() || trouble.isPresent()) {
                      run.tell(
                          new ScorerReport(
                              node,
                              totals,
                              trouble.map(Trouble::words).orElse(""),
                              trouble.map(Trouble::lasts).orElse(Duration.ZERO)));
                    }
                    return Behaviors.same();
                  })
              .build();
        });
  }
}

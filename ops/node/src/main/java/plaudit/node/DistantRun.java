package plaudit.node;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Routers;
import org.apache.pekko.japi.function.Function;
import plaudit.gateway.RunView;

/** The run as a gateway without the learner sees it: asked of the learner's node each time. */
final class DistantRun implements RunView {

  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final String ABSENT = "{\"phase\":\"waiting for the learner\"}";

  private final ActorSystem<?> system;
  private final ActorRef<RunDesk.Command> desk;

  DistantRun(ActorSystem<?> system) {
    this.system = system;
    this.desk = system.systemActorOf(Routers.group(RunDesk.KEY), "to-run", Props.empty());
  }

  @Override
  public String statusJson() {
    return ask(RunDesk.GetStatus::new, new RunDesk.Status(ABSENT)).json();
  }

  @Override
  public List<String> metricsSince(int line) {
    return this.<RunDesk.Lines>ask(
            ref -> new RunDesk.GetMetrics(line, ref), new RunDesk.Lines(List.of()))
        .lines();
  }

  @Override
  public List<String> samples() {
    return ask(RunDesk.GetSamples::new, new RunDesk.Samples(List.of())).samples();
  }

  private <T> T ask(Function<ActorRef<T>, RunDesk.Command> question, T otherwise) {
    try {
      return AskPattern.ask(desk, question, PATIENCE, system.scheduler())
          .toCompletableFuture()
          .join();
    } catch (CompletionException e) {
      return otherwise; // no learner, or it does not answer in time
    }
  }
}

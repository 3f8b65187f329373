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
import plaudit.gateway.http.RunView;

/** The run as a gateway without the learner sees it: asked of the learner's node each time. */
final class DistantRun implements RunView {

  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final String ABSENT = "{\"phase\":\"waiting for the learner\"}";

  private final ActorSystem<?> system;
  private final ActorRef<RunStatusActor.Command> status;

  DistantRun(ActorSystem<?> system) {
    this.system = system;
    this.status = system.systemActorOf(Routers.group(RunStatusActor.KEY), "to-run", Props.empty());
  }

  @Override
  public String statusJson() {
    return ask(RunStatusActor.GetStatus::new, new RunStatusActor.Status(ABSENT)).json();
  }

  @Override
  public List<String> metricsSince(int line) {
    return this.<RunStatusActor.Lines>ask(
            ref -> new RunStatusActor.GetMetrics(line, ref), new RunStatusActor.Lines(List.of()))
        .lines();
  }

  @Override
  public List<String> samples() {
    return ask(RunStatusActor.GetSamples::new, new RunStatusActor.Samples(List.of())).samples();
  }

  private <T> T ask(Function<ActorRef<T>, RunStatusActor.Command> question, T otherwise) {
    try {
      return AskPattern.ask(status, question, PATIENCE, system.scheduler())
          .toCompletableFuture()
          .join();
    } catch (CompletionException e) {
      return otherwise; // no learner, or it does not answer in time
    }
  }
}

package plaudit.node;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.japi.function.Function;
import plaudit.chat.TurnReader;
import plaudit.gateway.http.RunView;

/** The run as a gateway without the learner sees it: asked of the learner's node each time. */
final class DistantRun implements RunView {

  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final String ABSENT = "{\"phase\":\"waiting for the learner\"}";

  private final ActorSystem<?> system;
  private final ActorRef<RunStatusActor.Command> status;
  private final Optional<TurnReader> turns;

  /**
   * A view of the run.
   *
   * @param turns what reads conversations, if this node has the model
   */
  DistantRun(
      ActorSystem<?> system, ActorRef<RunStatusActor.Command> status, Optional<TurnReader> turns) {
    this.turns = turns;
    this.system = system;
    this.status = status;
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

  @Override
  public List<Turn> turns(String query) {
    return turns(turns, query);
  }

  /** The turns of a query that is a conversation. */
  static List<Turn> turns(Optional<TurnReader> reader, String query) {
    return reader
        .flatMap(it -> it.turns(query))
        .map(it -> it.turns().stream().map(t -> new Turn(t.role(), t.content())).toList())
        .orElse(List.of());
  }

  private <T> T ask(Function<ActorRef<T>, RunStatusActor.Command> question, T otherwise) {
    try {
      return AskPattern.ask(status, question, PATIENCE, system.scheduler())
          .toCompletableFuture()
          // A system that ends meanwhile never tells that the time is over.
          .orTimeout(2 * PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
          .join();
    } catch (CompletionException e) {
      return otherwise; // no learner, or it does not answer in time
    }
  }
}

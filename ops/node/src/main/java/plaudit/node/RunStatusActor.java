package plaudit.node;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import plaudit.gateway.http.RunView;
import plaudit.wire.WireMessage;

/**
 * Tells gateways on other nodes what the console may know of the run. Answers fit into one message
 * of the cluster: more lines are asked for from where they end.
 */
final class RunStatusActor {

  /** Under which it is found in the cluster. */
  static final ServiceKey<Command> KEY = ServiceKey.create(Command.class, "run");

  /** The cluster carries 256 KiB in one message. */
  private static final int BYTES_AT_MOST = 128 << 10;

  private RunStatusActor() {}

  /** What it understands. */
  interface Command {}

  /** Asks for {@link RunView#statusJson}. */
  record GetStatus(ActorRef<Status> replyTo) implements Command, WireMessage {}

  /** The answer. */
  record Status(String json) implements WireMessage {}

  /** Asks for {@link RunView#metricsSince}. */
  record GetMetrics(int since, ActorRef<Lines> replyTo) implements Command, WireMessage {}

  /** The answer: the first of the lines. */
  record Lines(List<String> lines) implements WireMessage {
    Lines {
      lines = List.copyOf(lines);
    }
  }

  /** Asks for {@link RunView#samples}. */
  record GetSamples(ActorRef<Samples> replyTo) implements Command, WireMessage {}

  /** The answer, newest first. */
  record Samples(List<String> samples) implements WireMessage {
    Samples {
      samples = List.copyOf(samples);
    }
  }

  /** One that reads {@code run}, a file at times: it needs a thread that may block. */
  static Behavior<Command> create(RunView run) {
    return Behaviors.receive(Command.class)
        .onMessage(
            GetStatus.class,
            get -> {
              get.replyTo().tell(new Status(run.statusJson()));
              return Behaviors.same();
            })
        .onMessage(
            GetMetrics.class,
            get -> {
              get.replyTo().tell(new Lines(first(run.metricsSince(get.since()))));
              return Behaviors.same();
            })
        .onMessage(
            GetSamples.class,
            get -> {
              get.replyTo().tell(new Samples(first(run.samples())));
              return Behaviors.same();
            })
        .build();
  }

  /** As many of the first lines as one message carries. */
  static List<String> first(List<String> lines) {
    List<String> some = new ArrayList<>();
    int bytes = 0;
    for (String line : lines) {
      bytes += line.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > BYTES_AT_MOST) {
        break;
      }
      some.add(line);
    }
    return some;
  }
}

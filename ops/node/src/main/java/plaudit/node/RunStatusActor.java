package plaudit.node;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import plaudit.gateway.http.RunView;
import plaudit.node.config.SharedSettings;
import plaudit.node.config.SharedSettings.Difference;
import plaudit.rewards.SourceMonitor;
import plaudit.wire.WireMessage;

/**
 * The run as other nodes meet it. Workers ask it whether they may work for the run, before they do
 * anything; gateways ask what the console may know. Answers fit into one message of the cluster:
 * more lines are asked for from where they end.
 */
final class RunStatusActor {

  /** Under which it is found in the cluster. */
  static final ServiceKey<Command> KEY = ServiceKey.create(Command.class, "run");

  /** Far below the largest message of the cluster: the console asks again for more. */
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

  /**
   * A node asks to work for the run.
   *
   * @param node where it is
   * @param build of its program, for people
   * @param run that it works for already, empty for any
   * @param claims what must be the run's, by name: settings that the node was given, and digests of
   *     its files
   */
  record Join(
      String node,
      Set<String> roles,
      String build,
      String run,
      Map<String, String> claims,
      ActorRef<JoinReply> replyTo)
      implements Command, WireMessage {
    Join {
      roles = Set.copyOf(roles);
      claims = Map.copyOf(claims);
    }
  }

  /** The answer to {@link Join}. */
  sealed interface JoinReply extends WireMessage {}

  /**
   * The node works for the run.
   *
   * @param run its id
   * @param settings the run's {@link SharedSettings}, rendered
   */
  record Joined(String run, String settings) implements JoinReply {}

  /**
   * A scorer's node tells what its sources of rewards give and what is wrong with them.
   *
   * @param node where it is
   * @param totals since the last report
   * @param trouble what is wrong, empty for nothing
   * @param lasts for so long
   */
  record ScorerReport(String node, List<SourceMonitor.Total> totals, String trouble, Duration lasts)
      implements Command, WireMessage {
    ScorerReport {
      totals = List.copyOf(totals);
    }
  }

  /** The node is not of this run. */
  record Refused(List<Difference> differences) implements JoinReply {
    /** The key of a difference that says: another run. */
    static final String RUN = "run";

    Refused {
      differences = List.copyOf(differences);
    }

    /** Whether the node works for another run, and nothing else is wrong with it. */
    boolean isOfAnotherRun() {
      return differences.stream().allMatch(it -> it.key().equals(RUN));
    }
  }

  /**
   * What the nodes of a run must have alike.
   *
   * @param run the run's id
   * @param settings its {@link SharedSettings}, rendered
   * @param values by name, as nodes claim them
   */
  record Terms(String run, String settings, Map<String, String> values) {
    Terms {
      values = Map.copyOf(values);
    }

    /** The answer to a node that asks: only what both name can differ. */
    JoinReply answer(Join join) {
      Map<String, String> expected = new TreeMap<>(values);
      expected.keySet().retainAll(join.claims().keySet());
      Map<String, String> own = new TreeMap<>(join.claims());
      own.keySet().retainAll(expected.keySet());
      List<Difference> differences = new ArrayList<>(SharedSettings.differences(own, expected));
      if (!join.run().isEmpty() && !join.run().equals(run)) {
        differences.add(0, new Difference(Refused.RUN, join.run(), run));
      }
      return differences.isEmpty() ? new Joined(run, settings) : new Refused(differences);
    }
  }

  /**
   * One that reads {@code run}, a file at times: it needs a thread that may block.
   *
   * @param refusals is told of each node that is refused, and why
   * @param reports is told what scorers report
   */
  static Behavior<Command> create(
      RunView run,
      Terms terms,
      BiConsumer<Join, List<Difference>> refusals,
      Consumer<ScorerReport> reports) {
    return Behaviors.receive(Command.class)
        .onMessage(
            ScorerReport.class,
            report -> {
              reports.accept(report);
              return Behaviors.same();
            })
        .onMessage(
            Join.class,
            join -> {
              JoinReply reply = terms.answer(join);
              if (reply instanceof Refused refused) {
                refusals.accept(join, refused.differences());
              }
              join.replyTo().tell(reply);
              return Behaviors.same();
            })
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

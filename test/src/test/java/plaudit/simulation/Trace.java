package plaudit.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import plaudit.experience.Batch;
import plaudit.experience.Grant;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.labels.Comparison;
import plaudit.labels.Label;
import plaudit.labels.actor.LabelStore;
import plaudit.snapshots.Snapshot;

/** What happened, a line an event, for those who want to know. */
final class Trace {

  private static final int WIDTH = 150;

  private record Line(boolean fault, String text) {}

  private final boolean wanted;
  private final List<Line> lines = new ArrayList<>();

  private Trace(boolean wanted) {
    this.wanted = wanted;
  }

  static Trace none() {
    return new Trace(false);
  }

  static Trace written() {
    return new Trace(true);
  }

  /** A message arrived, or a node did something by itself; plain timers are not told. */
  void event(long millis, MessageDelivery event) {
    add(event.message() instanceof Chaos.Strike, millis, "", event);
  }

  void fault(long millis, String fate, MessageDelivery event) {
    add(true, millis, fate, event);
  }

  private void add(boolean fault, long millis, String fate, MessageDelivery event) {
    if (wanted && !(event.message() instanceof Enum<?>)) {
      String way =
          event.from() == event.to()
              ? event.to().toString()
              : "%s -> %s".formatted(event.from(), event.to());
      String text = "%s%s: %s".formatted(fate, way, brief(event.message()));
      lines.add(new Line(fault, String.format(Locale.ROOT, "%8.3f  %s", millis / 1000., text)));
    }
  }

  /** All of it. */
  List<String> lines() {
    return lines.stream().map(Line::text).toList();
  }

  /** All that went wrong, and the last {@code count} events. */
  List<String> end(int count) {
    int from = Math.max(0, lines.size() - count);
    List<String> end = new ArrayList<>();
    lines.subList(0, from).stream().filter(Line::fault).forEach(line -> end.add(line.text()));
    lines.subList(from, lines.size()).forEach(line -> end.add(line.text()));
    return end;
  }

  private static String brief(Object message) {
    if (message instanceof Grant grant) {
      return "Grant[%d %s %s]"
          .formatted(
              grant.batchId(), grant.purpose(), grant.prompts().stream().map(Prompt::id).toList());
    } else if (message instanceof Say.Score score) {
      return "Score[%d %s]".formatted(score.batchId(), rollouts(score.rollouts()));
    } else if (message instanceof Say.Offer offer) {
      return "Offer[%d %s]".formatted(offer.batchId(), trajectories(offer.trajectories()));
    } else if (message instanceof Batch batch) {
      return "Batch[for %d: %s]".formatted(batch.version(), trajectories(batch.trajectories()));
    } else if (message instanceof Snapshot snapshot) {
      return brief(snapshot);
    } else if (message instanceof Say.Publish publish) {
      return "Publish[%s]".formatted(brief(publish.snapshot()));
    } else if (message instanceof Say.Ask ask) {
      return "Ask[%d %s]"
          .formatted(ask.batchId(), ask.comparisons().stream().map(Comparison::id).toList());
    } else if (message instanceof Say.Task task) {
      return "Task[%s]".formatted(task.comparison().id());
    } else if (message instanceof LabelStore.Labels labels) {
      return "Labels[after %d: %s]"
          .formatted(labels.after(), labels.labels().stream().map(Label::sequence).toList());
    }
    String text = message.toString();
    return text.length() > WIDTH ? text.substring(0, WIDTH) + "..." : text;
  }

  private static String brief(Snapshot snapshot) {
    return "%s %d (%s)"
        .formatted(snapshot.model(), snapshot.version(), snapshot.sha256().substring(0, 4));
  }

  private static List<String> trajectories(List<Trajectory> trajectories) {
    return rollouts(trajectories.stream().map(Trajectory::rollout).toList());
  }

  private static List<String> rollouts(List<Rollout> rollouts) {
    return rollouts.stream().map(r -> r.promptId() + "@" + r.policyVersion()).toList();
  }
}

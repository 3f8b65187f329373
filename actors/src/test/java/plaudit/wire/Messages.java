package plaudit.wire;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import plaudit.experience.Batch;
import plaudit.experience.Examples;
import plaudit.experience.Grant;
import plaudit.experience.OfferReply;
import plaudit.experience.Pace;
import plaudit.experience.Prompt;
import plaudit.experience.Purpose;
import plaudit.experience.QuestionYield;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Judgment;
import plaudit.labels.Label;
import plaudit.labels.actor.LabelStore;
import plaudit.snapshots.Lineage;
import plaudit.snapshots.Model;
import plaudit.snapshots.Probe;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.actor.SnapshotProtocol;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

/** At least one of every message of the three protocols. */
final class Messages {

  static final Instant NOON = Instant.parse("2026-01-01T12:00:00.123456789Z");

  private Messages() {}

  /** All of them, with {@code ref} wherever a reference is needed. */
  static List<WireMessage> all(ActorRef<?> ref) {
    return List.of(
        new ExperienceProtocol.Borrow("sampler-1", 41, as(ref)),
        new ExperienceProtocol.Leave(as(ref), as(ref)),
        new ExperienceProtocol.Left(2),
        new Grant(
            5,
            Purpose.POLICY,
            List.of(new Prompt(3, Tokens.of(0, 50_256, 7)), new Prompt(4, Tokens.of(1))),
            1,
            NOON),
        new Grant(6, Purpose.QUESTION, List.of(), 4, Instant.EPOCH),
        new ExperienceProtocol.Offer(
            5, List.of(Examples.trajectory(3, 41), Examples.trajectory(4, 40)), as(ref)),
        new ExperienceProtocol.Offer(7, List.of(Examples.trajectory(5, 40, 42)), as(ref)),
        new ExperienceProtocol.Asked(6, new QuestionYield(3, 0, 0, 0), as(ref)),
        new ExperienceProtocol.Asked(6, new QuestionYield(3, 40, 13, 1), as(ref)),
        new OfferReply.Accepted(5),
        new OfferReply.Superseded(5),
        new OfferReply.Stale(5, 44),
        new ExperienceProtocol.TakeBatch(42, 512, as(ref)),
        new Batch(42, List.of(Examples.trajectory(3, 41))),
        new ExperienceProtocol.KeepPace(new Pace(100, 5, 640)),
        new ExperienceProtocol.Checkpointed(40),
        new ExperienceProtocol.SendFailed("10.0.0.2:17355", "too large"),
        new ExperienceProtocol.GetStatus(as(ref)),
        new ExperienceProtocol.Status(1, 2, 3, 4, 5, 6, 7, 8),
        new LabelStore.Ask(List.of(comparison()), as(ref)),
        new LabelStore.AskReply.Stored(1),
        new LabelStore.AskReply.Failed("disk full"),
        new LabelStore.TakeLabels(17, 1000, as(ref)),
        new LabelStore.Labels(
            17,
            List.of(
                label(18, new Choice.Best(0)),
                label(19, new Choice.Best(3)),
                label(20, new Choice.NoPreference(Choice.Reason.TIE)),
                label(21, new Choice.NoPreference(Choice.Reason.NONE_ACCEPTABLE)),
                label(22, new Choice.NoPreference(Choice.Reason.CANNOT_JUDGE)))),
        new LabelStore.Begin("", false, List.of("q", "v"), Optional.empty(), as(ref)),
        new LabelStore.Begin("", false, List.of(), Optional.of("ada"), as(ref)),
        new LabelStore.Begin("a1", true, List.of(), Optional.empty(), as(ref)),
        new LabelStore.Begun(
            7,
            List.of(
                new LabelStore.Asked(3, Optional.of("q12")),
                new LabelStore.Asked(0, Optional.empty())),
            Optional.empty(),
            Optional.empty()),
        new LabelStore.Begun(
            0,
            List.of(),
            Optional.of(new LabelStore.Stop("bad", "acme", "ann", NOON)),
            Optional.empty()),
        new LabelStore.Begun(0, List.of(), Optional.empty(), Optional.of("of run b2")),
        new LabelStore.Asked(0, Optional.of("")),
        new LabelStore.GetStopReason(as(ref)),
        new LabelStore.StopReason(
            Optional.of(new LabelStore.Stop("the texts are bad", "acme", "ann", NOON))),
        new LabelStore.StopReason(Optional.empty()),
        new LabelStore.GetStatus(as(ref)),
        new LabelStore.Status(
            1,
            2,
            3,
            4,
            5,
            true,
            true,
            List.of(new LabelStore.Holder("acme", "ann", 2, NOON)),
            List.of(new LabelStore.Holder("acme", "", 2, NOON))),
        snapshot(Model.REWARD, 0, -1),
        new SnapshotProtocol.Publish(snapshot(Model.POLICY, 8, 7), as(ref)),
        new Lineage.PublishReply.Accepted(Model.POLICY, 8),
        new Lineage.PublishReply.Stale(Model.REWARD, 0, -1),
        new Lineage.PublishReply.Stale(Model.POLICY, 9, 8),
        new SnapshotProtocol.Follow(Model.REWARD, as(ref)),
        new SnapshotProtocol.Applied(Model.POLICY, 8, "10.0.0.2:17355"));
  }

  private static Comparison comparison() {
    return new Comparison(
        "c-1",
        Tokens.of(1, 2),
        "Once upon a time, \u00fc\u20ac",
        List.of(
            new Comparison.Sample(Tokens.of(3), "there was", 0),
            new Comparison.Sample(Tokens.of(), "", 9)));
  }

  private static Label label(long sequence, Choice choice) {
    return new Label(sequence, comparison(), new Judgment("c-1", "acme", "ann", choice, NOON));
  }

  private static Snapshot snapshot(Model model, long version, long parent) {
    return new Snapshot(
        model,
        version,
        parent,
        URI.create("http://10.0.0.1:9000/weights/policy-8.safetensors"),
        1L << 33,
        "0123456789abcdef".repeat(4),
        List.of(new Probe(Tokens.of(1), Tokens.of(2, 3), PerToken.of(-1.5f, -0.0f))));
  }

  @SuppressWarnings("unchecked") // a reference travels as a string, whatever it accepts
  private static <T> ActorRef<T> as(ActorRef<?> ref) {
    return (ActorRef<T>) ref;
  }
}

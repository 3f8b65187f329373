package plaudit.parallel.actor;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import plaudit.parallel.Work;
import plaudit.parallel.actor.HelperProtocol.Declined;
import plaudit.parallel.actor.HelperProtocol.Differentiate;
import plaudit.parallel.actor.HelperProtocol.Gradient;
import plaudit.policy.ComputeShape;
import plaudit.policy.UpdateStats;
import plaudit.snapshots.actor.SnapshotCodec;
import plaudit.wire.Refs;
import plaudit.wire.WireCodec;
import plaudit.wire.WireRow;
import plaudit.wire.v1.GradientWire;

/** The messages between a learner and its helpers as protobuf, and back. */
public final class HelperCodec implements WireCodec {

  /** Named in {@code plaudit.wire.codecs}. */
  public HelperCodec() {}

  @Override
  public List<WireRow<?, ?>> rows(Refs refs) {
    return List.of(
        new WireRow<>(
            "HD",
            Differentiate.class,
            m -> toWire(m, refs),
            GradientWire.Differentiate.parser(),
            w -> fromWire(w, refs)),
        new WireRow<>(
            "HG",
            Gradient.class,
            HelperCodec::toWire,
            GradientWire.Gradient.parser(),
            HelperCodec::fromWire),
        new WireRow<>(
            "HX",
            Declined.class,
            m -> GradientWire.Declined.newBuilder().setId(m.id()).setReason(m.reason()).build(),
            GradientWire.Declined.parser(),
            w -> new Declined(w.getId(), w.getReason())));
  }

  private static GradientWire.Differentiate toWire(Differentiate message, Refs refs) {
    Work work = message.work();
    return GradientWire.Differentiate.newBuilder()
        .setId(message.id())
        .setWeights(SnapshotCodec.toWire(work.weights()))
        .setLesson(SnapshotCodec.toWire(work.lesson()))
        .setOutOf(work.outOf())
        .setBeta(work.beta())
        .setUntouched(work.untouched())
        .setTerms(work.terms())
        .setReplyTo(refs.toWire(message.replyTo()))
        .build();
  }

  private static Differentiate fromWire(GradientWire.Differentiate wire, Refs refs) {
    return new Differentiate(
        wire.getId(),
        new Work(
            SnapshotCodec.fromWire(wire.getWeights()),
            SnapshotCodec.fromWire(wire.getLesson()),
            wire.getOutOf(),
            wire.getBeta(),
            wire.getUntouched(),
            wire.getTerms()),
        refs.fromWire(wire.getReplyTo()));
  }

  private static GradientWire.Gradient toWire(Gradient message) {
    GradientWire.Gradient.Builder wire =
        GradientWire.Gradient.newBuilder()
            .setId(message.id())
            .setGradient(SnapshotCodec.toWire(message.gradient()))
            .putAllLargest(message.stats().largest())
            .setMicroBatch(message.manner().microBatch())
            .setThreads(message.manner().threads());
    message
        .stats()
        .means()
        .forEach(
            (name, mean) ->
                wire.putMeans(
                    name,
                    GradientWire.Mean.newBuilder()
                        .setSum(mean.sum())
                        .setWeight(mean.weight())
                        .build()));
    return wire.build();
  }

  private static Gradient fromWire(GradientWire.Gradient wire) {
    Map<String, UpdateStats.Mean> means =
        wire.getMeansMap().entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey,
                    e -> new UpdateStats.Mean(e.getValue().getSum(), e.getValue().getWeight())));
    return new Gradient(
        wire.getId(),
        SnapshotCodec.fromWire(wire.getGradient()),
        new UpdateStats.Part(means, wire.getLargestMap()),
        new ComputeShape(wire.getMicroBatch(), wire.getThreads()));
  }
}

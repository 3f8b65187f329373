package plaudit.parallel.actor;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import plaudit.parallel.GradientWorkers.Gradient;
import plaudit.parallel.GradientWorkers.Work;
import plaudit.parallel.actor.HelperProtocol.Computed;
import plaudit.parallel.actor.HelperProtocol.Declined;
import plaudit.parallel.actor.HelperProtocol.Differentiate;
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
            Computed.class,
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
        .setTargets(SnapshotCodec.toWire(work.targets()))
        .setOutOf(work.outOf())
        .setBeta(work.beta())
        .setUntouched(work.unchanged())
        .setTerms(work.terms())
        .setReplyTo(refs.toWire(message.replyTo()))
        .build();
  }

  private static Differentiate fromWire(GradientWire.Differentiate wire, Refs refs) {
    return new Differentiate(
        wire.getId(),
        new Work(
            SnapshotCodec.fromWire(wire.getWeights()),
            SnapshotCodec.fromWire(wire.getTargets()),
            wire.getOutOf(),
            wire.getBeta(),
            wire.getUntouched(),
            wire.getTerms()),
        refs.fromWire(wire.getReplyTo()));
  }

  private static GradientWire.Gradient toWire(Computed message) {
    Gradient gradient = message.gradient();
    GradientWire.Gradient.Builder wire =
        GradientWire.Gradient.newBuilder()
            .setId(message.id())
            .setGradient(SnapshotCodec.toWire(gradient.file()))
            .putAllLargest(gradient.stats().largest())
            .setMicroBatch(gradient.shape().microBatch())
            .setMicroBatchTokens(gradient.shape().tokens())
            .setThreads(gradient.shape().threads());
    gradient
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

  private static Computed fromWire(GradientWire.Gradient wire) {
    Map<String, UpdateStats.Mean> means =
        wire.getMeansMap().entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey,
                    e -> new UpdateStats.Mean(e.getValue().getSum(), e.getValue().getWeight())));
    return new Computed(
        wire.getId(),
        new Gradient(
            SnapshotCodec.fromWire(wire.getGradient()),
            new UpdateStats.Part(means, wire.getLargestMap()),
            new ComputeShape(wire.getMicroBatch(), wire.getMicroBatchTokens(), wire.getThreads())));
  }
}

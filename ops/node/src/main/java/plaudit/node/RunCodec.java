package plaudit.node;

import java.util.List;
import plaudit.wire.Refs;
import plaudit.wire.WireCodec;
import plaudit.wire.WireRow;
import plaudit.wire.v1.RunWire;

/** What gateways ask of the run, as protobuf, and back. */
public final class RunCodec implements WireCodec {

  /** Named in {@code plaudit.wire.codecs}. */
  public RunCodec() {}

  @Override
  public List<WireRow<?, ?>> rows(Refs refs) {
    return List.of(
        new WireRow<>(
            "RS",
            RunStatusActor.GetStatus.class,
            m -> RunWire.GetRunStatus.newBuilder().setReplyTo(refs.toWire(m.replyTo())).build(),
            RunWire.GetRunStatus.parser(),
            w -> new RunStatusActor.GetStatus(refs.fromWire(w.getReplyTo()))),
        new WireRow<>(
            "RSs",
            RunStatusActor.Status.class,
            m -> RunWire.RunStatus.newBuilder().setJson(m.json()).build(),
            RunWire.RunStatus.parser(),
            w -> new RunStatusActor.Status(w.getJson())),
        new WireRow<>(
            "RM",
            RunStatusActor.GetMetrics.class,
            m ->
                RunWire.GetRunMetrics.newBuilder()
                    .setSince(m.since())
                    .setReplyTo(refs.toWire(m.replyTo()))
                    .build(),
            RunWire.GetRunMetrics.parser(),
            w -> new RunStatusActor.GetMetrics(w.getSince(), refs.fromWire(w.getReplyTo()))),
        new WireRow<>(
            "RMl",
            RunStatusActor.Lines.class,
            m -> RunWire.RunMetrics.newBuilder().addAllLines(m.lines()).build(),
            RunWire.RunMetrics.parser(),
            w -> new RunStatusActor.Lines(List.copyOf(w.getLinesList()))),
        new WireRow<>(
            "RX",
            RunStatusActor.GetSamples.class,
            m -> RunWire.GetRunSamples.newBuilder().setReplyTo(refs.toWire(m.replyTo())).build(),
            RunWire.GetRunSamples.parser(),
            w -> new RunStatusActor.GetSamples(refs.fromWire(w.getReplyTo()))),
        new WireRow<>(
            "RXs",
            RunStatusActor.Samples.class,
            m -> RunWire.RunSamples.newBuilder().addAllSamples(m.samples()).build(),
            RunWire.RunSamples.parser(),
            w -> new RunStatusActor.Samples(List.copyOf(w.getSamplesList()))));
  }
}

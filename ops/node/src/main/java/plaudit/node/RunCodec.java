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
            RunDesk.GetStatus.class,
            m -> RunWire.GetRunStatus.newBuilder().setReplyTo(refs.toWire(m.replyTo())).build(),
            RunWire.GetRunStatus.parser(),
            w -> new RunDesk.GetStatus(refs.fromWire(w.getReplyTo()))),
        new WireRow<>(
            "RSs",
            RunDesk.Status.class,
            m -> RunWire.RunStatus.newBuilder().setJson(m.json()).build(),
            RunWire.RunStatus.parser(),
            w -> new RunDesk.Status(w.getJson())),
        new WireRow<>(
            "RM",
            RunDesk.GetMetrics.class,
            m ->
                RunWire.GetRunMetrics.newBuilder()
                    .setSince(m.since())
                    .setReplyTo(refs.toWire(m.replyTo()))
                    .build(),
            RunWire.GetRunMetrics.parser(),
            w -> new RunDesk.GetMetrics(w.getSince(), refs.fromWire(w.getReplyTo()))),
        new WireRow<>(
            "RMl",
            RunDesk.Lines.class,
            m -> RunWire.RunMetrics.newBuilder().addAllLines(m.lines()).build(),
            RunWire.RunMetrics.parser(),
            w -> new RunDesk.Lines(List.copyOf(w.getLinesList()))),
        new WireRow<>(
            "RX",
            RunDesk.GetSamples.class,
            m -> RunWire.GetRunSamples.newBuilder().setReplyTo(refs.toWire(m.replyTo())).build(),
            RunWire.GetRunSamples.parser(),
            w -> new RunDesk.GetSamples(refs.fromWire(w.getReplyTo()))),
        new WireRow<>(
            "RXs",
            RunDesk.Samples.class,
            m -> RunWire.RunSamples.newBuilder().addAllSamples(m.samples()).build(),
            RunWire.RunSamples.parser(),
            w -> new RunDesk.Samples(List.copyOf(w.getSamplesList()))));
  }
}

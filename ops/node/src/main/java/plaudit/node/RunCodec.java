package plaudit.node;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import plaudit.node.config.SharedSettings.Difference;
import plaudit.rewards.SourceMonitor;
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
            w -> new RunStatusActor.Samples(List.copyOf(w.getSamplesList()))),
        new WireRow<>(
            "RJ",
            RunStatusActor.Join.class,
            m ->
                RunWire.JoinRun.newBuilder()
                    .setNode(m.node())
                    .addAllRoles(m.roles())
                    .setBuild(m.build())
                    .setRun(m.run())
                    .putAllClaims(m.claims())
                    .setReplyTo(refs.toWire(m.replyTo()))
                    .build(),
            RunWire.JoinRun.parser(),
            w ->
                new RunStatusActor.Join(
                    w.getNode(),
                    Set.copyOf(w.getRolesList()),
                    w.getBuild(),
                    w.getRun(),
                    w.getClaimsMap(),
                    refs.fromWire(w.getReplyTo()))),
        new WireRow<>(
            "RJj",
            RunStatusActor.Joined.class,
            m -> RunWire.RunJoined.newBuilder().setRun(m.run()).setSettings(m.settings()).build(),
            RunWire.RunJoined.parser(),
            w -> new RunStatusActor.Joined(w.getRun(), w.getSettings())),
        new WireRow<>(
            "RJr",
            RunStatusActor.Refused.class,
            m ->
                RunWire.RunRefused.newBuilder()
                    .addAllDifferences(m.differences().stream().map(RunCodec::toWire).toList())
                    .build(),
            RunWire.RunRefused.parser(),
            w ->
                new RunStatusActor.Refused(
                    w.getDifferencesList().stream().map(RunCodec::fromWire).toList())),
        new WireRow<>(
            "RC",
            RunStatusActor.ScorerReport.class,
            m ->
                RunWire.ScorerReport.newBuilder()
                    .setNode(m.node())
                    .addAllTotals(m.totals().stream().map(RunCodec::toWire).toList())
                    .setTrouble(m.trouble())
                    .setTroubleMillis(m.lasts().toMillis())
                    .build(),
            RunWire.ScorerReport.parser(),
            w ->
                new RunStatusActor.ScorerReport(
                    w.getNode(),
                    w.getTotalsList().stream().map(RunCodec::fromWire).toList(),
                    w.getTrouble(),
                    Duration.ofMillis(w.getTroubleMillis()))));
  }

  private static RunWire.SettingDifference toWire(Difference it) {
    return RunWire.SettingDifference.newBuilder()
        .setKey(it.key())
        .setOwn(it.own())
        .setExpected(it.expected())
        .build();
  }

  private static RunWire.SourceTotal toWire(SourceMonitor.Total it) {
    return RunWire.SourceTotal.newBuilder()
        .setSource(it.source())
        .setSum(it.sum())
        .setCount(it.count())
        .build();
  }

  private static SourceMonitor.Total fromWire(RunWire.SourceTotal it) {
    return new SourceMonitor.Total(it.getSource(), it.getSum(), it.getCount());
  }

  private static Difference fromWire(RunWire.SettingDifference it) {
    return new Difference(it.getKey(), it.getOwn(), it.getExpected());
  }
}

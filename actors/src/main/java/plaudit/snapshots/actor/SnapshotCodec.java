package plaudit.snapshots.actor;

import java.net.URI;
import java.util.List;
import plaudit.snapshots.FileRef;
import plaudit.snapshots.Lineage;
import plaudit.snapshots.Model;
import plaudit.snapshots.Probe;
import plaudit.snapshots.Snapshot;
import plaudit.tokens.TokensCodec;
import plaudit.wire.Refs;
import plaudit.wire.WireCodec;
import plaudit.wire.WireRow;
import plaudit.wire.v1.SnapshotWire;

/** Snapshots and the registry's messages as protobuf, and back. */
public final class SnapshotCodec implements WireCodec {

  /** Named in {@code plaudit.wire.codecs}. */
  public SnapshotCodec() {}

  @Override
  public List<WireRow<?, ?>> rows(Refs refs) {
    return List.of(snapshot(), publish(refs), accepted(), stale(), follow(refs), applied());
  }

  private static WireRow<?, ?> snapshot() {
    return new WireRow<>(
        "SN",
        Snapshot.class,
        SnapshotCodec::toWire,
        SnapshotWire.Snapshot.parser(),
        SnapshotCodec::fromWire);
  }

  private static WireRow<?, ?> publish(Refs refs) {
    return new WireRow<>(
        "SP",
        SnapshotProtocol.Publish.class,
        m ->
            SnapshotWire.Publish.newBuilder()
                .setSnapshot(toWire(m.snapshot()))
                .setReplyTo(refs.toWire(m.replyTo()))
                .build(),
        SnapshotWire.Publish.parser(),
        w ->
            new SnapshotProtocol.Publish(fromWire(w.getSnapshot()), refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> accepted() {
    return new WireRow<>(
        "SPa",
        Lineage.PublishReply.Accepted.class,
        m ->
            SnapshotWire.PublishAccepted.newBuilder()
                .setModel(toWire(m.model()))
                .setVersion(m.version())
                .build(),
        SnapshotWire.PublishAccepted.parser(),
        w -> new Lineage.PublishReply.Accepted(fromWire(w.getModel()), w.getVersion()));
  }

  private static WireRow<?, ?> stale() {
    return new WireRow<>(
        "SPs",
        Lineage.PublishReply.Stale.class,
        m ->
            SnapshotWire.PublishStale.newBuilder()
                .setModel(toWire(m.model()))
                .setCurrent(m.current())
                .setVersion(m.version())
                .build(),
        SnapshotWire.PublishStale.parser(),
        w ->
            new Lineage.PublishReply.Stale(fromWire(w.getModel()), w.getVersion(), w.getCurrent()));
  }

  private static WireRow<?, ?> follow(Refs refs) {
    return new WireRow<>(
        "SF",
        SnapshotProtocol.Follow.class,
        m ->
            SnapshotWire.Follow.newBuilder()
                .setModel(toWire(m.model()))
                .setFollower(refs.toWire(m.follower()))
                .build(),
        SnapshotWire.Follow.parser(),
        w -> new SnapshotProtocol.Follow(fromWire(w.getModel()), refs.fromWire(w.getFollower())));
  }

  private static WireRow<?, ?> applied() {
    return new WireRow<>(
        "SA",
        SnapshotProtocol.Applied.class,
        m ->
            SnapshotWire.Applied.newBuilder()
                .setModel(toWire(m.model()))
                .setVersion(m.version())
                .setBy(m.by())
                .build(),
        SnapshotWire.Applied.parser(),
        w -> new SnapshotProtocol.Applied(fromWire(w.getModel()), w.getVersion(), w.getBy()));
  }

  /** The snapshot on the wire. */
  public static SnapshotWire.Snapshot toWire(Snapshot snapshot) {
    return SnapshotWire.Snapshot.newBuilder()
        .setModel(toWire(snapshot.model()))
        .setVersion(snapshot.version())
        .setParent(snapshot.parent())
        .setUrl(snapshot.url().toString())
        .setBytes(snapshot.bytes())
        .setSha256(snapshot.sha256())
        .addAllProbes(snapshot.probes().stream().map(SnapshotCodec::toWire).toList())
        .build();
  }

  /** The snapshot behind {@code wire}. */
  public static Snapshot fromWire(SnapshotWire.Snapshot wire) {
    return new Snapshot(
        fromWire(wire.getModel()),
        wire.getVersion(),
        wire.getParent(),
        URI.create(wire.getUrl()),
        wire.getBytes(),
        wire.getSha256(),
        wire.getProbesList().stream().map(SnapshotCodec::fromWire).toList());
  }

  /** For messages of other packages that name files. */
  public static SnapshotWire.FileRef toWire(FileRef ref) {
    return SnapshotWire.FileRef.newBuilder()
        .setUrl(ref.url().toString())
        .setBytes(ref.bytes())
        .setSha256(ref.sha256())
        .build();
  }

  /** The reference behind {@code wire}. */
  public static FileRef fromWire(SnapshotWire.FileRef wire) {
    return new FileRef(URI.create(wire.getUrl()), wire.getBytes(), wire.getSha256());
  }

  private static SnapshotWire.Probe toWire(Probe probe) {
    return SnapshotWire.Probe.newBuilder()
        .addAllQuery(TokensCodec.toWire(probe.query()))
        .addAllResponse(TokensCodec.toWire(probe.response()))
        .addAllLogprobs(TokensCodec.toWire(probe.logprobs()))
        .build();
  }

  private static Probe fromWire(SnapshotWire.Probe wire) {
    return new Probe(
        TokensCodec.tokens(wire.getQueryList()),
        TokensCodec.tokens(wire.getResponseList()),
        TokensCodec.perToken(wire.getLogprobsList()));
  }

  private static SnapshotWire.Model toWire(Model model) {
    return switch (model) {
      case POLICY -> SnapshotWire.Model.MODEL_POLICY;
      case REWARD -> SnapshotWire.Model.MODEL_REWARD;
    };
  }

  private static Model fromWire(SnapshotWire.Model wire) {
    return switch (wire) {
      case MODEL_POLICY -> Model.POLICY;
      case MODEL_REWARD -> Model.REWARD;
      case MODEL_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "model: " + wire + " (expected: one this version knows)");
    };
  }
}

package plaudit.scoring.actor;

import java.util.List;
import plaudit.experience.ExperienceCodec;
import plaudit.wire.Refs;
import plaudit.wire.WireCodec;
import plaudit.wire.WireRow;
import plaudit.wire.v1.ScoringWire;

/** The messages between samplers and scorers as protobuf, and back. */
public final class ScoringCodec implements WireCodec {

  /** Named in {@code plaudit.wire.codecs}. */
  public ScoringCodec() {}

  @Override
  public List<WireRow<?, ?>> rows(Refs refs) {
    return List.of(
        new WireRow<>(
            "CS",
            ScoringProtocol.Score.class,
            m ->
                ScoringWire.Score.newBuilder()
                    .setBatchId(m.batchId())
                    .setPurpose(ExperienceCodec.toWire(m.purpose()))
                    .addAllRollouts(m.rollouts().stream().map(ExperienceCodec::toWire).toList())
                    .setReplyTo(refs.toWire(m.replyTo()))
                    .build(),
            ScoringWire.Score.parser(),
            w ->
                new ScoringProtocol.Score(
                    w.getBatchId(),
                    ExperienceCodec.fromWire(w.getPurpose()),
                    w.getRolloutsList().stream().map(ExperienceCodec::fromWire).toList(),
                    refs.fromWire(w.getReplyTo()))),
        new WireRow<>(
            "CD",
            ScoringProtocol.Scored.class,
            m -> ScoringWire.Scored.newBuilder().setBatchId(m.batchId()).build(),
            ScoringWire.Scored.parser(),
            w -> new ScoringProtocol.Scored(w.getBatchId())),
        new WireRow<>(
            "CB",
            ScoringProtocol.Busy.class,
            m -> ScoringWire.Busy.newBuilder().setBatchId(m.batchId()).build(),
            ScoringWire.Busy.parser(),
            w -> new ScoringProtocol.Busy(w.getBatchId())));
  }
}

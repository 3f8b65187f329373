package plaudit.experience.actor;

import java.util.List;
import plaudit.experience.Batch;
import plaudit.experience.ExperienceCodec;
import plaudit.experience.Grant;
import plaudit.experience.OfferReply;
import plaudit.experience.QuestionYield;
import plaudit.wire.Refs;
import plaudit.wire.WireCodec;
import plaudit.wire.WireRow;
import plaudit.wire.v1.ExperienceWire;

/** {@link ExperienceProtocol}'s messages as protobuf, and back: a row each. */
public final class ExperienceProtocolCodec implements WireCodec {

  /** Named in {@code plaudit.wire.codecs}. */
  public ExperienceProtocolCodec() {}

  @Override
  public List<WireRow<?, ?>> rows(Refs refs) {
    return List.of(
        borrow(refs),
        leave(refs),
        left(),
        grant(),
        offer(refs),
        asked(refs),
        accepted(),
        superseded(),
        stale(),
        takeBatch(refs),
        batch(),
        pace(),
        checkpointed(),
        sendFailed(),
        getStatus(refs),
        status());
  }

  private static WireRow<?, ?> borrow(Refs refs) {
    return new WireRow<>(
        "EB",
        ExperienceProtocol.Borrow.class,
        m ->
            ExperienceWire.Borrow.newBuilder()
                .setSampler(m.sampler())
                .setLoadedVersion(m.loadedVersion())
                .setReplyTo(refs.toWire(m.replyTo()))
                .build(),
        ExperienceWire.Borrow.parser(),
        w ->
            new ExperienceProtocol.Borrow(
                w.getSampler(), w.getLoadedVersion(), refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> leave(Refs refs) {
    return new WireRow<>(
        "EL",
        ExperienceProtocol.Leave.class,
        m ->
            ExperienceWire.Leave.newBuilder()
                .setSampler(refs.toWire(m.sampler()))
                .setReplyTo(refs.toWire(m.replyTo()))
                .build(),
        ExperienceWire.Leave.parser(),
        w ->
            new ExperienceProtocol.Leave(
                refs.fromWire(w.getSampler()), refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> left() {
    return new WireRow<>(
        "ELl",
        ExperienceProtocol.Left.class,
        m -> ExperienceWire.Left.newBuilder().setReturned(m.returned()).build(),
        ExperienceWire.Left.parser(),
        w -> new ExperienceProtocol.Left(w.getReturned()));
  }

  private static WireRow<?, ?> grant() {
    return new WireRow<>(
        "EG",
        Grant.class,
        ExperienceCodec::toWire,
        ExperienceWire.Grant.parser(),
        ExperienceCodec::fromWire);
  }

  private static WireRow<?, ?> offer(Refs refs) {
    return new WireRow<>(
        "EO",
        ExperienceProtocol.Offer.class,
        m ->
            ExperienceWire.Offer.newBuilder()
                .setBatchId(m.batchId())
                .addAllTrajectories(ExperienceCodec.trajectories(m.trajectories()))
                .setReplyTo(refs.toWire(m.replyTo()))
                .build(),
        ExperienceWire.Offer.parser(),
        w ->
            new ExperienceProtocol.Offer(
                w.getBatchId(),
                ExperienceCodec.fromTrajectories(w.getTrajectoriesList()),
                refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> asked(Refs refs) {
    return new WireRow<>(
        "EQ",
        ExperienceProtocol.Asked.class,
        m ->
            ExperienceWire.Asked.newBuilder()
                .setBatchId(m.batchId())
                .setComparisons((int) m.yielded().questions())
                .setResponses((int) m.yielded().responses())
                .setUsable((int) m.yielded().usable())
                .setGivenUp((int) m.yielded().givenUp())
                .setReplyTo(refs.toWire(m.replyTo()))
                .build(),
        ExperienceWire.Asked.parser(),
        w ->
            new ExperienceProtocol.Asked(
                w.getBatchId(),
                new QuestionYield(
                    w.getComparisons(), w.getResponses(), w.getUsable(), w.getGivenUp()),
                refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> accepted() {
    return new WireRow<>(
        "EOa",
        OfferReply.Accepted.class,
        m -> ExperienceWire.OfferAccepted.newBuilder().setBatchId(m.batchId()).build(),
        ExperienceWire.OfferAccepted.parser(),
        w -> new OfferReply.Accepted(w.getBatchId()));
  }

  private static WireRow<?, ?> superseded() {
    return new WireRow<>(
        "EOu",
        OfferReply.Superseded.class,
        m -> ExperienceWire.OfferSuperseded.newBuilder().setBatchId(m.batchId()).build(),
        ExperienceWire.OfferSuperseded.parser(),
        w -> new OfferReply.Superseded(w.getBatchId()));
  }

  private static WireRow<?, ?> stale() {
    return new WireRow<>(
        "EOs",
        OfferReply.Stale.class,
        m ->
            ExperienceWire.OfferStale.newBuilder()
                .setBatchId(m.batchId())
                .setCurrentVersion(m.currentVersion())
                .build(),
        ExperienceWire.OfferStale.parser(),
        w -> new OfferReply.Stale(w.getBatchId(), w.getCurrentVersion()));
  }

  private static WireRow<?, ?> takeBatch(Refs refs) {
    return new WireRow<>(
        "ET",
        ExperienceProtocol.TakeBatch.class,
        m ->
            ExperienceWire.TakeBatch.newBuilder()
                .setVersion(m.version())
                .setSize(m.size())
                .setReplyTo(refs.toWire(m.replyTo()))
                .build(),
        ExperienceWire.TakeBatch.parser(),
        w ->
            new ExperienceProtocol.TakeBatch(
                w.getVersion(), w.getSize(), refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> batch() {
    return new WireRow<>(
        "ETb",
        Batch.class,
        ExperienceCodec::toWire,
        ExperienceWire.Batch.parser(),
        ExperienceCodec::fromWire);
  }

  private static WireRow<?, ?> pace() {
    return new WireRow<>(
        "EP",
        ExperienceProtocol.KeepPace.class,
        m -> ExperienceCodec.toWire(m.pace()),
        ExperienceWire.Pace.parser(),
        w -> new ExperienceProtocol.KeepPace(ExperienceCodec.fromWire(w)));
  }

  private static WireRow<?, ?> checkpointed() {
    return new WireRow<>(
        "EC",
        ExperienceProtocol.Checkpointed.class,
        m -> ExperienceWire.Checkpointed.newBuilder().setVersion(m.version()).build(),
        ExperienceWire.Checkpointed.parser(),
        w -> new ExperienceProtocol.Checkpointed(w.getVersion()));
  }

  private static WireRow<?, ?> sendFailed() {
    return new WireRow<>(
        "EF",
        ExperienceProtocol.SendFailed.class,
        m -> ExperienceWire.SendFailed.newBuilder().setNode(m.node()).setReason(m.reason()).build(),
        ExperienceWire.SendFailed.parser(),
        w -> new ExperienceProtocol.SendFailed(w.getNode(), w.getReason()));
  }

  private static WireRow<?, ?> getStatus(Refs refs) {
    return new WireRow<>(
        "ES",
        ExperienceProtocol.GetStatus.class,
        m ->
            ExperienceWire.GetExperienceStatus.newBuilder()
                .setReplyTo(refs.toWire(m.replyTo()))
                .build(),
        ExperienceWire.GetExperienceStatus.parser(),
        w -> new ExperienceProtocol.GetStatus(refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> status() {
    return new WireRow<>(
        "ESs",
        ExperienceProtocol.Status.class,
        m ->
            ExperienceWire.ExperienceStatus.newBuilder()
                .setPolicyVersion(m.policyVersion())
                .setWaiting(m.waiting())
                .setLent(m.lent())
                .setAccepted(m.accepted())
                .setTaken(m.taken())
                .setDropped(m.dropped())
                .setQuestionsWanted(m.questionsWanted())
                .setSamplers(m.samplers())
                .build(),
        ExperienceWire.ExperienceStatus.parser(),
        w ->
            new ExperienceProtocol.Status(
                w.getPolicyVersion(),
                w.getWaiting(),
                w.getLent(),
                w.getAccepted(),
                w.getTaken(),
                w.getDropped(),
                w.getQuestionsWanted(),
                w.getSamplers()));
  }
}

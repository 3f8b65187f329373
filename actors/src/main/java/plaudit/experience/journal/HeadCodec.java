package plaudit.experience.journal;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import plaudit.experience.ExperienceCodec;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.LedgerState;
import plaudit.experience.OnStale;
import plaudit.experience.Purpose;
import plaudit.experience.Start;
import plaudit.wire.v1.JournalWire;

/** What a segment starts from, a ledger's whole state, as protobuf, and back. */
final class HeadCodec {

  /** Raised when older programs would misread what is written. */
  private static final int FORMAT = 1;

  private HeadCodec() {}

  static JournalWire.Head toWire(Head head) {
    return JournalWire.Head.newBuilder()
        .setFormat(FORMAT)
        .setCheckpoint(head.checkpoint())
        .setSettings(settings(head.settings()))
        .setState(state(head.state()))
        .addAllServed(head.served().stream().map(ExperienceCodec::toWire).toList())
        .setContinues(head.continues())
        .build();
  }

  static Head fromWire(JournalWire.Head wire) {
    if (wire.getFormat() != FORMAT) {
      throw new IllegalArgumentException("a journal of format " + wire.getFormat());
    }
    return new Head(
        wire.getCheckpoint(),
        settings(wire.getSettings()),
        state(wire.getState()),
        wire.getServedList().stream().map(ExperienceCodec::fromWire).toList(),
        wire.getContinues());
  }

  private static JournalWire.LedgerSettings settings(ExperienceSettings settings) {
    return JournalWire.LedgerSettings.newBuilder()
        .setBatchSize(settings.batchSize())
        .setEta(settings.eta())
        .setMaxStaleness(settings.maxStaleness())
        .setGrantPrompts(settings.grantPrompts())
        .setQuestionPrompts(settings.questionPrompts())
        .setQuestionResponses(settings.questionResponses())
        .setLeaseMillis(settings.leaseTime().toMillis())
        .setEpisodes(settings.episodes())
        .setGroup(settings.group())
        .setWaits(settings.onStale() == OnStale.WAIT)
        .build();
  }

  private static ExperienceSettings settings(JournalWire.LedgerSettings wire) {
    return new ExperienceSettings(
        wire.getBatchSize(),
        wire.getEta(),
        wire.getMaxStaleness(),
        wire.getGrantPrompts(),
        wire.getQuestionPrompts(),
        wire.getQuestionResponses(),
        Duration.ofMillis(wire.getLeaseMillis()),
        wire.getEpisodes(),
        Start.FRESH,
        wire.getGroup(),
        wire.getWaits() ? OnStale.WAIT : OnStale.DROP);
  }

  private static JournalWire.LedgerState state(LedgerState state) {
    JournalWire.LedgerState.Builder wire =
        JournalWire.LedgerState.newBuilder()
            .setVersion(state.version())
            .setRewardKnown(state.rewardKnown())
            .setPace(ExperienceCodec.toWire(state.pace()))
            .setPositions(counts(state.positions()))
            .setAsked(counts(state.asked()))
            .setNextBatchId(state.nextBatchId())
            .setAdmitted(state.admitted())
            .setServed(state.served())
            .setAccepted(state.accepted())
            .setTaken(state.taken())
            .setDropped(state.dropped())
            .setSuperseded(state.superseded())
            .addAllLent(state.lent().stream().map(HeadCodec::lent).toList())
            .addAllOverdue(state.overdue().stream().map(w -> work(w).build()).toList())
            .addAllWaiting(ExperienceCodec.trajectories(state.waiting()));
    state.last().ifPresent(batch -> wire.setLast(ExperienceCodec.toWire(batch)));
    return wire.build();
  }

  private static LedgerState state(JournalWire.LedgerState wire) {
    return new LedgerState(
        wire.getVersion(),
        wire.getRewardKnown(),
        ExperienceCodec.fromWire(wire.getPace()),
        counts(wire.getPositions()),
        counts(wire.getAsked()),
        wire.getNextBatchId(),
        wire.getAdmitted(),
        wire.getServed(),
        wire.getAccepted(),
        wire.getTaken(),
        wire.getDropped(),
        wire.getSuperseded(),
        wire.getLentList().stream()
            .map(
                w ->
                    new LedgerState.Lent(
                        work(w), w.getHolder(), ExperienceCodec.fromWire(w.getUntil())))
            .toList(),
        wire.getOverdueList().stream().map(HeadCodec::work).toList(),
        ExperienceCodec.fromTrajectories(wire.getWaitingList()),
        wire.hasLast() ? Optional.of(ExperienceCodec.fromWire(wire.getLast())) : Optional.empty());
  }

  private static JournalWire.Work lent(LedgerState.Lent lent) {
    return work(lent.work())
        .setHolder(lent.holder())
        .setUntil(ExperienceCodec.toWire(lent.until()))
        .build();
  }

  private static JournalWire.Work.Builder work(LedgerState.Work work) {
    return JournalWire.Work.newBuilder()
        .setBatchId(work.batchId())
        .setPurpose(ExperienceCodec.toWire(work.purpose()))
        .addAllPrompts(ExperienceCodec.prompts(work.prompts()))
        .setVersion(work.version());
  }

  private static LedgerState.Work work(JournalWire.Work wire) {
    return new LedgerState.Work(
        wire.getBatchId(),
        ExperienceCodec.fromWire(wire.getPurpose()),
        ExperienceCodec.fromPrompts(wire.getPromptsList()),
        wire.getVersion());
  }

  private static JournalWire.PerPurpose counts(Map<Purpose, Long> counts) {
    return JournalWire.PerPurpose.newBuilder()
        .setPolicy(counts.getOrDefault(Purpose.POLICY, 0L))
        .setQuestion(counts.getOrDefault(Purpose.QUESTION, 0L))
        .setValidation(counts.getOrDefault(Purpose.VALIDATION, 0L))
        .build();
  }

  private static Map<Purpose, Long> counts(JournalWire.PerPurpose wire) {
    return Map.of(
        Purpose.POLICY, wire.getPolicy(),
        Purpose.QUESTION, wire.getQuestion(),
        Purpose.VALIDATION, wire.getValidation());
  }
}

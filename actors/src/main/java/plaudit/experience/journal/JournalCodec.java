package plaudit.experience.journal;

import static plaudit.experience.ExperienceCodec.fromTrajectories;
import static plaudit.experience.ExperienceCodec.fromWire;
import static plaudit.experience.ExperienceCodec.toWire;
import static plaudit.experience.ExperienceCodec.trajectories;

import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import plaudit.experience.ExperienceCodec;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.Grant;
import plaudit.experience.LedgerInput;
import plaudit.experience.LedgerState;
import plaudit.experience.OnStale;
import plaudit.experience.Purpose;
import plaudit.experience.Start;
import plaudit.snapshots.Model;
import plaudit.wire.v1.JournalWire;

/** A journal's records, which are heads and entries, as protobuf, and back. */
final class JournalCodec {

  /** Raised when older programs would misread what is written. */
  private static final int FORMAT = 1;

  private JournalCodec() {}

  /**
   * Tells {@code heads} or {@code entries} what {@code bytes} are.
   *
   * @throws IllegalArgumentException if they are neither
   */
  static void read(byte[] bytes, Consumer<Head> heads, Consumer<Entry> entries) {
    JournalWire.Record line;
    try {
      line = JournalWire.Record.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("no record: " + e.getMessage(), e);
    }
    if (line.getWhatCase() == JournalWire.Record.WhatCase.HEAD) {
      heads.accept(head(line.getHead()));
    } else {
      entries.accept(entry(line));
    }
  }

  static byte[] toBytes(Entry entry) {
    JournalWire.Record.Builder line = JournalWire.Record.newBuilder();
    LedgerInput input = entry.input();
    if (input instanceof LedgerInput.Lend lend) {
      Grant grant = entry.grant().orElseThrow();
      line.setLent(
          JournalWire.Lent.newBuilder()
              .setHolder(lend.holder())
              .setLoadedVersion(lend.loadedVersion())
              .setNow(toWire(lend.now()))
              .setGrant(toWire(grant)));
    } else if (input instanceof LedgerInput.Offer offer) {
      line.setOffered(
          JournalWire.Offered.newBuilder()
              .setBatchId(offer.batchId())
              .addAllTrajectories(trajectories(offer.trajectories())));
    } else if (input instanceof LedgerInput.Asked asked) {
      line.setAsked(
          JournalWire.CountedQuestions.newBuilder()
              .setBatchId(asked.batchId())
              .setComparisons(asked.comparisons()));
    } else if (input instanceof LedgerInput.Take take) {
      line.setTaken(
          JournalWire.Taken.newBuilder()
              .setVersion(take.version())
              .setSize(take.size())
              .addAllPromptIds(entry.served().stream().map(Entry.Key::promptId).toList())
              .addAllIndices(entry.served().stream().map(Entry.Key::index).toList()));
    } else if (input instanceof LedgerInput.Expire expire) {
      line.setExpired(JournalWire.Expired.newBuilder().setNow(toWire(expire.now())));
    } else if (input instanceof LedgerInput.Release release) {
      line.setReleased(JournalWire.Released.newBuilder().setHolder(release.holder()));
    } else if (input instanceof LedgerInput.Published published) {
      line.setPublished(
          JournalWire.Published.newBuilder()
              .setReward(published.model() == Model.REWARD)
              .setVersion(published.version())
              .setSha256(published.sha256()));
    } else if (input instanceof LedgerInput.KeepPace keep) {
      line.setPaced(JournalWire.Paced.newBuilder().setPace(toWire(keep.pace())));
    } else if (input instanceof LedgerInput.Resume resume) {
      line.setResumed(JournalWire.Resumed.newBuilder().setFirstBatchId(resume.firstBatchId()));
    }
    return line.build().toByteArray();
  }

  private static Entry entry(JournalWire.Record line) {
    return switch (line.getWhatCase()) {
      case LENT ->
          new Entry(
              new LedgerInput.Lend(
                  line.getLent().getHolder(),
                  line.getLent().getLoadedVersion(),
                  fromWire(line.getLent().getNow())),
              Optional.of(fromWire(line.getLent().getGrant())),
              List.of());
      case OFFERED ->
          Entry.of(
              new LedgerInput.Offer(
                  line.getOffered().getBatchId(),
                  fromTrajectories(line.getOffered().getTrajectoriesList())));
      case ASKED ->
          Entry.of(
              new LedgerInput.Asked(
                  line.getAsked().getBatchId(), line.getAsked().getComparisons()));
      case TAKEN -> taken(line.getTaken());
      case EXPIRED -> Entry.of(new LedgerInput.Expire(fromWire(line.getExpired().getNow())));
      case RELEASED -> Entry.of(new LedgerInput.Release(line.getReleased().getHolder()));
      case PUBLISHED ->
          Entry.of(
              new LedgerInput.Published(
                  line.getPublished().getReward() ? Model.REWARD : Model.POLICY,
                  line.getPublished().getVersion(),
                  line.getPublished().getSha256()));
      case PACED -> Entry.of(new LedgerInput.KeepPace(fromWire(line.getPaced().getPace())));
      case RESUMED -> Entry.of(new LedgerInput.Resume(line.getResumed().getFirstBatchId()));
      case HEAD, WHAT_NOT_SET ->
          throw new IllegalArgumentException("a record of a newer version, or none");
    };
  }

  private static Entry taken(JournalWire.Taken wire) {
    return new Entry(
        new LedgerInput.Take(wire.getVersion(), wire.getSize()),
        Optional.empty(),
        IntStream.range(0, wire.getPromptIdsCount())
            .mapToObj(i -> new Entry.Key(wire.getPromptIds(i), wire.getIndices(i)))
            .toList());
  }

  static byte[] toBytes(Head head) {
    JournalWire.Head.Builder wire =
        JournalWire.Head.newBuilder()
            .setFormat(FORMAT)
            .setCheckpoint(head.checkpoint())
            .setSettings(settings(head.settings()))
            .setState(state(head.state()))
            .addAllServed(head.served().stream().map(ExperienceCodec::toWire).toList())
            .setContinues(head.continues());
    return JournalWire.Record.newBuilder().setHead(wire).build().toByteArray();
  }

  private static Head head(JournalWire.Head wire) {
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
            .addAllLent(state.lent().stream().map(JournalCodec::lent).toList())
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
        wire.getOverdueList().stream().map(JournalCodec::work).toList(),
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

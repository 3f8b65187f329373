package plaudit.experience.journal;

import static plaudit.experience.ExperienceCodec.fromWire;
import static plaudit.experience.ExperienceCodec.toWire;

import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import plaudit.experience.ExperienceCodec;
import plaudit.experience.ExperienceProtocol.Batch;
import plaudit.experience.ExperienceProtocol.Grant;
import plaudit.experience.ExperienceProtocol.Pace;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.LedgerState;
import plaudit.experience.OnStale;
import plaudit.experience.Prompt;
import plaudit.experience.Purpose;
import plaudit.experience.Start;
import plaudit.experience.Trajectory;
import plaudit.snapshots.Model;
import plaudit.wire.v1.ExperienceWire;
import plaudit.wire.v1.JournalWire;

/** Heads and entries as protobuf, and back. */
final class JournalCodec {

  /** Raised when older programs would misread what is written. */
  private static final int FORMAT = 1;

  private JournalCodec() {}

  static byte[] toBytes(Head head) {
    return JournalWire.Record.newBuilder()
        .setHead(
            JournalWire.Head.newBuilder()
                .setFormat(FORMAT)
                .setCheckpoint(head.checkpoint())
                .setSettings(settings(head.settings()))
                .setState(state(head.state()))
                .addAllServed(head.served().stream().map(JournalCodec::batch).toList())
                .setContinues(head.continues()))
        .build()
        .toByteArray();
  }

  static byte[] toBytes(Entry entry) {
    JournalWire.Record.Builder line = JournalWire.Record.newBuilder();
    if (entry instanceof Entry.Lent lent) {
      line.setLent(
          JournalWire.Lent.newBuilder()
              .setHolder(lent.holder())
              .setLoadedVersion(lent.loadedVersion())
              .setNow(toWire(lent.now()))
              .setGrant(grant(lent.grant())));
    } else if (entry instanceof Entry.Offered offered) {
      line.setOffered(
          JournalWire.Offered.newBuilder()
              .setBatchId(offered.batchId())
              .addAllTrajectories(trajectories(offered.trajectories())));
    } else if (entry instanceof Entry.Asked asked) {
      line.setAsked(
          JournalWire.CountedQuestions.newBuilder()
              .setBatchId(asked.batchId())
              .setComparisons(asked.comparisons()));
    } else if (entry instanceof Entry.Taken taken) {
      line.setTaken(
          JournalWire.Taken.newBuilder()
              .setVersion(taken.version())
              .setSize(taken.size())
              .addAllPromptIds(taken.keys().stream().map(Entry.Key::promptId).toList())
              .addAllIndices(taken.keys().stream().map(Entry.Key::index).toList()));
    } else if (entry instanceof Entry.Expired expired) {
      line.setExpired(JournalWire.Expired.newBuilder().setNow(toWire(expired.now())));
    } else if (entry instanceof Entry.Released released) {
      line.setReleased(JournalWire.Released.newBuilder().setHolder(released.holder()));
    } else if (entry instanceof Entry.Published published) {
      line.setPublished(
          JournalWire.Published.newBuilder()
              .setReward(published.model() == Model.REWARD)
              .setVersion(published.version())
              .setSha256(published.sha256()));
    } else if (entry instanceof Entry.Paced paced) {
      line.setPaced(JournalWire.Paced.newBuilder().setPace(pace(paced.pace())));
    } else if (entry instanceof Entry.Resumed resumed) {
      line.setResumed(JournalWire.Resumed.newBuilder().setFirstBatchId(resumed.firstBatchId()));
    }
    return line.build().toByteArray();
  }

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

  private static Entry entry(JournalWire.Record line) {
    return switch (line.getWhatCase()) {
      case LENT ->
          new Entry.Lent(
              line.getLent().getHolder(),
              line.getLent().getLoadedVersion(),
              fromWire(line.getLent().getNow()),
              grant(line.getLent().getGrant()));
      case OFFERED ->
          new Entry.Offered(
              line.getOffered().getBatchId(),
              fromTrajectories(line.getOffered().getTrajectoriesList()));
      case ASKED -> new Entry.Asked(line.getAsked().getBatchId(), line.getAsked().getComparisons());
      case TAKEN -> taken(line.getTaken());
      case EXPIRED -> new Entry.Expired(fromWire(line.getExpired().getNow()));
      case RELEASED -> new Entry.Released(line.getReleased().getHolder());
      case PUBLISHED ->
          new Entry.Published(
              line.getPublished().getReward() ? Model.REWARD : Model.POLICY,
              line.getPublished().getVersion(),
              line.getPublished().getSha256());
      case PACED -> new Entry.Paced(pace(line.getPaced().getPace()));
      case RESUMED -> new Entry.Resumed(line.getResumed().getFirstBatchId());
      case HEAD, WHAT_NOT_SET ->
          throw new IllegalArgumentException("a record of a newer version, or none");
    };
  }

  private static Entry.Taken taken(JournalWire.Taken wire) {
    List<Entry.Key> keys = new ArrayList<>();
    for (int i = 0; i < wire.getPromptIdsCount(); i++) {
      keys.add(new Entry.Key(wire.getPromptIds(i), wire.getIndices(i)));
    }
    return new Entry.Taken(wire.getVersion(), wire.getSize(), keys);
  }

  private static Head head(JournalWire.Head wire) {
    if (wire.getFormat() != FORMAT) {
      throw new IllegalArgumentException("a journal of format " + wire.getFormat());
    }
    return new Head(
        wire.getCheckpoint(),
        settings(wire.getSettings()),
        state(wire.getState()),
        wire.getServedList().stream().map(JournalCodec::batch).toList(),
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
            .setPace(pace(state.pace()))
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
            .addAllWaiting(trajectories(state.waiting()));
    state.last().ifPresent(batch -> wire.setLast(batch(batch)));
    return wire.build();
  }

  private static LedgerState state(JournalWire.LedgerState wire) {
    return new LedgerState(
        wire.getVersion(),
        wire.getRewardKnown(),
        pace(wire.getPace()),
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
            .map(w -> new LedgerState.Lent(work(w), w.getHolder(), fromWire(w.getUntil())))
            .toList(),
        wire.getOverdueList().stream().map(JournalCodec::work).toList(),
        fromTrajectories(wire.getWaitingList()),
        wire.hasLast() ? Optional.of(batch(wire.getLast())) : Optional.empty());
  }

  private static JournalWire.Work lent(LedgerState.Lent lent) {
    return work(lent.work()).setHolder(lent.holder()).setUntil(toWire(lent.until())).build();
  }

  private static JournalWire.Work.Builder work(LedgerState.Work work) {
    return JournalWire.Work.newBuilder()
        .setBatchId(work.batchId())
        .setPurpose(toWire(work.purpose()))
        .addAllPrompts(prompts(work.prompts()))
        .setVersion(work.version());
  }

  private static LedgerState.Work work(JournalWire.Work wire) {
    return new LedgerState.Work(
        wire.getBatchId(),
        fromWire(wire.getPurpose()),
        fromPrompts(wire.getPromptsList()),
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

  private static ExperienceWire.Grant grant(Grant grant) {
    return ExperienceWire.Grant.newBuilder()
        .setBatchId(grant.batchId())
        .setPurpose(toWire(grant.purpose()))
        .addAllPrompts(prompts(grant.prompts()))
        .setResponses(grant.responses())
        .setLeaseUntil(toWire(grant.leaseUntil()))
        .build();
  }

  private static Grant grant(ExperienceWire.Grant wire) {
    return new Grant(
        wire.getBatchId(),
        fromWire(wire.getPurpose()),
        fromPrompts(wire.getPromptsList()),
        wire.getResponses(),
        fromWire(wire.getLeaseUntil()));
  }

  private static ExperienceWire.Batch batch(Batch batch) {
    return ExperienceWire.Batch.newBuilder()
        .setVersion(batch.version())
        .addAllTrajectories(trajectories(batch.trajectories()))
        .build();
  }

  private static Batch batch(ExperienceWire.Batch wire) {
    return new Batch(wire.getVersion(), fromTrajectories(wire.getTrajectoriesList()));
  }

  private static ExperienceWire.Pace pace(Pace pace) {
    return ExperienceWire.Pace.newBuilder()
        .setQuestions(pace.questions())
        .setValidations(pace.validations())
        .setEpisodes(pace.episodes())
        .build();
  }

  private static Pace pace(ExperienceWire.Pace wire) {
    return new Pace(wire.getQuestions(), wire.getValidations(), wire.getEpisodes());
  }

  private static List<ExperienceWire.Prompt> prompts(List<Prompt> prompts) {
    return prompts.stream().map(ExperienceCodec::toWire).toList();
  }

  private static List<Prompt> fromPrompts(List<ExperienceWire.Prompt> wire) {
    return wire.stream().map(ExperienceCodec::fromWire).toList();
  }

  private static List<ExperienceWire.Trajectory> trajectories(List<Trajectory> trajectories) {
    return trajectories.stream().map(ExperienceCodec::toWire).toList();
  }

  private static List<Trajectory> fromTrajectories(List<ExperienceWire.Trajectory> wire) {
    return wire.stream().map(ExperienceCodec::fromWire).toList();
  }
}

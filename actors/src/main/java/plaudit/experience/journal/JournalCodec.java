package plaudit.experience.journal;

import static plaudit.experience.ExperienceCodec.fromTrajectories;
import static plaudit.experience.ExperienceCodec.fromWire;
import static plaudit.experience.ExperienceCodec.toWire;
import static plaudit.experience.ExperienceCodec.trajectories;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import plaudit.snapshots.Model;
import plaudit.wire.v1.JournalWire;

/** A journal's records, which are heads and entries, as protobuf, and back. */
final class JournalCodec {

  private JournalCodec() {}

  static byte[] toBytes(Head head) {
    return JournalWire.Record.newBuilder().setHead(HeadCodec.toWire(head)).build().toByteArray();
  }

  static byte[] toBytes(Entry entry) {
    JournalWire.Record.Builder line = JournalWire.Record.newBuilder();
    if (entry instanceof Entry.Lent lent) {
      line.setLent(
          JournalWire.Lent.newBuilder()
              .setHolder(lent.holder())
              .setLoadedVersion(lent.loadedVersion())
              .setNow(toWire(lent.now()))
              .setGrant(toWire(lent.grant())));
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
      line.setPaced(JournalWire.Paced.newBuilder().setPace(toWire(paced.pace())));
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
      heads.accept(HeadCodec.fromWire(line.getHead()));
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
              fromWire(line.getLent().getGrant()));
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
      case PACED -> new Entry.Paced(fromWire(line.getPaced().getPace()));
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
}

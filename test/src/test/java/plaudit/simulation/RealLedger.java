package plaudit.simulation;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import plaudit.experience.Batch;
import plaudit.experience.Grant;
import plaudit.experience.OfferReply;
import plaudit.experience.Pace;
import plaudit.experience.Trajectory;
import plaudit.experience.journal.DurableLedger;
import plaudit.snapshots.Snapshot;

/** The real {@link DurableLedger}, in a form that a {@link Defect} can spoil. */
class RealLedger {

  private final DurableLedger ledger;

  RealLedger(DurableLedger ledger) {
    this.ledger = ledger;
  }

  Optional<Grant> lend(String holder, long loadedVersion, Instant now) {
    return ledger.lend(holder, loadedVersion, now);
  }

  OfferReply offer(long batchId, List<Trajectory> trajectories) {
    return ledger.offer(batchId, trajectories);
  }

  OfferReply asked(long batchId, int comparisons) {
    return ledger.asked(batchId, comparisons);
  }

  Optional<Batch> take(long version, int size) {
    return ledger.take(version, size);
  }

  List<Long> expire(Instant now) {
    return ledger.expire(now);
  }

  List<Long> release(String holder) {
    return ledger.release(holder);
  }

  Optional<Instant> nextExpiry() {
    return ledger.nextExpiry();
  }

  /** Other weights that the same version had before, if it had. */
  Optional<String> published(Snapshot snapshot) {
    return ledger.published(snapshot.model(), snapshot.version(), snapshot.sha256());
  }

  void checkpointed(long version) {
    ledger.checkpointed(version);
  }

  void keepPace(Pace pace) {
    ledger.keepPace(pace);
  }

  long room() {
    return ledger.ledger().room();
  }

  long version() {
    return ledger.ledger().version();
  }

  int waiting() {
    return ledger.ledger().waiting();
  }

  int lent() {
    return ledger.ledger().lent();
  }

  boolean isHeldBack() {
    return ledger.ledger().isHeldBack();
  }

  long accepted() {
    return ledger.ledger().accepted();
  }

  long taken() {
    return ledger.ledger().taken();
  }

  long dropped() {
    return ledger.ledger().dropped();
  }

  int questionsWanted() {
    return ledger.ledger().questionsWanted();
  }
}

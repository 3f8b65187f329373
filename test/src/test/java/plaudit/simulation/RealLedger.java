package plaudit.simulation;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import plaudit.experience.Decks;
import plaudit.experience.ExperienceProtocol.Batch;
import plaudit.experience.ExperienceProtocol.Grant;
import plaudit.experience.ExperienceProtocol.OfferReply;
import plaudit.experience.ExperienceProtocol.Pace;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.Ledger;
import plaudit.experience.Trajectory;

/** The real {@link Ledger}, in a form that a {@link Defect} can spoil. */
class RealLedger {

  private final Ledger ledger;

  RealLedger(ExperienceSettings settings, Decks decks, long firstBatchId) {
    this.ledger = new Ledger(settings, decks, firstBatchId);
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

  void policyPublished(long version) {
    ledger.policyPublished(version);
  }

  void rewardPublished() {
    ledger.rewardPublished();
  }

  void keepPace(Pace pace) {
    ledger.keepPace(pace);
  }

  long room() {
    return ledger.room();
  }

  long version() {
    return ledger.version();
  }

  int waiting() {
    return ledger.waiting();
  }

  int lent() {
    return ledger.lent();
  }

  boolean isHeldBack() {
    return ledger.isHeldBack();
  }

  long accepted() {
    return ledger.accepted();
  }

  long taken() {
    return ledger.taken();
  }

  long dropped() {
    return ledger.dropped();
  }

  int questionsWanted() {
    return ledger.questionsWanted();
  }
}

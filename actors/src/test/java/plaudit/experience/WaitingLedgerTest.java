package plaudit.experience;

import static org.assertj.core.api.Assertions.assertThat;
import static plaudit.experience.Examples.answers;
import static plaudit.experience.Examples.queries;
import static plaudit.experience.Examples.settings;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import plaudit.experience.OfferReply.Accepted;
import plaudit.experience.OfferReply.Stale;
import plaudit.experience.OfferReply.Superseded;
import plaudit.snapshots.Model;

/** A ledger that drops nothing; batches of 4, grants of 2. */
class WaitingLedgerTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  @Test
  void theLearnerWaitsForWorkThatWouldBeTooOldAfterItsBatch() {
    Ledger ledger = running(1, 1);
    fill(ledger, 0);
    Grant slow = borrow(ledger, 0);
    Grant slower = borrow(ledger, 0);
    learn(ledger, 0);
    fill(ledger, 1);
    assertThat(ledger.take(1, 4)).isEmpty();
    assertThat(ledger.isHeldBack()).isTrue();
    assertThat(deliver(ledger, slow, 0)).isInstanceOf(Accepted.class);
    assertThat(ledger.take(1, 4)).isEmpty();
    assertThat(deliver(ledger, slower, 0)).isInstanceOf(Accepted.class);
    assertThat(ledger.isHeldBack()).isFalse();
    Batch batch = ledger.take(1, 4).orElseThrow();
    assertThat(batch.trajectories()).allMatch(t -> t.rollout().policyVersion() == 0);
    assertThat(ledger.dropped()).isZero();
    assertThat(ledger.waiting()).isEqualTo(4);
  }

  @Test
  void workOfTheLearnersOwnVersionIsNotWaitedFor() {
    Ledger ledger = running(1, 1);
    fill(ledger, 0);
    borrow(ledger, 0);
    borrow(ledger, 0);
    assertThat(ledger.take(0, 4)).isPresent();
  }

  @Test
  void aLongerBoundWaitsLess() {
    Ledger ledger = running(1, 2);
    fill(ledger, 0);
    borrow(ledger, 0);
    borrow(ledger, 0);
    learn(ledger, 0);
    fill(ledger, 1);
    assertThat(ledger.take(1, 4)).isPresent();
  }

  @Test
  void theEndOfALeaseEndsTheWait() {
    Ledger ledger = running(1, 1);
    fill(ledger, 0);
    Grant lost = borrow(ledger, 0);
    learn(ledger, 0);
    fill(ledger, 1);
    assertThat(ledger.take(1, 4)).isEmpty();
    ledger.apply(new LedgerInput.Expire(lost.leaseUntil()));
    assertThat(ledger.take(1, 4)).isPresent();
    assertThat(borrow(ledger, 1).prompts()).isEqualTo(lost.prompts());
  }

  @Test
  void aLateDeliveryThatWouldBeTooOldIsDealtAgain() {
    Ledger ledger = running(1, 1);
    fill(ledger, 0);
    Grant lost = borrow(ledger, 0);
    learn(ledger, 0);
    fill(ledger, 1);
    ledger.apply(new LedgerInput.Expire(lost.leaseUntil()));
    learn(ledger, 1);
    assertThat(deliver(ledger, lost, 0)).isEqualTo(new Stale(lost.batchId(), 2));
    assertThat(deliver(ledger, lost, 0)).isInstanceOf(Superseded.class);
    Grant again = borrow(ledger, 2);
    assertThat(again.prompts()).isEqualTo(lost.prompts());
    assertThat(deliver(ledger, again, 2)).isInstanceOf(Accepted.class);
    assertThat(ledger.dropped()).isZero();
  }

  @Test
  void aLateDeliveryThatIsYoungEnoughCounts() {
    Ledger ledger = running(1, 1);
    fill(ledger, 0);
    Grant lost = borrow(ledger, 0);
    learn(ledger, 0);
    ledger.apply(new LedgerInput.Expire(lost.leaseUntil()));
    assertThat(deliver(ledger, lost, 0)).isInstanceOf(Accepted.class);
  }

  @Test
  void aSamplerWithOldWeightsGetsOnlyWhatCanBeServedInTime() {
    Ledger ledger = running(1, 1);
    fill(ledger, 0);
    learn(ledger, 0);
    borrow(ledger, 0);
    borrow(ledger, 0);
    assertThat(ledger.room()).isEqualTo(4);
    assertThat(ledger.lend("s", 0, NOON)).isEmpty();
    assertThat(ledger.lend("s", 1, NOON)).isPresent();
  }

  @Test
  void aResponseOlderThanItsSamplerSaidIsNotTakenIfItWouldComeTooLate() {
    Ledger ledger = running(0, 0);
    fill(ledger, 0);
    learn(ledger, 0);
    Grant grant = borrow(ledger, 1);
    assertThat(deliver(ledger, grant, 0)).isInstanceOf(Stale.class);
    assertThat(borrow(ledger, 1).prompts()).isEqualTo(grant.prompts());
  }

  /** Version 1 was made from a batch of the ledger before this one. */
  @Test
  void whatABatchOfAnEarlierLedgerOvertookIsRecalledOrDropped() {
    Ledger ledger = running(0, 0);
    deliver(ledger, borrow(ledger, 0), 0);
    Grant out = borrow(ledger, 0);
    ledger.policyPublished(1);
    assertThat(ledger.dropped()).isEqualTo(2);
    assertThat(ledger.lent()).isZero();
    assertThat(ledger.room()).isEqualTo(2);
    assertThat(borrow(ledger, 1).prompts()).isEqualTo(out.prompts());
    assertThat(deliver(ledger, out, 0)).isInstanceOf(Superseded.class);
  }

  private static Ledger running(int eta, int maxStaleness) {
    Ledger ledger =
        new Ledger(
            settings(eta, maxStaleness).holdingBy(OnStale.WAIT), PromptStreams.of(queries(30), 1));
    ledger.apply(new LedgerInput.Published(Model.REWARD, 0, ""));
    ledger.apply(new LedgerInput.KeepPace(Pace.FREE));
    return ledger;
  }

  private static Grant borrow(Ledger ledger, long loadedVersion) {
    return ledger.lend("s", loadedVersion, NOON).orElseThrow();
  }

  private static OfferReply deliver(Ledger ledger, Grant grant, long version) {
    return ledger.offer(grant.batchId(), answers(grant.prompts(), version));
  }

  private static void fill(Ledger ledger, long version) {
    deliver(ledger, borrow(ledger, version), version);
    deliver(ledger, borrow(ledger, version), version);
  }

  private static void learn(Ledger ledger, long version) {
    assertThat(ledger.take(version, 4)).isPresent();
    ledger.policyPublished(version + 1);
  }
}

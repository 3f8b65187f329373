package plaudit.experience;

import static org.assertj.core.api.Assertions.assertThat;
import static plaudit.experience.Examples.answers;
import static plaudit.experience.Examples.queries;
import static plaudit.experience.Examples.settings;
import static plaudit.experience.Examples.trajectory;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import plaudit.experience.OfferReply.Accepted;
import plaudit.experience.OfferReply.Stale;
import plaudit.experience.OfferReply.Superseded;
import plaudit.snapshots.Model;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

class LedgerTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  @Test
  void thereIsNoPolicyWorkBeforeARewardModel() {
    Ledger ledger = ledger(settings(0, 0));
    ledger.apply(new LedgerInput.KeepPace(new Pace(0, 0, 100)));
    assertThat(ledger.lend("s", 0, NOON)).isEmpty();
    ledger.apply(new LedgerInput.Published(Model.REWARD, 0, ""));
    assertThat(ledger.lend("s", 0, NOON)).isPresent();
  }

  @Test
  void enoughLabelsAreNoRewardModelYet() {
    Ledger ledger = ledger(settings(0, 0));
    ledger.apply(new LedgerInput.KeepPace(new Pace(0, 0, Pace.ALL_EPISODES)));
    assertThat(ledger.lend("s", 0, NOON)).isEmpty();
    ledger.apply(new LedgerInput.Published(Model.REWARD, 0, ""));
    assertThat(ledger.lend("s", 0, NOON)).isPresent();
  }

  @Test
  void aRunWithoutPeopleNeedsNoRewardModel() {
    Ledger ledger = ledger(settings(0, 0));
    ledger.apply(new LedgerInput.KeepPace(Pace.FREE));
    assertThat(ledger.lend("s", 0, NOON)).isPresent();
  }

  @Test
  void thereIsNoPolicyWorkBeforeAWordAboutLabels() {
    Ledger ledger = ledger(settings(0, 0).startingAt(Start.at(3)));
    ledger.apply(new LedgerInput.Published(Model.REWARD, 0, ""));
    assertThat(ledger.lend("s", 3, NOON)).isEmpty();
    ledger.apply(new LedgerInput.KeepPace(new Pace(0, 0, 13)));
    assertThat(borrow(ledger, 3).prompts()).hasSize(1);
  }

  @Test
  void roomIsOneBatchMoreThanEtaAheadOfTheVersion() {
    Ledger synchronous = running(settings(0, 0));
    assertThat(synchronous.room()).isEqualTo(4);
    assertThat(running(settings(2, 2)).room()).isEqualTo(12);
    borrow(synchronous, 0);
    assertThat(synchronous.room()).isEqualTo(2);
    borrow(synchronous, 0);
    assertThat(synchronous.lend("s", 0, NOON)).isEmpty();
  }

  @Test
  void theNextVersionMakesRoomForABatch() {
    Ledger ledger = running(settings(0, 0));
    fill(ledger, 0);
    assertThat(ledger.take(0, 4)).isPresent();
    assertThat(ledger.room()).isZero();
    assertThat(ledger.taken()).isEqualTo(4);
    ledger.policyPublished(1);
    assertThat(ledger.room()).isEqualTo(4);
  }

  @Test
  void aSamplerWithOldWeightsWaits() {
    Ledger ledger = running(settings(1, 1));
    ledger.policyPublished(2);
    assertThat(ledger.lend("s", 0, NOON)).isEmpty();
    assertThat(ledger.lend("s", 1, NOON)).isPresent();
  }

  @Test
  void questionsGoBeforePolicyWorkAndNoMoreThanWanted() {
    Ledger ledger = running(settings(0, 0));
    ask(ledger, 3);
    Grant first = borrow(ledger, 0);
    Grant second = borrow(ledger, 0);
    Grant third = borrow(ledger, 0);
    assertThat(first.purpose()).isEqualTo(Purpose.QUESTION);
    assertThat(first.responses()).isEqualTo(4);
    assertThat(first.prompts()).hasSize(2);
    assertThat(second.prompts()).hasSize(1);
    assertThat(third.purpose()).isEqualTo(Purpose.POLICY);
    assertThat(third.responses()).isEqualTo(1);
  }

  @Test
  void questionsNeedNoRewardModelAndNoFreshWeights() {
    Ledger ledger = ledger(settings(0, 0));
    ledger.policyPublished(5);
    ask(ledger, 1);
    assertThat(ledger.lend("s", 0, NOON)).isPresent();
  }

  @Test
  void aQuestionThatFailedIsAskedWithAnotherPrompt() {
    Ledger ledger = ledger(settings(0, 0));
    ask(ledger, 2);
    Grant grant = borrow(ledger, 0);
    assertThat(ledger.asked(grant.batchId(), 1)).isEqualTo(new Accepted(grant.batchId()));
    assertThat(ledger.questionsWanted()).isEqualTo(1);
    Grant next = borrow(ledger, 0);
    assertThat(next.prompts()).hasSize(1).doesNotContainAnyElementsOf(grant.prompts());
    assertThat(ledger.asked(grant.batchId(), 1)).isEqualTo(new Superseded(grant.batchId()));
    assertThat(ledger.questionsWanted()).isEqualTo(1);
  }

  @Test
  void whatWasAskedBeforeARestartIsNotAskedAgain() {
    Ledger ledger = ledger(settings(0, 0).startingAt(new Start(2, 7, 1)));
    ledger.apply(new LedgerInput.KeepPace(new Pace(8, 2, 0)));
    assertThat(ledger.questionsWanted()).isEqualTo(2);
    ledger.apply(new LedgerInput.KeepPace(new Pace(7, 1, 0)));
    assertThat(ledger.lend("s", 2, NOON)).isEmpty();
  }

  @Test
  void validationQuestionsAreAskedOnceThePolicyIsNotTheReferenceAnyMore() {
    Ledger ledger = ledger(settings(0, 0));
    ledger.apply(new LedgerInput.KeepPace(new Pace(0, 1, Long.MAX_VALUE)));
    assertThat(ledger.lend("s", 0, NOON)).isEmpty();
    ledger.policyPublished(1);
    Grant grant = borrow(ledger, 1);
    assertThat(grant.purpose()).isEqualTo(Purpose.VALIDATION);
    assertThat(grant.responses()).isEqualTo(4);
    assertThat(grant.prompts().get(0).id()).isEqualTo(ShuffledPrompts.FIRST_VALIDATION);
    assertThat(ledger.asked(grant.batchId(), 1)).isInstanceOf(Accepted.class);
    assertThat(ledger.questionsWanted()).isZero();
  }

  @Test
  void thePolicyWaitsWhereTheLabelsEnd() {
    Ledger ledger = running(settings(2, 2));
    ledger.apply(new LedgerInput.KeepPace(new Pace(0, 0, 3)));
    assertThat(borrow(ledger, 0).prompts()).hasSize(2);
    assertThat(borrow(ledger, 0).prompts()).hasSize(1);
    assertThat(ledger.lend("s", 0, NOON)).isEmpty();
    ledger.apply(new LedgerInput.KeepPace(new Pace(0, 0, 12)));
    assertThat(ledger.room()).isEqualTo(9);
  }

  @Test
  void aDeliveryCountsOnce() {
    Ledger ledger = running(settings(0, 0));
    Grant grant = borrow(ledger, 0);
    assertThat(deliver(ledger, grant, 0)).isEqualTo(new Accepted(grant.batchId()));
    assertThat(deliver(ledger, grant, 0)).isEqualTo(new Superseded(grant.batchId()));
    assertThat(ledger.accepted()).isEqualTo(2);
    assertThat(ledger.superseded()).isEqualTo(1);
    assertThat(ledger.lent()).isZero();
  }

  @Test
  void aBatchOfQuestionsIsNoTrajectoryDelivery() {
    Ledger ledger = ledger(settings(0, 0));
    ask(ledger, 2);
    Grant grant = borrow(ledger, 0);
    assertThat(deliver(ledger, grant, 0)).isInstanceOf(Superseded.class);
    assertThat(ledger.asked(grant.batchId(), 2)).isInstanceOf(Accepted.class);
  }

  @Test
  void workThatRunsOutIsGrantedAgainUnderAnotherId() {
    Ledger ledger = running(settings(0, 0));
    Grant first = borrow(ledger, 0);
    assertThat(ledger.nextExpiry()).contains(first.leaseUntil());
    assertThat(ledger.apply(new LedgerInput.Expire(first.leaseUntil())))
        .isEqualTo(new LedgerOutcome.Recalled(List.of(first.batchId())));
    Grant second = ledger.lend("t", 0, first.leaseUntil()).orElseThrow();
    assertThat(second.prompts()).isEqualTo(first.prompts());
    assertThat(second.batchId()).isNotEqualTo(first.batchId());
    assertThat(deliver(ledger, first, 0)).isInstanceOf(Superseded.class);
    assertThat(deliver(ledger, second, 0)).isInstanceOf(Accepted.class);
    assertThat(ledger.accepted()).isEqualTo(2);
  }

  @Test
  void aLateDeliveryCountsWhileNobodyElseHasTheWork() {
    Ledger ledger = running(settings(0, 0));
    Grant grant = borrow(ledger, 0);
    ledger.apply(new LedgerInput.Release("s"));
    assertThat(deliver(ledger, grant, 0)).isInstanceOf(Accepted.class);
    assertThat(borrow(ledger, 0).prompts()).doesNotContainAnyElementsOf(grant.prompts());
  }

  @Test
  void overdueWorkKeepsItsRoom() {
    Ledger ledger = running(settings(0, 0));
    Grant grant = borrow(ledger, 0);
    ledger.apply(new LedgerInput.Release("s"));
    assertThat(ledger.room()).isEqualTo(2);
    assertThat(ledger.lent()).isZero();
    assertThat(borrow(ledger, 0).prompts()).isEqualTo(grant.prompts());
    borrow(ledger, 0);
    assertThat(ledger.lend("s", 0, NOON)).isEmpty();
  }

  @Test
  void whatADeliveryLeavesOutIsDealtAgain() {
    Ledger ledger = running(settings(0, 0));
    Grant grant = borrow(ledger, 0);
    List<Prompt> prompts = grant.prompts();
    List<Trajectory> half =
        List.of(
            trajectory(prompts.get(0).id(), 0),
            trajectory(prompts.get(0).id(), 0),
            trajectory(999, 0));
    assertThat(ledger.offer(grant.batchId(), half)).isInstanceOf(Accepted.class);
    assertThat(ledger.accepted()).isEqualTo(1);
    assertThat(borrow(ledger, 0).prompts()).isEqualTo(prompts.subList(1, 2));
  }

  @Test
  void aDeliveryBeyondTheHardBoundIsStaleAndFreesItsRoom() {
    Ledger ledger = running(settings(1, 1));
    Grant grant = borrow(ledger, 0);
    ledger.policyPublished(2);
    assertThat(deliver(ledger, grant, 0)).isEqualTo(new Stale(grant.batchId(), 2));
    assertThat(ledger.dropped()).isEqualTo(2);
    assertThat(ledger.waiting()).isZero();
    assertThat(ledger.room()).isEqualTo(8);
  }

  @Test
  void whatGetsTooOldWhileItWaitsIsDroppedAndReplaced() {
    Ledger ledger = running(settings(1, 1));
    deliver(ledger, borrow(ledger, 0), 0);
    assertThat(ledger.room()).isEqualTo(6);
    ledger.policyPublished(2);
    assertThat(ledger.waiting()).isZero();
    assertThat(ledger.dropped()).isEqualTo(2);
    assertThat(ledger.room()).isEqualTo(8);
  }

  @Test
  void theLearnerIsServedTheOldestFirst() {
    Ledger ledger = running(settings(1, 1));
    Grant a = borrow(ledger, 0);
    Grant b = borrow(ledger, 0);
    ledger.policyPublished(1);
    Grant c = borrow(ledger, 1);
    deliver(ledger, c, 1);
    deliver(ledger, b, 0);
    assertThat(ledger.take(1, 5)).isEmpty();
    deliver(ledger, a, 0);
    Batch batch = ledger.take(1, 4).orElseThrow();
    List<Trajectory> expected = new ArrayList<>(answers(a.prompts(), 0));
    expected.addAll(answers(b.prompts(), 0));
    assertThat(batch).isEqualTo(new Batch(1, expected));
    assertThat(ledger.waiting()).isEqualTo(2);
  }

  @Test
  void theLearnersVersionIsNewsToo() {
    Ledger ledger = running(settings(0, 0));
    assertThat(ledger.take(3, 4)).isEmpty();
    assertThat(ledger.version()).isEqualTo(3);
  }

  @Test
  void aLearnerThatLostItsBatchGetsItAgain() {
    Ledger ledger = running(settings(1, 1));
    fill(ledger, 0);
    Batch lost = ledger.take(0, 4).orElseThrow();
    fill(ledger, 0);
    long room = ledger.room();
    assertThat(ledger.take(0, 4)).contains(lost);
    assertThat(ledger.room()).isEqualTo(room);
    assertThat(ledger.taken()).isEqualTo(4);
    ledger.policyPublished(1);
    Batch second = ledger.take(1, 4).orElseThrow();
    assertThat(second.trajectories()).doesNotContainAnyElementsOf(lost.trajectories());
  }

  @Test
  void aQuestionAboutAVersionThatIsOverTakesNothing() {
    Ledger ledger = running(settings(1, 1));
    fill(ledger, 0);
    ledger.policyPublished(1);
    assertThat(ledger.take(0, 4)).isEmpty();
    assertThat(ledger.waiting()).isEqualTo(4);
    assertThat(ledger.take(1, 4)).isPresent();
  }

  /** Whoever wrote for a ledger that is dead must not be taken for one who writes for this one. */
  @Test
  void aDeliveryForAnEarlierLedgerIsSuperseded() {
    Grant old = borrow(running(settings(0, 0)), 0);
    Ledger ledger = new Ledger(settings(0, 0), PromptStreams.of(queries(30), 1), old.batchId() + 1);
    ledger.apply(new LedgerInput.Published(Model.REWARD, 0, ""));
    ledger.apply(new LedgerInput.KeepPace(Pace.FREE));
    Grant grant = borrow(ledger, 0);
    assertThat(deliver(ledger, old, 0)).isInstanceOf(Superseded.class);
    assertThat(deliver(ledger, grant, 0)).isInstanceOf(Accepted.class);
  }

  @Test
  void aRunEndsAfterItsEpisodes() {
    ExperienceSettings limited =
        new ExperienceSettings(4, 1, 1, 2, 2, 4, Duration.ofMinutes(1), 5, Start.FRESH);
    Ledger ledger = running(limited);
    fill(ledger, 0);
    assertThat(borrow(ledger, 0).prompts()).hasSize(1);
    assertThat(ledger.take(0, 4)).isPresent();
    ledger.policyPublished(1);
    assertThat(ledger.lend("s", 1, NOON)).isEmpty();
  }

  @Test
  void aResumedRunGoesOnInTheStream() {
    Ledger ledger = running(settings(0, 0).startingAt(Start.at(3)));
    assertThat(ledger.room()).isEqualTo(4);
    assertThat(ledger.accepted()).isEqualTo(12);
    assertThat(borrow(ledger, 3).prompts().get(0).id()).isEqualTo(12);
  }

  /** Its learner died before a checkpoint: what it would write belongs to nobody's version 5. */
  @Test
  void aSamplerWithWeightsFromTheFutureWaits() {
    Ledger ledger = running(settings(1, 1));
    assertThat(ledger.lend("s", 5, NOON)).isEmpty();
    assertThat(ledger.lend("s", 0, NOON)).isPresent();
  }

  @Test
  void aLedgerThatStartsAnewGoesOnFromTheNewestVersion() {
    Ledger ledger = running(settings(0, 0));
    ledger.policyPublished(3);
    assertThat(ledger.room()).isEqualTo(4);
    assertThat(ledger.accepted()).isEqualTo(12);
    assertThat(borrow(ledger, 3).prompts().get(0).id()).isEqualTo(12);
  }

  @Test
  void groupsAreDealtAcceptedAndServedWhole() {
    ExperienceSettings groups =
        new ExperienceSettings(
            4, 0, 0, 4, 2, 4, Duration.ofMinutes(1), 0, Start.at(3), 2, OnStale.DROP);
    Ledger ledger = running(groups);
    Grant grant = borrow(ledger, 3);
    assertThat(grant.prompts()).extracting(Prompt::id).containsExactly(6L, 7L);
    assertThat(grant.responses()).isEqualTo(2);
    assertThat(ledger.lent()).isEqualTo(4);
    assertThat(ledger.room()).isZero();
    List<Trajectory> all = answers(grant.prompts(), 3, 2);
    assertThat(ledger.offer(grant.batchId(), all.subList(0, 3))).isInstanceOf(Accepted.class);
    assertThat(ledger.waiting()).isEqualTo(2);
    assertThat(ledger.take(3, 4)).isEmpty();
    Grant again = borrow(ledger, 3);
    assertThat(again.prompts()).isEqualTo(grant.prompts().subList(1, 2));
    ledger.offer(again.batchId(), answers(again.prompts(), 3, 2));
    assertThat(ledger.take(3, 4).orElseThrow().trajectories()).isEqualTo(all);
  }

  /** Swapped in flight: one response ends before the newer version takes over, the other after. */
  @Test
  void aGroupThatANewerVersionWentOnWithIsWhole() {
    Ledger ledger = running(pairs());
    Grant grant = borrow(ledger, 3);
    long prompt = grant.prompts().get(0).id();
    Trajectory brief = oneToken(prompt, 3);
    Trajectory swapped = indexed(trajectory(prompt, 3, 4), 1);
    ledger.offer(grant.batchId(), List.of(brief, swapped));
    assertThat(ledger.waiting()).isEqualTo(2);
  }

  @Test
  void responsesOfTwoDecodingsAreNoGroup() {
    Ledger ledger = running(pairs());
    Grant grant = borrow(ledger, 3);
    List<Trajectory> mixed =
        List.of(
            trajectory(grant.prompts().get(0).id(), 3, 3),
            indexed(trajectory(grant.prompts().get(0).id(), 3, 4), 1),
            oneToken(grant.prompts().get(1).id(), 3),
            indexed(trajectory(grant.prompts().get(1).id(), 4, 4), 1));
    ledger.offer(grant.batchId(), mixed);
    assertThat(ledger.waiting()).isZero();
    assertThat(borrow(ledger, 3).prompts()).isEqualTo(grant.prompts());
  }

  @Test
  void theOldestTokenCountsForTheHardBound() {
    Ledger ledger = running(settings(1, 1));
    Grant grant = borrow(ledger, 0);
    ledger.policyPublished(2);
    List<Trajectory> late = answers(grant.prompts(), 0, 2, 1);
    assertThat(ledger.offer(grant.batchId(), late)).isEqualTo(new Stale(grant.batchId(), 2));
  }

  /** Two prompts in a batch, two responses to each. */
  private static ExperienceSettings pairs() {
    return new ExperienceSettings(
        4, 1, 1, 4, 2, 4, Duration.ofMinutes(1), 0, Start.at(3), 2, OnStale.DROP);
  }

  private static Trajectory indexed(Trajectory trajectory, int index) {
    return new Trajectory(
        trajectory.rollout().withIndex(index), trajectory.refLogprobs(), 1, true, 0);
  }

  private static Trajectory oneToken(long promptId, long version) {
    PerToken zero = PerToken.of(0);
    return new Trajectory(
        new Rollout(promptId, 0, Tokens.of(7), Tokens.of(1), zero, zero, version),
        zero,
        1,
        true,
        0);
  }

  private static Ledger ledger(ExperienceSettings settings) {
    return new Ledger(settings, PromptStreams.of(queries(30), 1));
  }

  private static void ask(Ledger ledger, int questions) {
    ledger.apply(new LedgerInput.KeepPace(new Pace(questions, 0, Long.MAX_VALUE)));
  }

  private static Ledger running(ExperienceSettings settings) {
    Ledger ledger = ledger(settings);
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
    for (int i = 0; i < 2; i++) {
      Optional<Grant> grant = ledger.lend("s", version, NOON);
      deliver(ledger, grant.orElseThrow(), version);
    }
  }
}

package plaudit.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.store.StoredJudgment.Disposition;
import plaudit.input.InvalidInputException;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Label;
import plaudit.labels.actor.LabelStore;

class JdbcLabelsTest {

  private static final Labeler ANNA = new Labeler("acme", "anna");
  private static final Labeler BEN = new Labeler("acme", "ben");
  private static final Labeler OTTO = new Labeler("other", "otto");
  private static final Holder HOLDER = Holder.program("acme");

  private final Path directory;
  private final Stores.Hand clock = new Stores.Hand();
  private JdbcLabels labels;

  JdbcLabelsTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void open() {
    labels = Stores.open(Stores.settings(directory), clock);
  }

  @AfterEach
  void close() {
    labels.close();
  }

  @Test
  void aStoreHasTheLabelsOfTheRunThatBeganFirstOnIt() {
    assertThat(labels.run()).isEmpty();
    assertThat(labels.beginRun("a1", false)).isEmpty();
    labels.ask(Comparisons.some("c", 1));

    assertThat(labels.beginRun("a1", true)).as("resumed").isEmpty();
    assertThat(labels.beginRun("b2", false)).get().asString().contains("the labels of run a1");
    assertThat(labels.run()).contains("a1");
  }

  @Test
  void questionsOfAnEarlierReleaseAreThoseOfARunThatIsResumed() {
    labels.ask(Comparisons.some("c", 1));

    assertThat(labels.beginRun("a1", false)).get().asString().contains("an earlier release");
    assertThat(labels.run()).isEmpty();
    assertThat(labels.beginRun("a1", true)).isEmpty();
  }

  @Test
  void aJudgmentBecomesTheLabelOfTheResponseThatWasShownUnderTheChosenName() {
    Comparison comparison = Comparisons.one("c");
    labels.ask(List.of(comparison));
    Lease lease = lease(ANNA);
    int chosen = 2;
    StoredJudgment stored = recorded(judge(ANNA, lease, "c"));

    assertThat(stored.disposition()).isEqualTo(Disposition.ADMITTED);
    List<Label> read = labels.labelsAfter(0, 10);
    assertThat(read).hasSize(1);
    assertThat(read.get(0).sequence()).isEqualTo(1);
    assertThat(read.get(0).comparison()).isEqualTo(comparison);
    assertThat(read.get(0).judgment().choice()).isEqualTo(new Choice.Best(chosen));
    assertThat(read.get(0).judgment().vendor()).isEqualTo("acme");
  }

  @Test
  void someComparisonsArePutToSeveralPeople(@TempDir Path other) {
    StoreSettings settings = Stores.settings(other).withRepeats(new StoreSettings.Repeats(0.5, 2));
    try (JdbcLabels repeating = Stores.open(settings, clock)) {
      List<Comparison> asked = Comparisons.some("c", 20);
      repeating.ask(asked);
      for (Labeler labeler : List.of(ANNA, BEN)) {
        LeaseOutcome.Granted granted = (LeaseOutcome.Granted) repeating.lease(labeler, 20);
        granted
            .leases()
            .forEach(lease -> repeating.judge(labeler, submission(lease, "a"), Optional.empty()));
      }
      long twice = asked.stream().filter(c -> settings.overlapOf(c.id()) == 2).count();
      assertThat(twice).isBetween(4L, 16L);
      assertThat(repeating.labelsAfter(0, 100)).hasSize((int) (20 + twice));
      assertThat(repeating.status().judged()).isEqualTo(20);
    }
  }

  @Test
  void aRestartedRunLearnsWhatWasAskedUnderAPrefix() {
    labels.ask(Comparisons.some("q", 3));
    labels.ask(Comparisons.some("v", 1));
    assertThat(labels.asked("q").comparisons()).isEqualTo(3);
    assertThat(labels.asked("q").newest()).contains(Comparisons.some("q", 3).get(2).id());
    assertThat(labels.asked("x")).isEqualTo(new LabelStore.Asked(0, Optional.empty()));
  }

  @Test
  void aTaskIsHeldByOneLabelerAtATime() {
    labels.ask(Comparisons.some("c", 1));
    assertThat(leases(ANNA, 1)).hasSize(1);
    assertThat(leases(BEN, 1)).isEmpty();
    assertThat(labels.status().leased()).isEqualTo(1);
  }

  @Test
  void aLeaseThatRanOutGoesToSomebodyElseUnderAHigherEpoch() {
    labels.ask(Comparisons.some("c", 1));
    Lease first = lease(ANNA);
    clock.forward(Duration.ofMinutes(11));
    Lease second = lease(BEN);
    assertThat(second.task().comparisonId()).isEqualTo(first.task().comparisonId());
    assertThat(second.epoch()).isEqualTo(first.epoch() + 1);
  }

  @Test
  void aLateJudgmentIsAdmittedAndTheHolderOfTheNewLeaseIsSurplus() {
    labels.ask(Comparisons.some("c", 1));
    Lease first = lease(ANNA);
    clock.forward(Duration.ofMinutes(11));
    Lease second = lease(BEN);

    StoredJudgment late = recorded(judge(ANNA, first, "a"));
    assertThat(late.late()).isTrue();
    assertThat(late.disposition()).isEqualTo(Disposition.ADMITTED);
    StoredJudgment surplus = recorded(judge(BEN, second, "b"));
    assertThat(surplus.late()).isFalse();
    assertThat(surplus.disposition()).isEqualTo(Disposition.SURPLUS);
    assertThat(labels.labelsAfter(0, 10)).hasSize(1);
    assertThat(labels.list("acme", null, null, 10).orElseThrow().items()).hasSize(2);
  }

  @Test
  void aLabelerWithANewerLeaseOfTheSameTaskIsToldSo() {
    labels.ask(Comparisons.some("c", 1));
    Lease first = lease(ANNA);
    clock.forward(Duration.ofMinutes(11));
    Lease second = lease(ANNA);
    assertThat(judge(ANNA, first, "a")).isInstanceOf(JudgeOutcome.LeaseSuperseded.class);
    assertThat(recorded(judge(ANNA, second, "a")).late()).isFalse();
  }

  @Test
  void anExtensionKeepsTheLeaseAndHasAnEnd() {
    labels.ask(Comparisons.some("c", 1));
    Lease lease = lease(ANNA);
    for (int i = 0; i < labels.settings().extensions(); i++) {
      clock.forward(Duration.ofMinutes(9));
      assertThat(labels.extend(HOLDER, lease.leaseId())).isInstanceOf(ExtendOutcome.Extended.class);
    }
    assertThat(labels.extend(HOLDER, lease.leaseId()))
        .isEqualTo(new ExtendOutcome.Over("extensions: 60 (expected: < 60)"));
    assertThat(labels.extend(Holder.program("other"), lease.leaseId()))
        .isInstanceOf(ExtendOutcome.Unknown.class);
    assertThat(recorded(judge(ANNA, lease, "a")).late()).isFalse();
  }

  @Test
  void aReleasedTaskIsOpenAgainAndReleasingTwiceIsTheSame() {
    labels.ask(Comparisons.some("c", 1));
    Lease lease = lease(ANNA);
    assertThat(labels.release(HOLDER, lease.leaseId())).isEqualTo(TaskOutcome.DONE);
    assertThat(labels.release(HOLDER, lease.leaseId())).isEqualTo(TaskOutcome.DONE);
    assertThat(labels.release(Holder.program("other"), lease.leaseId()))
        .isEqualTo(TaskOutcome.UNKNOWN);
    assertThat(leases(BEN, 1)).hasSize(1);
  }

  @Test
  void whatAVendorHoldsCanBeHandedBackAtOnceAndNothingElse() {
    labels.ask(Comparisons.some("c", 3));
    lease(ANNA);
    lease(BEN);
    Labeler other = new Labeler("other", "carl");
    lease(other);

    assertThat(labels.releaseAll("acme")).isEqualTo(2);

    assertThat(labels.status().open()).isEqualTo(2);
    assertThat(labels.status().leased()).isEqualTo(1);
    assertThat(labels.releaseAll("acme")).isZero();
  }

  @Test
  void aSkippedTaskComesBackToOthersOnly() {
    labels.ask(Comparisons.some("c", 1));
    Lease lease = lease(ANNA);
    assertThat(labels.skip(ANNA, lease.task().taskId(), new Remark("UNCLEAR", "")))
        .isEqualTo(TaskOutcome.DONE);
    assertThat(leases(ANNA, 1)).isEmpty();
    assertThat(leases(BEN, 1)).hasSize(1);
    assertThat(labels.skip(ANNA, "tk_unknown", new Remark("UNCLEAR", "")))
        .isEqualTo(TaskOutcome.UNKNOWN);
  }

  @Test
  void enoughFlagsWithdrawATask() {
    labels.ask(Comparisons.some("c", 1));
    labels.flag(ANNA, lease(ANNA).task().taskId(), new Remark("HARMFUL", "x"));
    labels.flag(OTTO, lease(OTTO).task().taskId(), new Remark("HARMFUL", "y"));
    assertThat(leases(new Labeler("acme", "carl"), 1)).isEmpty();
    assertThat(labels.status().open()).isZero();
    assertThat(labels.stats("acme").flagged()).isEqualTo(1);
  }

  @Test
  void labelersThatAVendorInventsWithdrawNothing() {
    labels.ask(Comparisons.some("c", 1));
    for (Labeler invented : List.of(ANNA, BEN, new Labeler("acme", "carl"))) {
      labels.flag(invented, lease(invented).task().taskId(), new Remark("HARMFUL", ""));
    }
    assertThat(leases(OTTO, 1)).hasSize(1);
  }

  @Test
  void whoAsksForMoreThanItMayHoldGetsWhatIsLeftAndThenNothing() {
    labels.close();
    labels = Stores.open(Stores.settings(directory).withHeld(new StoreSettings.Held(3, 4)), clock);
    labels.ask(Comparisons.some("c", 9));
    List<Lease> anna = leases(ANNA, 9);
    assertThat(anna).hasSize(3);
    assertThat(leases(BEN, 9)).hasSize(1);
    assertThat(labels.lease(ANNA, 1)).isEqualTo(new LeaseOutcome.TooManyLeases(3, 4));
    assertThat(labels.lease(BEN, 1)).isEqualTo(new LeaseOutcome.TooManyLeases(1, 4));
    assertThat(leases(OTTO, 9)).hasSize(3);
    recorded(judge(ANNA, anna.get(0), "a"));
    assertThat(leases(ANNA, 9)).hasSize(1);
    clock.forward(Duration.ofMinutes(11));
    assertThat(leases(BEN, 1)).hasSize(1);
  }

  @Test
  void aLeaseBelongsToOneLabelerAndNothingIsStoredUnderAnother() {
    labels.ask(Comparisons.some("c", 1));
    Lease lease = lease(ANNA);
    assertThat(judge(BEN, lease, "a")).isEqualTo(new JudgeOutcome.LeaseOfAnotherLabeler());
    Holder ben = new Holder("acme", "ben", false);
    assertThat(labels.extend(ben, lease.leaseId())).isEqualTo(new ExtendOutcome.OfAnotherLabeler());
    assertThat(labels.release(ben, lease.leaseId())).isEqualTo(TaskOutcome.OF_ANOTHER_LABELER);
    Remark remark = new Remark("HARMFUL", "");
    assertThat(labels.skip(BEN, lease.task().taskId(), remark))
        .isEqualTo(TaskOutcome.OF_ANOTHER_LABELER);
    assertThat(labels.flag(BEN, lease.task().taskId(), remark))
        .isEqualTo(TaskOutcome.OF_ANOTHER_LABELER);
    assertThat(labels.flag(OTTO, lease.task().taskId(), remark)).isEqualTo(TaskOutcome.UNKNOWN);
    assertThat(labels.labelsAfter(0, 10)).isEmpty();
    assertThat(recorded(judge(ANNA, lease, "a")).disposition()).isEqualTo(Disposition.ADMITTED);
  }

  @Test
  void aVendorHasNoMoreLabelersThanItMay() {
    labels.close();
    labels = Stores.open(Stores.settings(directory).withLabelersPerVendor(2), clock);
    labels.ask(Comparisons.some("c", 9));
    Labeler carl = new Labeler("acme", "carl");
    assertThat(leases(ANNA, 1)).hasSize(1);
    assertThat(leases(BEN, 1)).hasSize(1);
    assertThat(labels.lease(carl, 1)).isEqualTo(new LeaseOutcome.TooManyLabelers());
    assertThat(leases(ANNA, 1)).hasSize(1);
    assertThat(leases(OTTO, 1)).hasSize(1);
  }

  @Test
  void whoOnlyAsksAndGetsNothingIsNotRegistered() {
    labels.close();
    labels = Stores.open(Stores.settings(directory).withLabelersPerVendor(1), clock);
    assertThat(leases(BEN, 1)).isEmpty();
    labels.ask(Comparisons.some("c", 1));
    assertThat(leases(ANNA, 1)).hasSize(1);
  }

  @Test
  void aSecretIsMadeOnceAndEachNameHasItsOwn() {
    byte[] secret = labels.secret("sessions");
    assertThat(secret).hasSize(32).isNotEqualTo(labels.secret("other"));
    labels.close();
    labels = Stores.open(Stores.settings(directory), clock);
    assertThat(labels.secret("sessions")).isEqualTo(secret);
  }

  @Test
  void namesOutsideDoNotTellWhatAComparisonIsFor() {
    labels.ask(List.of(Comparisons.one("v17")));
    Lease lease = lease(ANNA);
    StoredJudgment stored = recorded(judge(ANNA, lease, "a"));
    assertThat(lease.task().comparisonId())
        .matches("cm_[0-9a-z]{20}")
        .isEqualTo(stored.comparisonId());
    assertThat(labels.labelsAfter(0, 1).get(0).comparison().id()).isEqualTo("v17");
  }

  @Test
  void aBatchStoresWhatItCanAndAnswersRowByRow() {
    labels.ask(Comparisons.some("c", 3));
    List<Lease> leases = leases(ANNA, 3);
    Submission first = submission(leases.get(0), "a");
    List<JudgeOutcome> outcomes =
        labels.judgeAll(
            List.of(
                new Submitted(ANNA, first),
                new Submitted(ANNA, submission(leases.get(1), "ch_other", null)),
                new Submitted(BEN, submission(leases.get(1), "a")),
                new Submitted(ANNA, first),
                new Submitted(ANNA, submission(leases.get(0), "b")),
                new Submitted(OTTO, submission(leases.get(1), "a")),
                new Submitted(ANNA, submission(leases.get(2), "c"))));
    StoredJudgment stored = recorded(outcomes.get(0));
    assertThat(outcomes.subList(1, 6))
        .containsExactly(
            new JudgeOutcome.UnknownChoice("ch_other"),
            new JudgeOutcome.LeaseOfAnotherLabeler(),
            new JudgeOutcome.Repeated(stored),
            new JudgeOutcome.Conflict(stored),
            new JudgeOutcome.Unknown());
    recorded(outcomes.get(6));
    assertThat(labels.labelsAfter(0, 10)).extracting(Label::sequence).containsExactly(1L, 2L);
    assertThat(labels.judgeAll(List.of())).isEmpty();
  }

  @Test
  void aTimeBeforeThereWereSuchThingsIsRefusedAndNothingStored() {
    labels.ask(Comparisons.some("c", 1));
    Lease lease = lease(ANNA);
    for (Instant never : List.of(Instant.MIN, Instant.MAX, Instant.EPOCH)) {
      Submission submission =
          new Submission(
              lease.leaseId(),
              lease.epoch(),
              new SubmittedChoice.Chosen(choice(lease, "a")),
              null,
              null,
              never,
              null);
      assertThat(labels.judge(ANNA, submission, Optional.empty()))
          .isInstanceOf(JudgeOutcome.ImplausibleTime.class);
    }
    assertThat(labels.labelsAfter(0, 10)).isEmpty();
  }

  /** Nobody will ever answer it, so that another has to be asked. */
  @Test
  void aWithdrawnTaskIsNotWaitedFor() {
    labels.ask(Comparisons.some("c", 1));
    labels.flag(ANNA, lease(ANNA).task().taskId(), new Remark("HARMFUL", "x"));
    assertThat(labels.status().judged()).isZero();
    labels.flag(OTTO, lease(OTTO).task().taskId(), new Remark("HARMFUL", "y"));
    assertThat(labels.status().judged()).isEqualTo(1);
    assertThat(labels.status().preferences()).isZero();
  }

  @Test
  void theSameAnswerAgainIsTheOldOneAndAnotherIsAConflict() {
    labels.ask(Comparisons.some("c", 1));
    Lease lease = lease(ANNA);
    StoredJudgment first = recorded(judge(ANNA, lease, "a"));
    assertThat(judge(ANNA, lease, "a")).isEqualTo(new JudgeOutcome.Repeated(first));
    assertThat(judge(ANNA, lease, "b")).isEqualTo(new JudgeOutcome.Conflict(first));
    assertThat(labels.labelsAfter(0, 10)).hasSize(1);
  }

  @Test
  void anIdempotencyKeyAnswersAsTheFirstTimeAndOnlyForTheSameBody() {
    labels.ask(Comparisons.some("c", 1));
    Lease lease = lease(ANNA);
    Submission submission = submission(lease, "a");
    JudgeOutcome first = labels.judge(ANNA, submission, key("k", "f1"));
    StoredJudgment stored = recorded(first);
    assertThat(labels.judge(ANNA, submission, key("k", "f1")))
        .isEqualTo(new JudgeOutcome.Repeated(stored));
    assertThat(labels.judge(ANNA, submission, key("k", "f2")))
        .isInstanceOf(JudgeOutcome.KeyReused.class);
    clock.forward(Duration.ofHours(25));
    assertThat(labels.forgetKeys()).isEqualTo(1);
    assertThat(labels.judge(ANNA, submission, key("k", "f2")))
        .isEqualTo(new JudgeOutcome.Repeated(stored));
  }

  @Test
  void anAmendmentIsANewRevisionAndANewLabelInPlaceOfTheOld() {
    labels.ask(Comparisons.some("c", 1));
    Lease lease = lease(ANNA);
    StoredJudgment first = recorded(judge(ANNA, lease, "a"));
    StoredJudgment second =
        recorded(
            labels.amend(
                ANNA,
                first.judgmentId(),
                new SubmittedChoice.Chosen(choice(lease, "d")),
                Optional.empty()));
    assertThat(second.revision()).isEqualTo(2);
    assertThat(labels.labelsAfter(0, 10))
        .extracting(Label::sequence, label -> label.judgment().choice())
        .containsExactly(org.assertj.core.groups.Tuple.tuple(2L, new Choice.Best(3)));
    assertThat(
            labels.amend(
                ANNA,
                first.judgmentId(),
                new SubmittedChoice.NoneChosen(Choice.Reason.TIE),
                Optional.empty()))
        .isInstanceOf(JudgeOutcome.NotAmendable.class);
    clock.forward(Duration.ofMinutes(16));
    assertThat(
            labels.amend(
                ANNA,
                second.judgmentId(),
                new SubmittedChoice.NoneChosen(Choice.Reason.TIE),
                Optional.empty()))
        .isInstanceOf(JudgeOutcome.NotAmendable.class);
  }

  @Test
  void anAnswerWithoutAPreferenceIsALabelButNoPreference() {
    labels.ask(Comparisons.some("c", 1));
    Lease lease = lease(ANNA);
    recorded(
        labels.judge(
            ANNA,
            new Submission(
                lease.leaseId(),
                lease.epoch(),
                new SubmittedChoice.NoneChosen(Choice.Reason.TIE),
                null,
                null,
                null,
                null),
            Optional.empty()));
    assertThat(labels.labelsAfter(0, 10).get(0).judgment().choice())
        .isEqualTo(new Choice.NoPreference(Choice.Reason.TIE));
    assertThat(labels.status().preferences()).isZero();
    assertThat(labels.status().judged()).isEqualTo(1);
  }

  @Test
  void anUnknownChoiceAndAnImpossibleTimeAreRefused() {
    labels.ask(Comparisons.some("c", 1));
    Lease lease = lease(ANNA);
    assertThat(labels.judge(ANNA, submission(lease, "ch_other", null), Optional.empty()))
        .isEqualTo(new JudgeOutcome.UnknownChoice("ch_other"));
    assertThat(
            labels.judge(ANNA, submission(lease, choice(lease, "a"), 3_600_000L), Optional.empty()))
        .isInstanceOf(JudgeOutcome.ImplausibleTime.class);
    assertThat(labels.list("acme", null, null, 10).orElseThrow().items()).isEmpty();
  }

  @Test
  void askingTwiceKeepsTheFirst() {
    assertThat(labels.ask(Comparisons.some("c", 3))).isEqualTo(3);
    Lease lease = lease(ANNA);
    assertThat(labels.ask(Comparisons.some("c", 4))).isEqualTo(1);
    assertThat(labels.status().open()).isEqualTo(3);
    assertThat(recorded(judge(ANNA, lease, "a")).disposition()).isEqualTo(Disposition.ADMITTED);
  }

  @Test
  void withOverlapADifferentLabelerIsAskedAgain() {
    labels.close();
    labels = Stores.open(Stores.settings(directory).withOverlap(2), clock);
    labels.ask(Comparisons.some("c", 1));
    recorded(judge(ANNA, lease(ANNA), "a"));
    assertThat(leases(ANNA, 1)).isEmpty();
    assertThat(recorded(judge(BEN, lease(BEN), "b")).disposition()).isEqualTo(Disposition.ADMITTED);
    assertThat(labels.labelsAfter(0, 10)).hasSize(2);
    assertThat(leases(new Labeler("acme", "carl"), 1)).isEmpty();
  }

  @Test
  void aStoppedLineGivesNoLeasesButTakesJudgments() {
    labels.ask(Comparisons.some("c", 2));
    Lease lease = lease(ANNA);
    labels.stopRun(BEN, "the samples went bad");
    assertThat(labels.lease(ANNA, 1)).isEqualTo(new LeaseOutcome.Stopped("the samples went bad"));
    assertThat(labels.status().stopped()).isTrue();
    recorded(judge(ANNA, lease, "a"));
    labels.resumeRun(BEN, "");
    assertThat(leases(ANNA, 1)).hasSize(1);
  }

  @Test
  void everyDisplayOrderComesUpAndTheNamesStayWithTheResponses() {
    labels.ask(List.of(Comparisons.one("c")));
    Set<List<String>> orders = new HashSet<>();
    Set<String> namesOfA = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      Lease lease = lease(ANNA);
      orders.add(lease.task().choices().stream().map(Lease.Option::text).toList());
      namesOfA.add(choice(lease, "a"));
      labels.release(HOLDER, lease.leaseId());
    }
    assertThat(orders).hasSize(24);
    assertThat(namesOfA).hasSize(1);
  }

  @Test
  void pagesCoverEveryJudgmentOnce() {
    labels.ask(Comparisons.some("c", 7));
    for (Lease lease : leases(ANNA, 7)) {
      judge(ANNA, lease, "a");
    }
    List<String> seen = new ArrayList<>();
    String after = null;
    do {
      JudgmentPage page = labels.list("acme", null, after, 3).orElseThrow();
      page.items().forEach(judgment -> seen.add(judgment.judgmentId()));
      after = page.next();
    } while (after != null);
    assertThat(seen).hasSize(7).doesNotHaveDuplicates();
    assertThat(labels.list("other", null, null, 10).orElseThrow().items()).isEmpty();
    assertThat(labels.judgment("other", seen.get(0))).isEmpty();
  }

  @Test
  @Timeout(60)
  void manyLabelersAtOnceNeverShareATaskAndAReaderMissesNoLabel() throws Exception {
    int tasks = 120;
    labels.ask(Comparisons.some("c", tasks));
    AtomicInteger left = new AtomicInteger(tasks);
    ExecutorService threads = Executors.newFixedThreadPool(5);
    try {
      List<Future<Integer>> done = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        Labeler labeler = new Labeler("acme", "p" + i);
        done.add(threads.submit(() -> labelEverything(labeler, left)));
      }
      long after = 0;
      List<Long> read = new ArrayList<>();
      while (read.size() < tasks && done.stream().noneMatch(JdbcLabelsTest::failed)) {
        for (Label label : labels.labelsAfter(after, 10)) {
          read.add(label.sequence());
          after = label.sequence();
        }
      }
      int total = 0;
      for (Future<Integer> one : done) {
        total += one.get();
      }
      assertThat(total).isEqualTo(tasks);
      assertThat(read).isEqualTo(LongStream.rangeClosed(1, tasks).boxed().toList());
    } finally {
      threads.shutdownNow();
    }
  }

  private static boolean failed(Future<?> future) {
    if (!future.isDone()) {
      return false;
    }
    try {
      future.get();
      return false;
    } catch (InterruptedException | ExecutionException e) {
      return true;
    }
  }

  private int labelEverything(Labeler labeler, AtomicInteger left) {
    int judged = 0;
    while (left.get() > 0) {
      for (Lease lease : leases(labeler, 3)) {
        assertThat(recorded(judge(labeler, lease, "b")).disposition())
            .isEqualTo(Disposition.ADMITTED);
        judged++;
        left.decrementAndGet();
      }
    }
    return judged;
  }

  @Test
  void whatWasStoredIsThereAfterReopening() {
    labels.ask(Comparisons.some("c", 2));
    recorded(judge(ANNA, lease(ANNA), "a"));
    List<Label> before = labels.labelsAfter(0, 10);
    labels.close();
    labels = Stores.open(Stores.settings(directory), clock);
    assertThat(labels.labelsAfter(0, 10)).isEqualTo(before);
    assertThat(labels.status().open()).isEqualTo(1);
  }

  @Test
  void anUnusableUrlIsNamed() {
    StoreSettings settings = Stores.settings(directory);
    assertThatThrownBy(
            () ->
                new StoreSettings(
                    "jdbc:mysql:x",
                    "u",
                    "",
                    1,
                    1,
                    StoreSettings.Repeats.NONE,
                    Duration.ofMinutes(1),
                    1,
                    Duration.ZERO,
                    1,
                    Duration.ofHours(1),
                    settings.offerAgain(),
                    settings.held(),
                    1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("jdbc:mysql:x");
    assertThatThrownBy(() -> settings.withOverlap(0))
        .hasMessage("plaudit.gateway.store.overlap: 0 (expected: >= 1)");
  }

  private Lease lease(Labeler labeler) {
    return leases(labeler, 1).get(0);
  }

  private List<Lease> leases(Labeler labeler, int max) {
    return ((LeaseOutcome.Granted) labels.lease(labeler, max)).leases();
  }

  private JudgeOutcome judge(Labeler labeler, Lease lease, String text) {
    return labels.judge(labeler, submission(lease, text), Optional.empty());
  }

  private static Submission submission(Lease lease, String text) {
    return submission(lease, choice(lease, text), 1000L);
  }

  private static Submission submission(Lease lease, String choiceId, @Nullable Long visible) {
    return new Submission(
        lease.leaseId(),
        lease.epoch(),
        new SubmittedChoice.Chosen(choiceId),
        Submission.Confidence.HIGH,
        visible,
        null,
        new Submission.Client("test", "1"));
  }

  private static String choice(Lease lease, String text) {
    return lease.task().choices().stream()
        .filter(option -> option.text().equals(text))
        .findFirst()
        .orElseThrow()
        .choiceId();
  }

  private static Optional<IdempotencyKey> key(String name, String fingerprint) {
    return Optional.of(new IdempotencyKey(name, fingerprint));
  }

  private static StoredJudgment recorded(JudgeOutcome outcome) {
    assertThat(outcome).isInstanceOf(JudgeOutcome.Recorded.class);
    return ((JudgeOutcome.Recorded) outcome).judgment();
  }
}

package plaudit.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LongPollsTest {

  private static final Duration LONG = Duration.ofMinutes(5);

  private final LongPolls<String> polls = new LongPolls<>(20_000);
  private final Deque<String> tasks = new ArrayDeque<>();
  private int looks;

  /** Takes a task, if there is one. */
  private CompletionStage<Optional<String>> take() {
    looks++;
    return CompletableFuture.completedFuture(Optional.ofNullable(tasks.poll()));
  }

  private CompletableFuture<Optional<String>> poll(String who) {
    return polls.await(who, LONG, this::take).answer().toCompletableFuture();
  }

  private List<CompletableFuture<Optional<String>>> polls(int count) {
    List<CompletableFuture<Optional<String>>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(poll("labeler " + i));
    }
    return all;
  }

  @Test
  void asManyLookAsThereAreTasksAndThoseWhoCameFirst() {
    List<CompletableFuture<Optional<String>>> all = polls(10_000);
    assertThat(looks).isEqualTo(10_000);
    tasks.addAll(List.of("a", "b", "c"));
    polls.wake(3);
    assertThat(looks).isEqualTo(10_003);
    assertThat(all.subList(0, 3)).allMatch(CompletableFuture::isDone);
    assertThat(all.subList(3, 10_000)).noneMatch(CompletableFuture::isDone);
    assertThat(polls.waiting()).isEqualTo(9_997);
  }

  @Test
  void whoComesAgainBeforeAnythingHasChangedDoesNotLook() {
    polls.await("a", Duration.ofMillis(1), this::take).answer().toCompletableFuture().join();
    assertThat(looks).isEqualTo(1);
    CompletableFuture<Optional<String>> again = poll("a");
    assertThat(looks).isEqualTo(1);
    tasks.add("task");
    polls.wake(1);
    assertThat(again).isCompletedWithValue(Optional.of("task"));
  }

  @Test
  void whoFoundNothingKeepsTheFirstPlace() {
    CompletableFuture<Optional<String>> first = poll("first");
    CompletableFuture<Optional<String>> second = poll("second");
    polls.wake(1); // somebody else took it meanwhile
    tasks.add("task");
    polls.wake(1);
    assertThat(first).isCompletedWithValue(Optional.of("task"));
    assertThat(second).isNotDone();
  }

  @Test
  void whatTheFirstMayNotHaveIsOfferedToTheNextAndToEachOnlyOnce() {
    int[] refusals = {0};
    for (int i = 0; i < 100; i++) {
      polls.await(
          "answered it " + i,
          LONG,
          () -> {
            refusals[0]++;
            return CompletableFuture.completedFuture(Optional.empty());
          });
    }
    CompletableFuture<Optional<String>> last = poll("new");
    tasks.add("task");
    polls.wake(1);
    assertThat(refusals[0]).isEqualTo(100 + 1 + LongPolls.PASSES);
    for (int i = 0; i < 20; i++) {
      polls.again(1);
    }
    assertThat(last).isCompletedWithValue(Optional.of("task"));
    assertThat(refusals[0]).isEqualTo(200);
    polls.again(1);
    assertThat(refusals[0]).isEqualTo(200);
  }

  @Test
  void whoLeavesIsForgotten() {
    LongPolls.Place<String> left = polls.await("left", LONG, this::take);
    left.leave().run();
    assertThat(polls.present()).isZero();
    tasks.add("task");
    polls.wake(1);
    assertThat(left.answer().toCompletableFuture()).isCompletedWithValue(Optional.empty());
    assertThat(tasks).hasSize(1);
  }

  @Test
  void aTaskThatIsFoundWhenTheTimeIsOverIsNotLost() {
    CompletableFuture<Optional<String>> look = new CompletableFuture<>();
    LongPolls.Place<String> place = polls.await("slow", LONG, () -> look);
    place.leave().run();
    assertThat(place.answer().toCompletableFuture()).isNotDone();
    look.complete(Optional.of("task"));
    assertThat(place.answer().toCompletableFuture()).isCompletedWithValue(Optional.of("task"));
  }

  @Test
  void noMoreLookAtOnceThanTheDatabaseCanServe() {
    Deque<CompletableFuture<Optional<String>>> running = new ArrayDeque<>();
    for (int i = 0; i < 1000; i++) {
      polls.await(
          i,
          LONG,
          () -> {
            CompletableFuture<Optional<String>> look = new CompletableFuture<>();
            running.add(look);
            return look;
          });
    }
    int most = 0;
    int done = 0;
    while (!running.isEmpty()) {
      most = Math.max(most, running.size());
      running.remove().complete(Optional.empty());
      done++;
    }
    assertThat(most).isEqualTo(LongPolls.LOOKING);
    assertThat(done).isEqualTo(1000);
  }

  @Test
  void aLookThatIsRefusedIsTriedAgainLater() {
    boolean[] busy = {true};
    CompletionStage<Optional<String>> answer =
        polls
            .await(
                "a",
                LONG,
                () ->
                    busy[0]
                        ? CompletableFuture.failedFuture(
                            Problem.of(Problem.Kind.TEMPORARY_REDUCED_CAPACITY, "busy").thrown())
                        : take())
            .answer();
    tasks.add("task");
    assertThat(answer.toCompletableFuture()).isNotDone();
    busy[0] = false;
    polls.again(0);
    assertThat(answer.toCompletableFuture()).isCompletedWithValue(Optional.of("task"));
  }

  @Test
  void whoNeverGotToLookIsNotToldThatThereIsNothing() {
    LongPolls.Place<String> place =
        polls.await(
            "a",
            Duration.ofMillis(1),
            () ->
                CompletableFuture.failedFuture(
                    Problem.of(Problem.Kind.TEMPORARY_REDUCED_CAPACITY, "busy").thrown()));
    assertThatThrownBy(() -> place.answer().toCompletableFuture().get())
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(Problem.Refusal.class);
  }

  @Test
  void beyondTheBoundNobodyMayWait() {
    LongPolls<String> few = new LongPolls<>(1);
    few.await("a", LONG, this::take);
    assertThatThrownBy(() -> few.await("b", LONG, this::take))
        .isInstanceOf(Problem.Refusal.class)
        .hasMessageContaining("1 requests wait for tasks");
  }

  @Test
  void whenTheGatewayClosesEverybodyGoesHome() {
    List<CompletableFuture<Optional<String>>> all = polls(100);
    polls.close();
    assertThat(all).allMatch(answer -> answer.join().isEmpty());
    assertThat(polls.present()).isZero();
  }
}

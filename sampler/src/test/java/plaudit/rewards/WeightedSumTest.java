package plaudit.rewards;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import plaudit.rewards.SourceMonitor.Total;
import plaudit.scoring.RewardSource;

class WeightedSumTest {

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final SourceMonitor monitor = new SourceMonitor(meters, InstantSource.system());
  private final RewardSource length =
      new RuleSource(judged -> judged.response().length(), KnownAnswers.NONE);

  @Test
  void eachPartCountsByItsWeightAndIsReportedByItself() throws Exception {
    RewardSource sum = sum(part("length", 2, length), part("one", -0.5, constant(1)));

    assertThat(Asked.scores(sum, "a", "bbb")).containsExactly(1.5f, 5.5f);
    assertThat(sum.repeats()).isTrue();
    assertThat(monitor.take())
        .containsExactlyInAnyOrder(new Total("length", 4, 2), new Total("one", 2, 2));
    assertThat(monitor.take()).isEmpty();
    assertThat(meters.get("plaudit.reward.source").tag("source", "length").gauge().value())
        .isEqualTo(2);
  }

  @Test
  void onePartWithWeightOneIsWhatItIsToTheBit() throws Exception {
    assertThat(Asked.scores(sum(part("third", 1, constant(1 / 3f))), "a")).containsExactly(1 / 3f);
  }

  @Test
  void aPartThatAnswersLaterIsAskedFirstAndWaitedFor() throws Exception {
    AtomicReference<RewardSource.Receiver> later = new AtomicReference<>();
    RewardSource elsewhere =
        new RewardSource() {
          @Override
          public void score(List<Response> responses, Receiver receiver) {
            later.set(receiver);
          }

          @Override
          public boolean repeats() {
            return false;
          }
        };
    RewardSource sum =
        sum(
            part(
                "length",
                1,
                new RuleSource(
                    judged -> {
                      assertThat(later).doesNotHaveValue(null);
                      return judged.response().length();
                    },
                    KnownAnswers.NONE)),
            part("elsewhere", 1, elsewhere));

    CompletableFuture<float[]> answer = Asked.ask(sum, Asked.responses(1, "bb"));
    assertThat(answer).isNotDone();
    requireNonNull(later.get()).scored(new float[] {40});

    assertThat(answer.get(1, TimeUnit.SECONDS)).containsExactly(42);
    assertThat(sum.repeats()).isFalse();
  }

  @Test
  void aPartThatFailsOrGivesNoNumberLosesTheBatchAndIsNamed() {
    RewardSource sum = sum(part("length", 1, length), part("none", 1, constant(Float.NaN)));

    assertThatThrownBy(() -> Asked.scores(sum, "a"))
        .hasMessageContaining("none: score: NaN (expected: a finite number)");
    assertThat(monitor.trouble().orElseThrow().words()).startsWith("none: ");

    RewardSource failing =
        sum(
            part(
                "rule",
                1,
                new RuleSource(
                    judged -> {
                      throw new IllegalArgumentException("no words");
                    },
                    KnownAnswers.NONE)));
    assertThatThrownBy(() -> Asked.scores(failing, "a")).hasMessageContaining("no words");
  }

  private static RewardSource constant(float score) {
    return new RuleSource(judged -> score, KnownAnswers.NONE);
  }

  private static WeightedSum.Part part(String name, double weight, RewardSource source) {
    return new WeightedSum.Part(name, weight, source);
  }

  private RewardSource sum(WeightedSum.Part... parts) {
    return new WeightedSum(List.of(parts), monitor);
  }
}

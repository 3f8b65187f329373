package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.experience.Trajectory;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

/**
 * The bandit of {@link BanditTest} with a hot learning rate, learned from responses that are always
 * eight versions old.
 */
class StaleBanditTest {

  private static final int STALENESS = 8;
  private static final int UPDATES = 120;
  private static final double BETA = 0.5;
  private static final int PAID = 3;
  private static final Task TASK =
      new Task(Tokens.of(), Tokens.of(), 1, 0.7f, TruncationRule.NONE, true);

  @TempDir private Path dir = Path.of("");

  @ParameterizedTest
  @ValueSource(strings = {"truncated-is", "decoupled", "v-trace"})
  void aCorrectedPolicyReachesTheBestOneAndStays(String correction) {
    assertThat(farthestFromBest(correction)).isLessThan(.08);
  }

  /** It learns of each step when it has taken eight more: it swings from one side to the other. */
  @Test
  void theClipAloneSwingsPastIt() {
    assertThat(farthestFromBest("none")).isGreaterThan(.12);
  }

  /** The largest distance of the paid token's probability from that of pi*, in the second half. */
  private double farthestFromBest(String correction) {
    PolicySettings settings =
        Toy.settings(
            "correction = " + correction,
            "batch = 128",
            "updates = " + UPDATES,
            "epochs = 2",
            "learning-rate = 1e-2",
            "kl.adaptive = off",
            "kl.beta = " + BETA,
            "tripwires.entropy-share = 0");
    try (ToyGame game =
        new ToyGame(
            settings, TASK, List.of(Tokens.of(2, 1)), kept -> kept.get(0) == PAID ? 1 : 0, dir)) {
      double paid = game.referenceOfFirstToken()[PAID] * Math.exp(1 / BETA);
      double best = paid / (1 - game.referenceOfFirstToken()[PAID] + paid);
      Deque<List<Trajectory>> waiting = new ArrayDeque<>();
      List<Double> distances = new ArrayList<>();
      while (game.reports().size() < UPDATES) {
        while (waiting.size() <= Math.min(STALENESS, UPDATES - game.reports().size() - 1)) {
          waiting.add(game.batch());
        }
        game.learn(waiting.remove(), OptionalDouble.empty());
        distances.add(Math.abs(game.policyOfFirstToken()[PAID] - best));
      }
      assertThat(game.stopReason()).isEmpty();
      assertThat(game.late("async/staleness_mean", UPDATES / 2)).isEqualTo(STALENESS);
      return distances.subList(UPDATES / 2, UPDATES).stream()
          .mapToDouble(distance -> distance)
          .max()
          .orElseThrow();
    }
  }
}

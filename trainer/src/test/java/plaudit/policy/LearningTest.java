package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.experience.Trajectory;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

/** What the real trainer learns where a response is paid for how often it has one token. */
class LearningTest {

  private static final int PAID = 3;
  private static final int END = 7;
  private static final int LENGTH = 8;
  private static final Task TASK =
      new Task(Tokens.of(), Tokens.of(), LENGTH, 0.7f, TruncationRule.NONE, true);
  private static final List<Tokens> QUERIES =
      List.of(Tokens.of(2, 1), Tokens.of(4), Tokens.of(0, 5, 9), Tokens.of(6, 6));

  @TempDir private Path dir = Path.of("");

  @Test
  void theScoreRisesAndTheDivergenceSettlesAtItsTarget() {
    try (ToyGame game =
        game(
            TASK,
            LearningTest::count,
            "updates = 160",
            "epochs = 2",
            "learning-rate = 5e-3",
            "kl.beta = 0.3",
            "kl.target = 4",
            "kl.horizon = 640")) {
      game.play();
      assertThat(game.stopReason()).isEmpty();
      assertThat(game.mean("objective/score", 0, 1)).isLessThan(1.2);
      assertThat(game.late("objective/score", 40)).isGreaterThan(3);
      assertThat(game.late("objective/kl", 60)).isCloseTo(4, within(.2));
    }
  }

  @Test
  void withoutAPriceThePolicyCollapsesAndTheWiresTrip() {
    try (ToyGame game = collapsing("tripwires.max-kl = 1000")) {
      assertThat(game.play().stopReason()).startsWith("entropy: ");
    }
    try (ToyGame game = collapsing("tripwires.max-kl = 12", "tripwires.entropy-share = 0")) {
      assertThat(game.play().stopReason()).startsWith("kl: ").contains("<= 12.0");
    }
  }

  /** The refactoring of 2019: score and divergence change sign together (paper 5.8). */
  @Test
  void bothSignsFlippedTripTheWires() {
    try (ToyGame game = game(TASK, kept -> -count(kept), "updates = 200", "learning-rate = 5e-3")) {
      while (game.stopReason().isEmpty() && game.reports().size() < 200) {
        game.learn(
            game.batch().stream().map(LearningTest::mirrored).toList(), OptionalDouble.empty());
      }
      assertThat(game.stopReason()).startsWith("kl: ").contains(">= -1.0");
    }
  }

  /** The price of divergence holds a wrong reward in bounds; only people notice. */
  @Test
  void aFlippedScoreTripsTheWireOfThePeople() {
    try (ToyGame game =
        game(
            TASK,
            kept -> -count(kept),
            "updates = 200",
            "learning-rate = 5e-3",
            "kl.adaptive = off",
            "kl.beta = 0.2")) {
      List<Trajectory> reference = game.batch();
      while (game.stopReason().isEmpty() && game.reports().size() < 200) {
        List<Trajectory> batch = game.batch();
        game.learn(batch, OptionalDouble.of(winRate(batch, reference)));
      }
      assertThat(game.stopReason()).startsWith("validation win rate: ");
    }
  }

  /** Paid for the token and for stopping: what comes after the end is not there to be charged. */
  @Test
  void aResponseMayLearnToEnd() {
    TruncationRule stops = new TruncationRule(List.of(END), 0, -1, true);
    Task task = new Task(Tokens.of(), Tokens.of(), LENGTH, 0.7f, stops, true);
    try (ToyGame game =
        game(
            task,
            kept -> 1,
            "updates = 100",
            "learning-rate = 1e-2",
            "kl.adaptive = off",
            "kl.beta = 0.05",
            "tripwires.entropy-share = 0")) {
      game.play();
      assertThat(game.mean("objective/valid", 0, 1)).isLessThan(.7);
      assertThat(game.late("objective/valid", 20)).isGreaterThan(.95);
      assertThat(game.reports())
          .allSatisfy(report -> assertThat(report.get("policy/logprob_gap")).isLessThan(1e-4));
    }
  }

  private ToyGame collapsing(String... lines) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "updates = 400",
                "learning-rate = 1e-2",
                "schedule = constant",
                "kl.adaptive = off",
                "kl.beta = 0"));
    all.addAll(List.of(lines));
    return game(TASK, LearningTest::count, all.toArray(String[]::new));
  }

  private ToyGame game(
      Task task, java.util.function.ToDoubleFunction<Tokens> score, String... lines) {
    List<String> all = new ArrayList<>(List.of("batch = 64"));
    all.addAll(List.of(lines));
    return new ToyGame(Toy.settings(all.toArray(String[]::new)), task, QUERIES, score, dir);
  }

  private static double count(Tokens kept) {
    return kept.stream().filter(token -> token == PAID).count();
  }

  private static Trajectory mirrored(Trajectory trajectory) {
    float[] logprobs = trajectory.rollout().logprobs().toArray();
    float[] reference = trajectory.refLogprobs().toArray();
    for (int t = 0; t < logprobs.length; t++) {
      reference[t] = 2 * logprobs[t] - reference[t];
    }
    return new Trajectory(
        trajectory.rollout(), PerToken.of(reference), trajectory.score(), true, 0);
  }

  private static double winRate(List<Trajectory> policy, List<Trajectory> reference) {
    double wins = 0;
    for (int i = 0; i < policy.size(); i++) {
      double lead =
          count(policy.get(i).rollout().response()) - count(reference.get(i).rollout().response());
      wins += lead > 0 ? 1 : lead == 0 ? .5 : 0;
    }
    return wins / policy.size();
  }
}

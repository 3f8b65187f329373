package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.model.Weights;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

/**
 * One token, paid 1 if it is the right one, at a fixed price of divergence: the best policy is
 * known, pi*(a) = rho(a) exp(1 / beta) / (1 - rho(a) + rho(a) exp(1 / beta)).
 */
class BanditTest {

  private static final double BETA = 0.5;
  private static final int PAID = 3;
  private static final Task TASK =
      new Task(Tokens.of(), Tokens.of(), 1, 0.7f, TruncationRule.NONE, true);

  @TempDir private Path dir = Path.of("");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "algorithm = ppo",
        "algorithm = ppo, value-network = separate",
        "algorithm = rloo, group = 4",
        "algorithm = grpo, group = 4",
        "algorithm = online-dpo, group = 4, online-dpo.labels = soft"
      })
  void theBestPolicyIsReached(String method) {
    try (ToyGame game = play(method)) {
      double[] rho = game.referenceOfFirstToken();
      double[] best = best(rho);
      double[] learnt = game.policyOfFirstToken();
      assertThat(best[PAID]).isGreaterThan(3 * rho[PAID]);
      assertThat(learnt[PAID]).isCloseTo(best[PAID], within(.03));
      assertThat(divergence(learnt, rho)).isCloseTo(divergence(best, rho), within(.08));
      assertThat(game.late("objective/kl_k3", 10)).isCloseTo(divergence(learnt, rho), within(.08));
    }
  }

  @Test
  void hardPreferencesGoPastIt() {
    try (ToyGame game = play("algorithm = online-dpo, group = 4")) {
      double best = best(game.referenceOfFirstToken())[PAID];
      assertThat(game.policyOfFirstToken()[PAID]).isGreaterThan(best + .1);
      assertThat(game.mean("dpo/accuracy", 1, 4)).isGreaterThan(.5);
    }
  }

  /** Embeddings are frozen too, so that only a reference that says something can be moved. */
  @Test
  void adaptersAloneReachItWhileTheBaseStaysTheReference() {
    List<float[]> base = Toy.numbers(Toy.random(2));
    try (ToyGame game = game("lora.rank = 2, lora.alpha = 4", () -> Toy.random(2)).play()) {
      assertThat(game.policyOfFirstToken()[PAID])
          .isCloseTo(best(game.referenceOfFirstToken())[PAID], within(.03));
      List<float[]> now = Toy.numbers(game.trainer().nets().policy().weights());
      for (int i = 0; i < base.size(); i++) {
        assertThat(now.get(i)).isEqualTo(base.get(i));
      }
      double all = game.trainer().optimizers().get(0).bytes();
      assertThat(all / 16 / Toy.random(2).parameters()).isLessThan(.7);
    }
  }

  private ToyGame play(String method) {
    return game(method, Toy::weights).play();
  }

  private ToyGame game(String method, Supplier<Weights> weights) {
    List<String> lines = new ArrayList<>(List.of(method.split(", ")));
    lines.addAll(
        List.of(
            "batch = 128",
            "updates = 150",
            "epochs = 2",
            "learning-rate = 1e-2",
            "kl.adaptive = off",
            "kl.beta = " + BETA,
            "tripwires.entropy-share = 0"));
    PolicySettings settings = Toy.settings(lines.toArray(String[]::new));
    List<Tokens> queries = List.of(Tokens.of(2, 1));
    return new ToyGame(settings, weights, TASK, queries, kept -> kept.get(0) == PAID ? 1 : 0, dir);
  }

  private static double[] best(double[] rho) {
    double[] best = new double[rho.length];
    double paid = rho[PAID] * Math.exp(1 / BETA);
    for (int a = 0; a < rho.length; a++) {
      best[a] = (a == PAID ? paid : rho[a]) / (1 - rho[PAID] + paid);
    }
    return best;
  }

  private static double divergence(double[] pi, double[] rho) {
    double sum = 0;
    for (int a = 0; a < pi.length; a++) {
      sum += pi[a] * Math.log(pi[a] / rho[a]);
    }
    return sum;
  }
}

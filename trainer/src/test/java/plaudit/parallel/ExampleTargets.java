package plaudit.parallel;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import plaudit.experience.Trajectory;
import plaudit.policy.Correction;
import plaudit.policy.MinibatchTargets;
import plaudit.policy.MinibatchTargets.AdvantageTargets;
import plaudit.policy.Objective.OnlineDpo;
import plaudit.policy.Objective.Ppo;
import plaudit.policy.Objective.Rloo;
import plaudit.policy.PolicySettings;
import plaudit.policy.Toy;
import plaudit.policy.ToyGame;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

/** Targets of a tiny policy, with responses of different lengths. */
public final class ExampleTargets {

  public static final double BETA = 0.1;
  public static final Task TASK =
      new Task(
          Tokens.of(), Tokens.of(), 8, 0.7f, new TruncationRule(List.of(0), 0, -1, true), true);

  private ExampleTargets() {}

  /** Settings with other values, one {@code key = value} a line. */
  public static PolicySettings settings(String... lines) {
    List<String> all = new ArrayList<>(List.of("batch = 32", "group = 2", "epochs = 2"));
    all.addAll(List.of(lines));
    return Toy.settings(all.toArray(String[]::new));
  }

  /** A batch of 32, two responses to each prompt. */
  public static List<Trajectory> batch(Path directory) {
    try (ToyGame game = game(settings(), directory)) {
      return game.batch();
    }
  }

  /** A game whose batches those are. */
  static ToyGame game(PolicySettings settings, Path directory) {
    return new ToyGame(
        settings,
        TASK,
        List.of(Tokens.of(2, 1), Tokens.of(3, 5, 9)),
        kept -> kept.stream().filter(token -> token == 3).count(),
        directory);
  }

  /** What an algorithm makes of a batch. */
  public static MinibatchTargets of(PolicySettings settings, List<Trajectory> batch) {
    Map<Long, List<Trajectory>> groups = new LinkedHashMap<>();
    batch.forEach(
        t -> groups.computeIfAbsent(t.rollout().promptId(), id -> new ArrayList<>()).add(t));
    List<List<Trajectory>> all = List.copyOf(groups.values());
    return switch (settings.algorithm().kind()) {
      case PPO -> weighted(new Ppo(1, .95, true).targets(all, BETA));
      case RLOO -> weighted(new Rloo(Correction.NONE).targets(all, BETA));
      case ONLINE_DPO -> new OnlineDpo(true).targets(all, BETA);
      case GRPO -> throw new IllegalArgumentException("GRPO: as RLOO");
    };
  }

  /** As if an older policy had written it: no two tokens of a row weigh the same. */
  private static MinibatchTargets weighted(MinibatchTargets targets) {
    AdvantageTargets advantages = (AdvantageTargets) targets;
    float[][] weights = advantages.weights().clone();
    for (int row = 0; row < weights.length; row++) {
      weights[row] = weights[row].clone();
      for (int t = 0; t < weights[row].length; t++) {
        weights[row][t] = 0.5f + 0.1f * t + 0.01f * row;
      }
    }
    return new AdvantageTargets(
        advantages.batch(), advantages.advantages(), advantages.returns(), weights);
  }
}

package plaudit.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import plaudit.experience.PerToken;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.experience.Tokens;
import plaudit.experience.Trajectory;
import plaudit.language.FreshWeights;
import plaudit.model.Compute;
import plaudit.model.ModelConfig;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.optim.AdamSettings;
import plaudit.sampling.Generation;
import plaudit.sampling.Task;
import plaudit.sampling.TruncationRule;

/** A tiny policy that is paid for writing one token. */
final class Toy {

  static final Compute CPU = Compute.cpu(1);
  static final ModelConfig CONFIG = ModelConfig.gpt2(1, 2, 16, 16, 11);
  static final Task TASK = new Task(Tokens.of(), Tokens.of(), 4, 0.7f, TruncationRule.NONE, true);
  static final int BATCH = 32;

  private static final int PAID = 3;

  private Toy() {}

  static PpoSettings settings(int epochs, int updates, double learningRate) {
    return new PpoSettings(
        BATCH,
        1,
        epochs,
        updates,
        1,
        learningRate,
        Schedule.Shape.CONSTANT,
        0,
        AdamSettings.paper(),
        1,
        0.95,
        0.2,
        0.2,
        0.1,
        true,
        new PpoSettings.Kl(true, 0.05, 6, 10_000),
        new Tripwires.Limits(-1, 40, 0, 10));
  }

  static Weights weights() {
    return FreshWeights.of(CONFIG, 11, CPU);
  }

  /** What a sampler and a scorer make of the policy {@code weights}, which they own. */
  static List<Trajectory> batch(Weights weights, long version) {
    List<Prompt> prompts =
        LongStream.range(0, BATCH)
            .mapToObj(i -> new Prompt(version * BATCH + i, Tokens.of((int) i % 7, 1)))
            .toList();
    List<Trajectory> batch = new ArrayList<>();
    try (TorchNet policy = TorchNet.of(CONFIG, weights, CPU);
        TorchNet reference = TorchNet.of(CONFIG, weights(), CPU)) {
      List<Rollout> rollouts = new Generation(TASK, 5).rollouts(policy, version, prompts, 1);
      float[][] logprobs =
          reference
              .score(
                  rollouts.stream().map(Rollout::query).toList(),
                  rollouts.stream().map(Rollout::response).toList(),
                  TASK.temperature())
              .logprobs();
      for (int i = 0; i < rollouts.size(); i++) {
        float score = rollouts.get(i).response().stream().filter(id -> id == PAID).count();
        batch.add(new Trajectory(rollouts.get(i), PerToken.of(logprobs[i]), score, true, 0));
      }
    }
    return batch;
  }

  static List<float[]> numbers(Weights weights) {
    return weights.arrays().stream().map(array -> array.toFloatArray()).toList();
  }
}

package plaudit.lab.bench;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.model.TorchNet;
import plaudit.node.RunInputs;
import plaudit.node.Trainers;
import plaudit.policy.PolicyTrainer;
import plaudit.sampling.Generation;
import plaudit.sampling.SamplerSettings;
import plaudit.snapshots.SnapshotFiles;

/** Speed of generation and of policy updates on this machine, with the settings of a run. */
public final class ModelBench {

  private static final long SEED = 1;

  private ModelBench() {}

  /**
   * What was measured of one size.
   *
   * @param size texts at a time
   * @param tokensPerSecond of responses; an update counts each once, whatever its epochs
   * @param seconds mean of one batch
   * @param batches that were measured
   */
  public record Speed(int size, double tokensPerSecond, double seconds, int batches) {}

  /** Writes batches of each size for so many seconds; the first of each does not count. */
  public static List<Speed> generate(Config config, List<Integer> sizes, double seconds) {
    SamplerSettings sampler = SamplerSettings.from(config);
    List<Speed> speeds = new ArrayList<>();
    try (RunInputs inputs = RunInputs.read(config);
        TorchNet net = inputs.reference().net(sampler.compute())) {
      Generation generation = new Generation(inputs.task(), SEED);
      for (int size : sizes) {
        List<Prompt> prompts = prompts(inputs, size);
        speeds.add(
            timed(
                size,
                seconds,
                () ->
                    generation.rollouts(net, 0, prompts, 1).stream()
                        .mapToInt(rollout -> rollout.response().length())
                        .sum()));
      }
    }
    return speeds;
  }

  /**
   * Makes policy updates of the run's batch for so many seconds; the first does not count.
   *
   * @param scratch a directory that nothing is left in
   */
  public static Speed learn(Config config, double seconds, Path scratch) {
    try (RunInputs inputs = RunInputs.read(config)) {
      Trainers trainers = Trainers.of(config, inputs, SnapshotFiles.in(scratch));
      int size = trainers.ppo().batch();
      List<Trajectory> batch = batch(config, inputs, size);
      int tokens = batch.stream().mapToInt(t -> t.rollout().response().length()).sum();
      PolicyTrainer trainer = trainers.freshPolicy();
      try {
        return timed(
            size,
            seconds,
            () -> {
              trainer.learn(batch);
              return tokens;
            });
      } finally {
        trainer.close();
      }
    }
  }

  private static List<Trajectory> batch(Config config, RunInputs inputs, int size) {
    SplittableRandom random = new SplittableRandom(SEED);
    int group = config.getInt("plaudit.policy.group");
    try (TorchNet net = inputs.reference().net(SamplerSettings.from(config).compute())) {
      List<Rollout> rollouts =
          new Generation(inputs.task(), SEED)
              .rollouts(net, 0, prompts(inputs, size / group), group);
      return rollouts.stream()
          .map(r -> new Trajectory(r, r.logprobs(), (float) random.nextGaussian(), true, 0))
          .toList();
    }
  }

  private static List<Prompt> prompts(RunInputs inputs, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Prompt(i, inputs.prompts().get(i % inputs.prompts().size())))
        .toList();
  }

  private interface Work {
    int tokens();
  }

  private static Speed timed(int size, double seconds, Work work) {
    work.tokens();
    long begin = System.nanoTime();
    long tokens = 0;
    int batches = 0;
    double passed;
    do {
      tokens += work.tokens();
      batches++;
      passed = (System.nanoTime() - begin) / 1e9;
    } while (passed < seconds);
    return new Speed(size, tokens / passed, passed / batches, batches);
  }
}

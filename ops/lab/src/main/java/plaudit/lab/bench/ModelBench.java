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
    List<Speed> speeds = new ArrayList<>();
    try (Sampling sampling = new Sampling(config)) {
      for (int size : sizes) {
        speeds.add(timed(size, seconds, () -> sampling.write(size)));
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
    try (Learning learning = new Learning(config, scratch)) {
      return timed(learning.size(), seconds, learning::update);
    }
  }

  /** A sampler without its actor. */
  static final class Sampling implements AutoCloseable {

    private final RunInputs inputs;
    private final TorchNet net;

    Sampling(Config config) {
      this.inputs = RunInputs.read(config);
      this.net = inputs.reference().net(SamplerSettings.from(config).compute());
    }

    /** Writes a response to each of so many prompts; how many tokens. */
    int write(int prompts) {
      return new Generation(inputs.task(), SEED)
          .rollouts(net, 0, prompts(inputs, prompts), 1).stream()
              .mapToInt(rollout -> rollout.response().length())
              .sum();
    }

    @Override
    public void close() {
      net.close();
      inputs.close();
    }
  }

  /** A policy learner without its actor, and a batch. */
  static final class Learning implements AutoCloseable {

    private final RunInputs inputs;
    private final List<Trajectory> batch;
    private final PolicyTrainer trainer;

    Learning(Config config, Path scratch) {
      this.inputs = RunInputs.read(config);
      Trainers trainers = Trainers.of(config, inputs, SnapshotFiles.in(scratch));
      this.batch = batch(config, inputs, trainers.ppo().batch());
      this.trainer = trainers.freshPolicy();
    }

    /** Responses of an update. */
    int size() {
      return batch.size();
    }

    /** Makes one; how many tokens of responses. */
    int update() {
      trainer.learn(batch);
      return batch.stream().mapToInt(t -> t.rollout().response().length()).sum();
    }

    @Override
    public void close() {
      trainer.close();
      inputs.close();
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

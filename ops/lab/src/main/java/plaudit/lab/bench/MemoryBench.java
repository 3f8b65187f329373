package plaudit.lab.bench;

import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import plaudit.files.FileTree;
import plaudit.model.ModelConfig;
import plaudit.model.TorchNet;
import plaudit.node.MemoryForecast;
import plaudit.node.RunInputs;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;
import plaudit.node.telemetry.ResidentMemory;
import plaudit.sampling.SamplerSettings;
import plaudit.scoring.ScorerSettings;
import plaudit.tokens.Tokens;

/**
 * The peak of this process with a run's policy learner, sampler, reference and reward model in it,
 * each at work, beside what {@link MemoryForecast} says of it. What learns the reward is left out
 * of both.
 */
public final class MemoryBench {

  private MemoryBench() {}

  /**
   * Foretold and measured, in bytes.
   *
   * @param measured NaN where the system does not tell
   */
  public record Result(double foretold, double measured) {}

  /**
   * Measures in this process, which should have done nothing before.
   *
   * @param model of random weights that are made for this; the run's own if absent
   * @param tokenizer a directory that has one
   */
  public static Result of(RunConfig config, ModelConfig model, Path tokenizer) throws IOException {
    Path scratch = Files.createTempDirectory("plaudit-bench");
    try {
      Path weights = scratch.resolve("model");
      PrecisionBench.writeRandom(weights, model, tokenizer);
      Config settings = config.with("plaudit.run.model", weights.toString()).config();
      work(settings, Files.createDirectory(scratch.resolve("snapshots")));
      MemoryForecast forecast = MemoryForecast.of(settings, model, Set.copyOf(Role.all()));
      return new Result(forecast.without("reward learner").bytes(), ResidentMemory.peak());
    } finally {
      FileTree.delete(scratch);
    }
  }

  private static void work(Config settings, Path scratch) {
    int grant = settings.getInt("plaudit.experience.grant-prompts");
    try (RunInputs inputs = RunInputs.read(settings);
        ModelBench.Learning learning = new ModelBench.Learning(settings, scratch);
        ModelBench.Sampling sampling = new ModelBench.Sampling(settings);
        TorchNet next = inputs.reference().net(SamplerSettings.from(settings).compute());
        TorchNet reference = inputs.reference().net(ScorerSettings.from(settings).compute());
        TorchNet reward = inputs.reference().net(ScorerSettings.from(settings).compute())) {
      List<Tokens> queries = inputs.prompts().stream().limit(grant).toList();
      for (int i = 0; i < 2; i++) {
        sampling.write(grant);
        next.score(queries, queries, 1);
        reference.score(queries, queries, 1);
        reward.reward(queries);
        learning.update();
      }
    }
  }
}

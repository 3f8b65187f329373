package plaudit.node;

import com.typesafe.config.Config;
import io.micrometer.core.instrument.MeterRegistry;
import plaudit.experience.ExperienceSettings;
import plaudit.node.config.Role;
import plaudit.parallel.actor.GradientHelper;
import plaudit.policy.GradientAccumulator;
import plaudit.policy.LearnerSettings;
import plaudit.policy.PolicySettings;
import plaudit.rewards.RewardSources;
import plaudit.rewards.SourceMonitor;
import plaudit.rewards.SourceSettings;
import plaudit.sampling.Generation;
import plaudit.sampling.SamplerMeters;
import plaudit.sampling.SamplerSettings;
import plaudit.sampling.TorchPolicyEngine;
import plaudit.scoring.Questions;
import plaudit.scoring.RunReward;
import plaudit.scoring.ScorerMeters;
import plaudit.scoring.ScorerSettings;
import plaudit.scoring.TorchScoringEngine;
import plaudit.snapshots.SnapshotFiles;
import plaudit.time.MonotonicClock;

/**
 * What samplers, scorers and helpers need: the model they start from, the task, and where weights
 * are kept. Nothing of it belongs to one run: the same parts serve the next one.
 *
 * @param inputs with or without prompts
 * @param questionLimit responses to one prompt of a question, at most
 * @param source where scores come from
 * @param sourceMonitor hears what the sources give
 */
public record WorkerParts(
    RunInputs inputs,
    SamplerSettings sampler,
    SamplerMeters samplerMeters,
    ScorerSettings scorer,
    ScorerMeters scorerMeters,
    PolicySettings ppo,
    LearnerSettings helper,
    GradientHelper.Meters helperMeters,
    long seed,
    int questionLimit,
    SourceSettings source,
    SourceMonitor sourceMonitor,
    SnapshotFiles files) {

  /** Reads the settings. */
  public static WorkerParts of(
      Config config, RunInputs inputs, SnapshotFiles files, MeterRegistry meters) {
    return new WorkerParts(
        inputs,
        SamplerSettings.from(config),
        new SamplerMeters(meters),
        ScorerSettings.from(config),
        new ScorerMeters(meters),
        PolicySettings.from(config),
        LearnerSettings.from(config, "plaudit.learner.policy"),
        new GradientHelper.Meters(meters),
        config.getLong("plaudit.run.seed"),
        ExperienceSettings.questionLimit(config),
        SourceSettings.from(config),
        new SourceMonitor(meters, MonotonicClock.PROCESS),
        files);
  }

  /** Whether a node with {@code roles} needs such parts. */
  static boolean needed(java.util.Set<Role> roles) {
    return roles.contains(Role.SAMPLER)
        || roles.contains(Role.SCORER)
        || roles.contains(Role.HELPER);
  }

  /** How responses are written. */
  public Generation generation() {
    return new Generation(inputs.task(), seed);
  }

  /** A sampler's engine. */
  TorchPolicyEngine policyEngine() {
    return new TorchPolicyEngine(
        inputs.reference().config(),
        () -> inputs.reference().net(sampler.compute()),
        sampler.compute(),
        generation(),
        questions(),
        questionLimit,
        sampler.inFlight(),
        files,
        samplerMeters);
  }

  /** A scorer's engine, with a reference of its own. */
  public TorchScoringEngine scoringEngine() {
    RewardSources.Made made =
        inputs.sources(scorer.compute(), sourceMonitor).make(source, this::runReward);
    return new TorchScoringEngine(
        inputs.task(),
        inputs.reference().net(scorer.compute()),
        files,
        made.run(),
        made.source(),
        inputs::text);
  }

  private RunReward runReward() {
    return new RunReward(inputs.reference().config(), inputs.task(), scorer.compute());
  }

  /** The losses a helper runs backwards, on weights that are overwritten in each step. */
  GradientAccumulator backward() {
    return GradientAccumulator.withoutOptimizer(
        ppo,
        inputs.task(),
        inputs.reference().config(),
        ppo.algorithm().lora().on()
            ? inputs.reference().frozen(helper.compute())
            : inputs.reference().trainable(helper.compute()),
        helper);
  }

  /** How rollouts become questions. */
  public Questions questions() {
    return new Questions(inputs.task(), scorer.choices(), inputs::text);
  }
}

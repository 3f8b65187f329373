package plaudit.node;

import com.typesafe.config.Config;
import plaudit.experience.PromptStreams;
import plaudit.experience.ShuffledPrompts;
import plaudit.policy.LearnerSettings;
import plaudit.policy.PolicyCheckpoint;
import plaudit.policy.PolicySettings;
import plaudit.policy.PolicyTrainer;
import plaudit.reward.ReferenceSamples;
import plaudit.reward.RewardSettings;
import plaudit.reward.RewardTrainer;
import plaudit.sampling.Generation;
import plaudit.snapshots.SnapshotFiles;

/**
 * Makes the engines of a run's two learners, for the run and for its replay: what they do is a
 * function of these settings and of what they are given to learn from.
 *
 * @param seed of sampling and training
 * @param shuffleSeed of the order of prompts
 * @param files where snapshots are written
 */
public record Trainers(
    RunInputs inputs,
    PolicySettings ppo,
    RewardSettings rewards,
    LearnerSettings policyLearner,
    LearnerSettings rewardLearner,
    long seed,
    long shuffleSeed,
    SnapshotFiles files) {

  /** Reads the settings. */
  public static Trainers of(Config config, RunInputs inputs, SnapshotFiles files) {
    return new Trainers(
        inputs,
        PolicySettings.from(config),
        RewardSettings.from(config).forChoices(),
        LearnerSettings.from(config, "plaudit.learner.policy"),
        LearnerSettings.from(config, "plaudit.learner.reward"),
        config.getLong("plaudit.run.seed"),
        config.getLong("plaudit.run.shuffle-seed"),
        files);
  }

  /** What the run deals its prompts from. */
  public PromptStreams decks() {
    return PromptStreams.of(inputs.prompts(), shuffleSeed);
  }

  /** The policy's trainer where a run begins. */
  public PolicyTrainer freshPolicy() {
    return PolicyTrainer.fresh(
        ppo,
        inputs.task(),
        files,
        inputs.reference().config(),
        ppo.algorithm().lora().on()
            ? inputs.reference().frozen(policyLearner.compute())
            : inputs.reference().trainable(policyLearner.compute()),
        policyLearner,
        seed);
  }

  /** The policy's trainer where a run goes on. */
  PolicyTrainer resumedPolicy(PolicyCheckpoint from) {
    return PolicyTrainer.resumed(
        ppo, inputs.task(), files, inputs.reference().config(), from, policyLearner, seed);
  }

  /** The reward model's trainer; writes the reference's samples, which takes a while. */
  public RewardTrainer reward() {
    try (var reference = inputs.reference().net(rewardLearner.compute())) {
      ReferenceSamples samples =
          ReferenceSamples.write(
              reference,
              new Generation(inputs.task(), seed),
              new ShuffledPrompts(inputs.prompts(), shuffleSeed + 2),
              rewards.normaliseSamples());
      return new RewardTrainer(
          rewards,
          inputs.reference().config(),
          inputs.task(),
          inputs.reference()::tensor,
          samples,
          files,
          rewardLearner.compute(),
          rewardLearner.microBatch(),
          seed);
    }
  }
}

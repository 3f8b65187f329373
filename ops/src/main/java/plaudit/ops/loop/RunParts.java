package plaudit.ops.loop;

import com.typesafe.config.Config;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import plaudit.experience.Decks;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.PromptDeck;
import plaudit.experience.Purpose;
import plaudit.experience.Start;
import plaudit.gateway.store.JdbcLabels;
import plaudit.model.ModelConfig;
import plaudit.model.TorchNet;
import plaudit.policy.LearnerSettings;
import plaudit.policy.PolicyCheckpoint;
import plaudit.policy.PolicyTrainer;
import plaudit.policy.PpoSettings;
import plaudit.reward.LabelSchedule;
import plaudit.reward.ReferenceSamples;
import plaudit.reward.RewardSettings;
import plaudit.reward.RewardTrainer;
import plaudit.sampling.Generation;
import plaudit.sampling.SamplerSettings;
import plaudit.scoring.Questions;
import plaudit.scoring.ScorerSettings;
import plaudit.scoring.Scoring;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;

/**
 * Everything the guardian wires together: settings read once, inputs, places on the disk, and what
 * an earlier part of the run left behind.
 *
 * @param recovered newest snapshots of a resumed run, empty for a new one
 * @param checkpoint what the policy learner goes on from, if the run is resumed
 */
record RunParts(
    RunInputs inputs,
    PpoSettings ppo,
    RewardSettings reward,
    ExperienceSettings experience,
    SamplerSettings sampler,
    ScorerSettings scorer,
    LearnerSettings policyLearner,
    LearnerSettings rewardLearner,
    long seed,
    long shuffleSeed,
    SnapshotFiles files,
    Path checkpoints,
    JdbcLabels labels,
    MeterRegistry meters,
    RunFeed feed,
    Map<Model, Snapshot> recovered,
    Optional<PolicyCheckpoint> checkpoint) {

  static RunParts of(
      Config config,
      RunInputs inputs,
      SnapshotFiles files,
      Path checkpoints,
      JdbcLabels labels,
      MeterRegistry meters,
      RunFeed feed,
      Map<Model, Snapshot> recovered,
      Optional<PolicyCheckpoint> checkpoint) {
    PpoSettings ppo = PpoSettings.from(config);
    return new RunParts(
        inputs,
        ppo,
        RewardSettings.from(config),
        ExperienceSettings.from(config).startingAt(start(labels, checkpoint)),
        SamplerSettings.from(config),
        ScorerSettings.from(config),
        LearnerSettings.from(config, "plaudit.learner.policy"),
        LearnerSettings.from(config, "plaudit.learner.reward"),
        config.getLong("plaudit.run.seed"),
        config.getLong("plaudit.run.shuffle-seed"),
        files,
        checkpoints,
        labels,
        meters,
        feed,
        recovered,
        checkpoint);
  }

  private static Start start(JdbcLabels labels, Optional<PolicyCheckpoint> checkpoint) {
    return new Start(
        checkpoint.map(PolicyCheckpoint::version).orElse(0L),
        labels.asked(Questions.prefix(Purpose.QUESTION)).comparisons(),
        labels.asked(Questions.prefix(Purpose.VALIDATION)).comparisons());
  }

  ModelConfig model() {
    return inputs.reference().config();
  }

  Generation generation() {
    return new Generation(inputs.task(), seed);
  }

  /** Go on after the newest question that was asked; policy prompts, where the checkpoint was. */
  Decks decks() {
    Decks whole = Decks.of(inputs.prompts(), shuffleSeed);
    return new Decks(
        whole.policy(),
        whole.questions().skip(dealt(Purpose.QUESTION, PromptDeck.FIRST_QUESTION)),
        whole.validations().skip(dealt(Purpose.VALIDATION, PromptDeck.FIRST_VALIDATION)));
  }

  private long dealt(Purpose purpose, long first) {
    String prefix = Questions.prefix(purpose);
    return labels
        .asked(prefix)
        .newest()
        .map(id -> Long.parseLong(id.substring(prefix.length())) - first + 1)
        .orElse(0L);
  }

  LabelSchedule labelSchedule() {
    return reward.labelSchedule(ppo.episodes(), ppo.batch());
  }

  TorchNet reference() {
    return inputs.reference().net(sampler.compute());
  }

  Scoring scoring() {
    return new Scoring(
        model(), inputs.task(), scorer.compute(), inputs.reference().net(scorer.compute()));
  }

  Questions questions() {
    return new Questions(inputs.task(), scorer.choices(), inputs::text);
  }

  PolicyTrainer policyTrainer() {
    return checkpoint
        .map(
            from ->
                PolicyTrainer.resumed(
                    ppo, inputs.task(), files, model(), from, policyLearner, seed))
        .orElseGet(
            () ->
                PolicyTrainer.fresh(
                    ppo,
                    inputs.task(),
                    files,
                    model(),
                    inputs.reference().trainable(policyLearner.compute()),
                    policyLearner,
                    seed));
  }

  RewardTrainer rewardTrainer() {
    try (var reference = inputs.reference().net(rewardLearner.compute())) {
      ReferenceSamples samples =
          ReferenceSamples.write(
              reference,
              generation(),
              new PromptDeck(inputs.prompts(), shuffleSeed + 2),
              reward.normaliseSamples());
      return new RewardTrainer(
          reward,
          model(),
          inputs.task(),
          inputs.reference()::tensor,
          samples,
          files,
          rewardLearner.compute(),
          seed);
    }
  }

  int rewardTrainings() {
    Snapshot newest = recovered.get(Model.REWARD);
    return newest == null ? 0 : Math.toIntExact(newest.version() + 1);
  }
}

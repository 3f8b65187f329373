package plaudit.ops.loop;

import com.typesafe.config.Config;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import plaudit.experience.Decks;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.PromptDeck;
import plaudit.experience.Purpose;
import plaudit.experience.Start;
import plaudit.labels.LabelStore.Asked;
import plaudit.labels.LabelStore.Begun;
import plaudit.model.ModelConfig;
import plaudit.ops.labels.LabelImport;
import plaudit.parallel.DataParallel;
import plaudit.parallel.HelperSettings;
import plaudit.parallel.Helpers;
import plaudit.policy.LearnerSettings;
import plaudit.policy.PolicyCheckpoint;
import plaudit.policy.PolicyTrainer;
import plaudit.policy.PpoSettings;
import plaudit.reward.LabelSchedule;
import plaudit.reward.ReferenceSamples;
import plaudit.reward.RewardSettings;
import plaudit.reward.RewardTrainer;
import plaudit.sampling.Generation;
import plaudit.scoring.Questions;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;

/**
 * Everything the learner's node wires together: settings read once, inputs, places on the disk, and
 * what an earlier part of the run left behind.
 *
 * @param recovered newest snapshots of a resumed run, empty for a new one
 * @param checkpoint what the policy learner goes on from, if the run is resumed
 */
record RunParts(
    RunInputs inputs,
    PpoSettings ppo,
    RewardSettings reward,
    ExperienceSettings experience,
    LearnerSettings policyLearner,
    LearnerSettings rewardLearner,
    HelperSettings helping,
    long seed,
    long shuffleSeed,
    SnapshotFiles files,
    Path checkpoints,
    MeterRegistry meters,
    RunFeed feed,
    Map<Model, Snapshot> recovered,
    Optional<PolicyCheckpoint> checkpoint) {

  static RunParts of(
      Config config,
      RunInputs inputs,
      SnapshotFiles files,
      Path checkpoints,
      MeterRegistry meters,
      RunFeed feed,
      Map<Model, Snapshot> recovered,
      Optional<PolicyCheckpoint> checkpoint) {
    PpoSettings ppo = PpoSettings.from(config);
    return new RunParts(
        inputs,
        ppo,
        RewardSettings.from(config).forChoices(),
        ExperienceSettings.from(config),
        LearnerSettings.from(config, "plaudit.learner.policy"),
        LearnerSettings.from(config, "plaudit.learner.reward"),
        HelperSettings.from(config),
        config.getLong("plaudit.run.seed"),
        config.getLong("plaudit.run.shuffle-seed"),
        files,
        checkpoints,
        meters,
        feed,
        recovered,
        checkpoint);
  }

  /** The policy version that the run begins at or goes on from. */
  long startVersion() {
    return checkpoint.map(PolicyCheckpoint::version).orElse(0L);
  }

  /** What to ask of the label store when the run begins; the answers go to the next two. */
  static List<String> prefixes() {
    return List.of(
        Questions.prefix(Purpose.QUESTION),
        Questions.prefix(Purpose.VALIDATION),
        LabelImport.PREFIX);
  }

  /** The buffer's settings after {@code begun}, the answer to {@link #prefixes}. */
  ExperienceSettings experience(Begun begun) {
    return experience.startingAt(
        new Start(
            startVersion(),
            // What a file has answered, nobody is asked.
            begun.asked().get(0).comparisons() + begun.asked().get(2).comparisons(),
            begun.asked().get(1).comparisons()));
  }

  ModelConfig model() {
    return inputs.reference().config();
  }

  Generation generation() {
    return new Generation(inputs.task(), seed);
  }

  /** Go on after the newest question that was asked; policy prompts, where the checkpoint was. */
  Decks decks(Begun begun) {
    Decks whole = Decks.of(inputs.prompts(), shuffleSeed);
    return new Decks(
        whole.policy(),
        whole.questions().skip(dealt(begun.asked().get(0), PromptDeck.FIRST_QUESTION)),
        whole.validations().skip(dealt(begun.asked().get(1), PromptDeck.FIRST_VALIDATION)));
  }

  /** A comparison's id is a letter and the number of its prompt. */
  private static long dealt(Asked asked, long first) {
    return asked.newest().map(id -> Long.parseLong(id.substring(1)) - first + 1).orElse(0L);
  }

  LabelSchedule labelSchedule() {
    return reward.labelSchedule(ppo.episodes(), ppo.batch());
  }

  /** The policy's trainer; whoever is among {@code helpers} computes a part of its gradients. */
  PolicyTrainer policyTrainer(Helpers helpers) {
    return policyTrainer()
        .computingBy(
            own -> new DataParallel(own, helpers, files::parcels, helping, System::nanoTime));
  }

  private PolicyTrainer policyTrainer() {
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
                    ppo.method().lora().on()
                        ? inputs.reference().frozen(policyLearner.compute())
                        : inputs.reference().trainable(policyLearner.compute()),
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

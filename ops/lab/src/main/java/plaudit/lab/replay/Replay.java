package plaudit.lab.replay;

import com.typesafe.config.Config;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.experience.actor.ExperienceProtocol.Batch;
import plaudit.experience.actor.ExperienceProtocol.Grant;
import plaudit.experience.journal.JournalReader;
import plaudit.experience.journal.Playback;
import plaudit.input.InvalidInputException;
import plaudit.labels.Label;
import plaudit.node.RunInputs;
import plaudit.node.Trainers;
import plaudit.node.WorkerParts;
import plaudit.parallel.RecordedGradients;
import plaudit.parallel.ShardLog;
import plaudit.policy.PolicyTrainer;
import plaudit.reward.RewardTrainer;
import plaudit.reward.TrainingLabels;
import plaudit.sampling.RolloutReplayer;
import plaudit.scoring.TorchScoringEngine;
import plaudit.snapshots.Model;
import plaudit.snapshots.SnapshotFiles;
import plaudit.tokens.TokenVersions;

/**
 * Makes a run again from what it started from, what it was dealt and what people said: each
 * delivery is written and scored, each batch learned from, by the classes that did it then and in
 * the same company. The first thing that is not the same to the bit ends it.
 */
public final class Replay implements Playback.Listener, AutoCloseable {

  private final JournalReader journal;
  private final TrainingLabels labels;
  private final Trainers trainers;
  private final Made policies;
  private final Made rewards;
  private final RolloutReplayer rewriter;
  private final TorchScoringEngine scoring;
  private final PolicyTrainer trainer;
  private final Consumer<String> progress;
  private final OptionalLong until;
  private final long last;
  private @Nullable RewardTrainer rewardTrainer;
  private long trainings;
  private long responses;
  private boolean over;
  private Optional<Difference> difference = Optional.empty();

  /**
   * How it went.
   *
   * @param policies versions whose weights were compared
   * @param rewards the same of the reward model
   * @param responses that were compared
   * @param difference the first, if there is one
   */
  public record Outcome(
      int policies, int rewards, long responses, Optional<Difference> difference) {}

  private Replay(
      Path run,
      Config config,
      RunInputs inputs,
      JournalReader journal,
      SnapshotFiles files,
      OptionalLong until,
      Consumer<String> progress) {
    this.journal = journal;
    this.until = until;
    this.progress = progress;
    this.last = last(journal, until);
    this.labels = TrainingLabels.in(run.resolve(JournalReader.DIRECTORY));
    this.trainers = Trainers.of(config, inputs, files);
    this.policies = new Made(Model.POLICY, files, journal.policies(), journal.uses(Model.POLICY));
    this.rewards = new Made(Model.REWARD, files, journal.rewards(), journal.uses(Model.REWARD));
    WorkerParts worker = WorkerParts.of(config, inputs, files, new SimpleMeterRegistry());
    this.rewriter =
        new RolloutReplayer(
            inputs.reference().config(),
            worker.sampler().compute(),
            worker.generation(),
            worker.sampler().inFlight(),
            policies::file);
    this.scoring = worker.scoringEngine();
    ShardLog shared = ShardLog.in(run.resolve(JournalReader.DIRECTORY));
    this.trainer =
        trainers
            .freshPolicy()
            .computingBy(own -> RecordedGradients.again(own, files::parcels, shared));
  }

  /**
   * Repeats the run of a directory; nothing in the directory is changed.
   *
   * @param config the run's
   * @param until the policy version to end with; without one it goes as far as the journal
   * @param scratch an empty directory for weights
   * @param progress told a line for each version
   * @throws InvalidInputException if the run has no whole journal
   */
  public static Outcome of(
      Path run, Config config, OptionalLong until, Path scratch, Consumer<String> progress) {
    JournalReader journal = JournalReader.of(run);
    if (!journal.whole()) {
      throw InvalidInputException.of(
          "journal of " + run,
          journal.segments() == 0 ? "none" : "its beginning is gone",
          "a run that was made with experience.journal.keep=all");
    }
    try (RunInputs inputs = RunInputs.read(config);
        Replay replay =
            new Replay(run, config, inputs, journal, SnapshotFiles.in(scratch), until, progress)) {
      replay.play(run);
      return new Outcome(
          replay.policies.compared(),
          replay.rewards.compared(),
          replay.responses,
          replay.difference);
    }
  }

  /** The newest version that the run published, or the one before which to stop. */
  private static long last(JournalReader journal, OptionalLong until) {
    SortedMap<Long, List<String>> made = journal.policies();
    long newest = made.isEmpty() ? 0 : made.lastKey();
    if (until.isPresent() && (until.getAsLong() < 0 || until.getAsLong() > newest)) {
      throw InvalidInputException.of("--until", until.getAsLong(), "0 to " + newest);
    }
    return until.orElse(newest);
  }

  private void play(Path run) {
    publish();
    Playback.of(run, trainers.decks(), this);
    SortedMap<Long, List<String>> trained = journal.rewards();
    if (difference.isEmpty() && until.isEmpty() && !trained.isEmpty()) {
      train(trained.lastKey());
    }
    if (difference.isEmpty() && trainer.state().version() < last) {
      throw InvalidInputException.of(
          "the journal",
          "without the batch of version " + trainer.state().version(),
          "all batches");
    }
  }

  @Override
  public void offered(Grant grant, List<Trajectory> trajectories) {
    List<Rollout> recorded = trajectories.stream().map(Trajectory::rollout).toList();
    TokenVersions versions =
        Collections.max(
            recorded.stream().map(Rollout::versions).toList(),
            Comparator.comparingInt(TokenVersions::length));
    List<Rollout> again = rewriter.write(grant.prompts(), grant.responses(), versions);
    if (found(Difference.ofRollouts(recorded, again))) {
      return;
    }
    long reward = trajectories.get(0).rewardVersion();
    if (!train(reward)) {
      return;
    }
    if (scoring.rewardVersion() != reward) {
      scoring.load(rewards.file(reward), reward);
    }
    if (found(Difference.ofScores(trajectories, scoring.score(again)))) {
      return;
    }
    responses += trajectories.size();
    versions.runs().forEach(part -> policies.used(part.version()));
    rewards.used(reward);
  }

  @Override
  public void taken(Batch batch) {
    long version = trainer.state().version();
    if (over || version >= last) {
      return;
    }
    if (batch.version() != version) {
      throw InvalidInputException.of(
          "the journal", "without the batch of version " + version, "all batches");
    }
    trainer.learn(batch.trajectories());
    publish();
  }

  @Override
  public boolean wantsMore() {
    return !over;
  }

  private void publish() {
    if (!found(policies.add(trainer.publish()))) {
      long version = trainer.state().version();
      progress.accept(
          "Policy version %d of %d: as it was; %d responses so far"
              .formatted(version, last, responses));
      over = until.isPresent() && version >= last;
    }
  }

  /** Trains reward models up to {@code version}; whether all are as they were. */
  private boolean train(long version) {
    while (trainings <= version) {
      long next = trainings;
      List<Label> known =
          labels
              .of(next)
              .orElseThrow(
                  () ->
                      InvalidInputException.of(
                          "the journal", "without reward-%d.labels".formatted(next), "all labels"));
      if (rewardTrainer == null) {
        rewardTrainer = trainers.reward();
      }
      if (found(rewards.add(rewardTrainer.train(next, known).snapshot()))) {
        return false;
      }
      trainings++;
      progress.accept("Reward version %d: as it was".formatted(next));
    }
    return true;
  }

  /** Keeps the first difference; whether {@code one} is one. */
  private boolean found(Optional<Difference> one) {
    if (difference.isEmpty()) {
      difference = one;
    }
    over |= one.isPresent();
    return one.isPresent();
  }

  /** For machines. */
  public static Map<String, Object> summary(Outcome outcome) {
    return Map.of(
        "policies", outcome.policies(),
        "rewards", outcome.rewards(),
        "responses", outcome.responses(),
        "equal", outcome.difference().isEmpty(),
        "difference", outcome.difference().map(List::of).orElse(List.of()));
  }

  @Override
  public void close() {
    rewriter.close();
    scoring.close();
    trainer.close();
  }
}

package plaudit.lab.replay;

import com.typesafe.config.Config;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Batch;
import plaudit.experience.Grant;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
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
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.tokens.TokenVersions;

/**
 * Repeats a run from its inputs, its journal and its labels: each delivery is written and scored,
 * each batch learned from, by the engines of a node and with the same rows in one computation. The
 * first result that is not equal to the bit ends it.
 */
public final class Replay implements Playback.Listener, AutoCloseable {

  private final JournalReader journal;
  private final TrainingLabels labels;
  private final Trainers trainers;
  private final Reproduced policies;
  private final Reproduced rewards;
  private final RolloutReplayer rollouts;
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
   * What was compared.
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
    this.policies =
        new Reproduced(Model.POLICY, files, journal.policies(), journal.uses(Model.POLICY));
    this.rewards =
        new Reproduced(Model.REWARD, files, journal.rewards(), journal.uses(Model.REWARD));
    WorkerParts worker = WorkerParts.of(config, inputs, files, new SimpleMeterRegistry());
    this.rollouts =
        new RolloutReplayer(
            inputs.reference().config(),
            worker.sampler().compute(),
            worker.generation(),
            worker.sampler().inFlight(),
            policies::file);
    this.scoring = worker.scoringEngine();
    ShardLog shards = ShardLog.in(run.resolve(JournalReader.DIRECTORY));
    this.trainer =
        trainers
            .freshPolicy()
            .computingBy(own -> RecordedGradients.again(own, files::transfers, shards));
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
    List<Rollout> again = rollouts.write(grant.prompts(), grant.responses(), versions);
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
    if (found(Difference.ofScores(trajectories, scoredAgain(again, trajectories)))) {
      return;
    }
    responses += trajectories.size();
    versions.runs().forEach(part -> policies.used(part.version()));
    rewards.used(reward);
  }

  /** Scores of a program elsewhere are taken from the journal; all else is computed again. */
  private List<Trajectory> scoredAgain(List<Rollout> again, List<Trajectory> recorded) {
    if (scoring.repeats()) {
      return scoring.score(again);
    }
    float[] scores = new float[recorded.size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = recorded.get(i).score();
    }
    return scoring.scored(again, scores);
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
    rollouts.close();
    scoring.close();
    trainer.close();
  }

  /** Versions of one model that were made again; a file stays while a later delivery needs it. */
  private static final class Reproduced {

    private final Model model;
    private final SnapshotFiles files;
    private final Map<Long, List<String>> recorded;
    private final Map<Long, Integer> uses;
    private final Map<Long, Path> kept = new HashMap<>();
    private final Set<Long> compared = new HashSet<>();

    /**
     * None yet.
     *
     * @param recorded digests by version; the last is that of the weights that were used
     * @param uses how many deliveries need each version
     */
    Reproduced(
        Model model,
        SnapshotFiles files,
        Map<Long, List<String>> recorded,
        Map<Long, Integer> uses) {
      this.model = model;
      this.files = files;
      this.recorded = recorded;
      this.uses = new HashMap<>(uses);
    }

    /** Another one; where the run published it, it must be the same. */
    Optional<Difference> add(Snapshot snapshot) {
      long version = snapshot.version();
      kept.put(version, files.fetch(snapshot));
      forget(version);
      List<String> digests = recorded.getOrDefault(version, List.of());
      if (digests.isEmpty()) {
        return Optional.empty();
      }
      compared.add(version);
      return Difference.ofWeights(
          "%s version %d".formatted(model.slug(), version),
          digests.get(digests.size() - 1),
          snapshot.sha256());
    }

    /** The weights of {@code version}. */
    Path file(long version) {
      Path file = kept.get(version);
      if (file == null) {
        throw InvalidInputException.of(
            "the journal",
            "uses %s version %d".formatted(model.slug(), version),
            "what that version was made of before that");
      }
      return file;
    }

    /** A delivery that needed it is done. */
    void used(long version) {
      uses.merge(version, -1, Integer::sum);
      forget(version);
    }

    /** How many versions had a digest to compare with. */
    int compared() {
      return compared.size();
    }

    private void forget(long version) {
      if (uses.getOrDefault(version, 0) > 0) {
        return;
      }
      try {
        Path file = kept.remove(version);
        if (file != null) {
          Files.deleteIfExists(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot delete weights", e);
      }
    }
  }
}

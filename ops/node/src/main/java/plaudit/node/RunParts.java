package plaudit.node;

import com.typesafe.config.Config;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.PromptStreams;
import plaudit.experience.Purpose;
import plaudit.experience.ShuffledPrompts;
import plaudit.experience.Start;
import plaudit.experience.journal.DurableLedger;
import plaudit.experience.journal.Entry;
import plaudit.experience.journal.Head;
import plaudit.experience.journal.Journal;
import plaudit.experience.journal.JournalFiles;
import plaudit.experience.journal.JournalSettings;
import plaudit.labels.actor.LabelStore.Asked;
import plaudit.labels.actor.LabelStore.Begun;
import plaudit.node.config.SharedSettings;
import plaudit.node.labels.LabelImport;
import plaudit.node.run.RunDirectory;
import plaudit.node.run.RunIdentity;
import plaudit.parallel.DataParallel;
import plaudit.parallel.RecordedGradients;
import plaudit.parallel.ShardLog;
import plaudit.parallel.actor.Helpers;
import plaudit.policy.LearnerSettings;
import plaudit.policy.PolicyCheckpoint;
import plaudit.policy.PolicySettings;
import plaudit.policy.PolicyTrainer;
import plaudit.reward.LabelSchedule;
import plaudit.reward.RewardSettings;
import plaudit.reward.RewardTrainer;
import plaudit.reward.TrainingLabels;
import plaudit.rewards.SourceSettings;
import plaudit.scoring.Questions;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;

/**
 * Everything the learner's node wires together: settings read once, inputs, places on the disk, and
 * what an earlier part of the run left behind.
 *
 * @param directory of the run
 * @param identity of the run; its directory has it once the run has begun
 * @param resumed whether the run has begun before
 * @param terms by which other nodes may work for the run
 * @param recovered newest snapshots of a resumed run, empty for a new one
 * @param checkpoint what the policy learner goes on from, if the run is resumed
 * @param letGoOnBy the operator who lets a run go on that a labeler has stopped
 * @param asksPeople whether a reward model is trained on people's labels
 */
record RunParts(
    RunInputs inputs,
    PolicySettings ppo,
    RewardSettings reward,
    ExperienceSettings experience,
    LearnerSettings policyLearner,
    LearnerSettings rewardLearner,
    DataParallel.Settings helping,
    long seed,
    long shuffleSeed,
    SnapshotFiles files,
    RunDirectory directory,
    RunIdentity identity,
    boolean resumed,
    RunStatusActor.Terms terms,
    JournalSettings journalSettings,
    MeterRegistry meters,
    RunMonitor monitor,
    Map<Model, Snapshot> recovered,
    Optional<PolicyCheckpoint> checkpoint,
    Optional<String> letGoOnBy,
    boolean asksPeople) {

  private static final Logger LOG = LoggerFactory.getLogger(RunParts.class);

  static RunParts of(
      Config config,
      RunInputs inputs,
      SnapshotFiles files,
      RunDirectory directory,
      RunIdentity identity,
      MeterRegistry meters,
      RunMonitor monitor,
      Map<Model, Snapshot> recovered,
      Optional<PolicyCheckpoint> checkpoint,
      Optional<String> letGoOnBy) {
    PolicySettings ppo = PolicySettings.from(config);
    return new RunParts(
        inputs,
        ppo,
        RewardSettings.from(config).forChoices(),
        ExperienceSettings.from(config),
        LearnerSettings.from(config, "plaudit.learner.policy"),
        LearnerSettings.from(config, "plaudit.learner.reward"),
        DataParallel.Settings.from(config),
        config.getLong("plaudit.run.seed"),
        config.getLong("plaudit.run.shuffle-seed"),
        files,
        directory,
        identity,
        RunIdentity.of(directory.root()).isPresent(),
        terms(config, inputs, identity),
        JournalSettings.from(config),
        meters,
        monitor,
        recovered,
        checkpoint,
        letGoOnBy,
        SourceSettings.from(config).asksPeople());
  }

  private static RunStatusActor.Terms terms(Config config, RunInputs inputs, RunIdentity identity) {
    Map<String, String> values = new TreeMap<>(SharedSettings.of(config));
    values.putAll(inputs.modelDigests());
    return new RunStatusActor.Terms(identity.id(), SharedSettings.render(config), values);
  }

  /** The policy version that the run begins at or goes on from. */
  long startVersion() {
    return checkpoint.map(PolicyCheckpoint::version).orElse(0L);
  }

  /** What to ask of the label store when the run begins; the answers go to {@link #ledger}. */
  static List<String> prefixes() {
    return List.of(
        Questions.prefix(Purpose.QUESTION),
        Questions.prefix(Purpose.VALIDATION),
        LabelImport.PREFIX);
  }

  /** The run's journal: written only while this process owns the run. */
  private record Owned(Journal journal, RunDirectory directory) implements Journal {
    @Override
    public void begin(Head head) {
      directory.requireOwned();
      journal.begin(head);
    }

    @Override
    public void append(Entry entry) {
      directory.requireOwned();
      journal.append(entry);
    }

    @Override
    public boolean read(long checkpoint, Consumer<Head> heads, Consumer<Entry> entries) {
      return journal.read(checkpoint, heads, entries);
    }

    @Override
    public void close() {
      journal.close();
    }
  }

  /**
   * The buffer's ledger: as the journal knows it, or if there is none, from the checkpoint and what
   * the label store says of the questions. With it the run has begun, and its directory says so.
   */
  DurableLedger ledger(Begun begun, long firstBatchId) {
    identity.write(directory.root());
    Path journal = directory.journal();
    PromptStreams decks = trainers().decks();
    if (!journalSettings.on()) {
      JournalFiles.setAside(journal);
      return DurableLedger.fresh(experience(begun), decks, firstBatchId, Journal.NONE);
    }
    Journal kept = new Owned(JournalFiles.in(journal, journalSettings).metered(meters), directory);
    Optional<DurableLedger> resumed =
        DurableLedger.resumed(experience, decks, startVersion(), firstBatchId, kept);
    if (resumed.isPresent()) {
      LOG.info(
          "the journal has [{}] trajectories waiting and [{}] batches after checkpoint [{}]",
          resumed.get().ledger().waiting(),
          resumed.get().kept(),
          startVersion());
      return resumed.get();
    }
    if (checkpoint.isPresent()) {
      LOG.warn(
          "no journal reaches back to checkpoint [{}]: what was under way is sampled again, prompts"
              + " may be passed over or learned from twice",
          startVersion());
    }
    return DurableLedger.fresh(experience(begun), decks, firstBatchId, kept);
  }

  /** Where a run without journal begins; {@code begun} is the answer to {@link #prefixes}. */
  private ExperienceSettings experience(Begun begun) {
    Asked questions = begun.asked().get(0);
    Asked validations = begun.asked().get(1);
    return experience.startingAt(
        new Start(
            startVersion(),
            // Questions that a file has answered are not asked.
            questions.comparisons() + begun.asked().get(2).comparisons(),
            validations.comparisons(),
            dealt(questions, ShuffledPrompts.FIRST_QUESTION),
            dealt(validations, ShuffledPrompts.FIRST_VALIDATION)));
  }

  /** A comparison's id is a letter and the number of its prompt. */
  private static long dealt(Asked asked, long first) {
    return asked.newest().map(id -> Long.parseLong(id.substring(1)) - first + 1).orElse(0L);
  }

  LabelSchedule labelSchedule() {
    return reward.labelSchedule(ppo.episodes(), ppo.batch());
  }

  /**
   * The policy's trainer; {@code helpers} compute a part of its gradients, but not of versions that
   * an earlier part of the run has made already.
   */
  PolicyTrainer policyTrainer(Helpers helpers) {
    long made =
        journalSettings.on() ? files.newest(Model.POLICY).map(Snapshot::version).orElse(0L) : 0;
    return policyTrainer()
        .computingBy(
            own ->
                RecordedGradients.of(
                    own,
                    new DataParallel(own, helpers, files::transfers, helping, System::nanoTime),
                    files::transfers,
                    sharedUpdates(),
                    made));
  }

  /** How updates were divided among the learner and its helpers; kept beside the journal. */
  private ShardLog sharedUpdates() {
    return journalSettings.on() ? ShardLog.in(directory.journal()) : ShardLog.none();
  }

  private PolicyTrainer policyTrainer() {
    return checkpoint.map(trainers()::resumedPolicy).orElseGet(trainers()::freshPolicy);
  }

  RewardTrainer rewardTrainer() {
    return trainers().reward();
  }

  private Trainers trainers() {
    return new Trainers(
        inputs, ppo, reward, policyLearner, rewardLearner, seed, shuffleSeed, files);
  }

  /** Which labels trained which reward model; kept beside the journal. */
  TrainingLabels trainingLabels() {
    return journalSettings.on()
        ? TrainingLabels.in(directory.journal())
        : TrainingLabels.inMemory();
  }

  int rewardTrainings() {
    Snapshot newest = recovered.get(Model.REWARD);
    return newest == null ? 0 : Math.toIntExact(newest.version() + 1);
  }
}

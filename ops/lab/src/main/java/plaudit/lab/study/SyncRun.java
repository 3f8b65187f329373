package plaudit.lab.study;

import com.typesafe.config.Config;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import plaudit.experience.Prompt;
import plaudit.experience.PromptStreams;
import plaudit.experience.Rollout;
import plaudit.experience.ShuffledPrompts;
import plaudit.experience.Trajectory;
import plaudit.experience.actor.ExperienceProtocol.Pace;
import plaudit.lab.study.Arm.Teacher;
import plaudit.lab.study.RunResult.Point;
import plaudit.lab.study.RunResult.Training;
import plaudit.model.Gpt2Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.model.TorchNet;
import plaudit.node.RunInputs;
import plaudit.policy.LearnerSettings;
import plaudit.policy.PolicySettings;
import plaudit.policy.PolicyTrainer;
import plaudit.policy.Tripwires.Verdict;
import plaudit.policy.UpdateReport;
import plaudit.reward.LabelSchedule;
import plaudit.reward.LabelSchedule.Answered;
import plaudit.reward.ReferenceSamples;
import plaudit.reward.RewardSettings;
import plaudit.reward.RewardTrainer;
import plaudit.sampling.Generation;
import plaudit.scoring.Questions;
import plaudit.scoring.TorchScoringEngine;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.task.Task;
import plaudit.tokens.Tokens;

/**
 * One run of the paper's algorithm with nothing at the same time: before each update the labels
 * that the schedule wants are asked and the trainings that are due are made (1.4); then the policy
 * writes a batch, it is scored and learned from, and the next version writes the next batch. A
 * tripwire does not stop it, since what happens then is what a study wants to see; it is noted.
 */
final class SyncRun implements AutoCloseable {

  private final StudyContext lab;
  private final Arm arm;
  private final int seed;
  private final RunInputs inputs;
  private final Task task;
  private final PolicySettings ppo;
  private final SnapshotFiles files;
  private final List<TensorSpec> specs;
  private final Generation generation;
  private final ShuffledPrompts deck;
  private final TorchNet reference;
  private final TorchNet policy;
  private final TorchScoringEngine scoring;
  private final MockHuman human;
  private final PolicyTrainer trainer;
  private final Optional<Slow> slow;
  private final List<Point> points = new ArrayList<>();
  private final List<Training> trainings = new ArrayList<>();
  private long dealt;
  private int tripwire = -1;
  private String tripwireReason = "";

  /** The loop among people, where there is one. */
  private record Slow(LabelSchedule schedule, MockLabels labels, RewardTrainer trainer) {}

  /**
   * A run before its first update.
   *
   * @param scratch for weights; may be deleted afterwards
   */
  SyncRun(StudyContext lab, Arm arm, int seed, Path scratch) {
    this.lab = lab;
    this.arm = arm;
    this.seed = seed;
    this.inputs = lab.inputs();
    this.task = inputs.task();
    Config config = lab.config(arm, seed);
    this.ppo = PolicySettings.from(config);
    this.files = SnapshotFiles.in(scratch);
    ModelConfig model = inputs.reference().config();
    this.specs = ScalarHead.VALUE.appendTo(Gpt2Layout.of(model));
    this.generation = new Generation(task, seed);
    PromptStreams decks = PromptStreams.of(inputs.prompts(), seed);
    this.deck = decks.policy();
    this.reference = inputs.reference().net(StudyContext.COMPUTE);
    this.policy = inputs.reference().net(StudyContext.COMPUTE);
    this.scoring =
        new TorchScoringEngine(
            model, task, StudyContext.COMPUTE, inputs.reference().net(StudyContext.COMPUTE), files);
    this.human = MockHuman.open(lab.classifier(), StudyContext.COMPUTE);
    LearnerSettings learner =
        new LearnerSettings(
            StudyContext.COMPUTE,
            LearnerSettings.from(config, "plaudit.learner.policy").microBatch());
    this.trainer =
        PolicyTrainer.fresh(
            ppo,
            task,
            files,
            model,
            ppo.method().lora().on()
                ? inputs.reference().frozen(StudyContext.COMPUTE)
                : inputs.reference().trainable(StudyContext.COMPUTE),
            learner,
            seed);
    this.slow =
        arm.teacher() instanceof Teacher.Labels
            ? Optional.of(slow(RewardSettings.from(config), decks))
            : Optional.empty();
  }

  private Slow slow(RewardSettings reward, PromptStreams decks) {
    Questions questions = new Questions(task, MockLabels.CHOICES, inputs::text);
    ReferenceSamples samples =
        ReferenceSamples.write(
            reference,
            generation,
            new ShuffledPrompts(inputs.prompts(), seed + 2L),
            reward.normaliseSamples());
    return new Slow(
        reward.labelSchedule(ppo.episodes(), ppo.batch()),
        new MockLabels(generation, questions, human, reference, decks, seed),
        new RewardTrainer(
            reward,
            inputs.reference().config(),
            task,
            inputs.reference()::tensor,
            samples,
            files,
            StudyContext.COMPUTE,
            seed));
  }

  /**
   * Plays to the end.
   *
   * @param made told the number of each update made
   * @param goOn asked before each update; false gives up
   * @return empty if it was given up
   */
  Optional<RunResult> play(IntConsumer made, BooleanSupplier goOn) {
    double start = cpuSeconds();
    if (arm.teacher() instanceof Teacher.Direct) {
      load(human.asReward(files, lab.normalising(), StudyContext.COMPUTE));
    }
    int updates = arm.teacher() instanceof Teacher.None ? 0 : ppo.updates();
    for (int update = 1; update <= updates; update++) {
      if (!goOn.getAsBoolean()) {
        return Optional.empty();
      }
      slow.ifPresent(this::collect);
      List<Trajectory> batch = scoring.score(rollouts());
      UpdateReport report = trainer.learn(batch, OptionalDouble.empty());
      points.add(point(update, batch, report));
      noteTripwire(update);
      follow();
      made.accept(update);
    }
    RunResult.End end = FinalEvaluation.of(lab, policy, reference, human, seed);
    return Optional.of(
        new RunResult(
            arm.name(),
            seed,
            points,
            end,
            trainings,
            tripwire,
            tripwireReason,
            cpuSeconds() - start));
  }

  /** Asks and trains until the schedule lets the policy make another update. */
  private void collect(Slow own) {
    LabelSchedule schedule = own.schedule();
    MockLabels labels = own.labels();
    while (true) {
      int known = labels.pool().preferences();
      Pace pace =
          schedule.pace(
              dealt, new Answered(known, labels.asked() + labels.validations()), trainings.size());
      if (schedule.trainingsDue(known) > trainings.size()) {
        train(own);
      } else if (labels.asked() < pace.questions()) {
        if (trainer.state().version() == 0) {
          labels.askReference(lab.pool(seed), pace.questions());
        } else {
          labels.ask(policy, trainer.state().version(), pace.questions());
        }
      } else if (labels.validations() < pace.validations()) {
        labels.validate(policy, trainer.state().version(), pace.validations());
      } else if (pace.episodes() >= dealt + ppo.batch()) {
        return;
      } else {
        throw new IllegalStateException(
            "the schedule waits at episode %d with %d labels, %d trainings: %s"
                .formatted(dealt, known, trainings.size(), pace));
      }
    }
  }

  private void train(Slow own) {
    int version = trainings.size();
    RewardTrainer.Trained trained = own.trainer().train(version, own.labels().pool().all());
    var heldOut = trained.report().heldOut();
    trainings.add(
        new Training(
            points.size() + 1,
            own.labels().pool().preferences(),
            heldOut.judged() == 0 ? -1 : (double) heldOut.agreed() / heldOut.judged()));
    load(trained.snapshot());
  }

  private void load(Snapshot reward) {
    scoring.load(reward);
    files.prune(Model.REWARD, 1);
  }

  private List<Rollout> rollouts() {
    int group = ppo.method().group();
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < ppo.batch() / group; i++) {
      prompts.add(deck.at(dealt / group + i));
    }
    dealt += ppo.batch();
    return generation.rollouts(policy, trainer.state().version(), prompts, group);
  }

  private void follow() {
    policy.swap(
        SnapshotWeights.read(files.fetch(trainer.publish()), specs, false, StudyContext.COMPUTE));
    files.prune(Model.POLICY, 2);
  }

  private void noteTripwire(int update) {
    if (tripwire < 0 && trainer.state().verdict() instanceof Verdict.Stop stop) {
      tripwire = update;
      tripwireReason = stop.reason();
    }
  }

  private Point point(int update, List<Trajectory> batch, UpdateReport report) {
    List<Tokens> kept = new ArrayList<>();
    for (Trajectory one : batch) {
      kept.add(task.truncation().truncate(one.rollout().response()).kept());
    }
    return new Point(
        update,
        slow.isEmpty() ? lab.logOdds(report.get("objective/score")) : judged(batch),
        report.get("objective/score"),
        report.get("objective/kl"),
        report.get("policy/beta"),
        report.get("objective/entropy"),
        Diversity.distinct(kept, 2),
        report.get("objective/valid"),
        slow.map(own -> own.labels().pool().preferences()).orElse(0));
  }

  private double judged(List<Trajectory> batch) {
    List<Rollout> rollouts = batch.stream().map(Trajectory::rollout).toList();
    return Arrays.stream(FinalEvaluation.rewards(lab, human, rollouts)).average().orElseThrow();
  }

  /** Of this thread: two runs at a time do not count each other's. */
  static double cpuSeconds() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
  }

  @Override
  public void close() {
    trainer.close();
    scoring.close();
    human.close();
    policy.close();
    reference.close();
  }
}

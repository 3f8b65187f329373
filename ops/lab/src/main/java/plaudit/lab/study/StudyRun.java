package plaudit.lab.study;

import com.typesafe.config.Config;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import plaudit.experience.Pace;
import plaudit.experience.Prompt;
import plaudit.experience.PromptStreams;
import plaudit.experience.Rollout;
import plaudit.experience.ShuffledPrompts;
import plaudit.experience.Trajectory;
import plaudit.lab.study.Arm.Teacher;
import plaudit.lab.study.RunResult.Point;
import plaudit.lab.study.RunResult.Training;
import plaudit.model.Layout;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.model.TorchNet;
import plaudit.node.Trainers;
import plaudit.node.WorkerParts;
import plaudit.policy.PolicySettings;
import plaudit.policy.PolicyTrainer;
import plaudit.policy.Tripwires.Verdict;
import plaudit.policy.UpdateReport;
import plaudit.reward.LabelSchedule;
import plaudit.reward.LabelSchedule.Answered;
import plaudit.reward.RewardTrainer;
import plaudit.sampling.Generation;
import plaudit.scoring.TorchScoringEngine;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.task.Task;
import plaudit.tokens.Tokens;

/**
 * One run of the paper's algorithm with nothing at the same time, by the parts of which a node is
 * made: before each update the labels that the schedule wants are asked and the trainings that are
 * due are made (1.4); then the policy writes a batch, it is scored and learned from, and the next
 * version writes the next batch. A tripwire does not stop the run, since the study is to show what
 * happens then; it is noted.
 */
final class StudyRun implements AutoCloseable {

  private final StudyContext study;
  private final Arm arm;
  private final int seed;
  private final PolicySettings policySettings;
  private final SnapshotFiles files;
  private final List<TensorSpec> specs;
  private final Generation generation;
  private final ShuffledPrompts prompts;
  private final TorchNet reference;
  private final TorchNet policy;
  private final TorchScoringEngine scoring;
  private final MockHuman human;
  private final PolicyTrainer trainer;
  private final Optional<RewardModels> rewardModels;
  private final List<Point> points = new ArrayList<>();
  private final List<Training> trainings = new ArrayList<>();
  private long dealt;
  private int tripwire = -1;
  private String tripwireReason = "";

  /** Labels and the reward models that are trained on them, where the arm has some. */
  private record RewardModels(LabelSchedule schedule, MockLabels labels, RewardTrainer trainer) {}

  /**
   * A run before its first update.
   *
   * @param scratch for weights; may be deleted afterwards
   */
  StudyRun(StudyContext study, Arm arm, int seed, Path scratch) {
    this.study = study;
    this.arm = arm;
    this.seed = seed;
    this.files = SnapshotFiles.in(scratch);
    Config config = study.config(arm, seed);
    Trainers trainers = Trainers.of(config, study.inputs(), files);
    WorkerParts workers = WorkerParts.of(config, study.inputs(), files, new SimpleMeterRegistry());
    PromptStreams streams = trainers.decks();
    this.policySettings = trainers.ppo();
    this.specs = ScalarHead.VALUE.appendTo(Layout.of(study.inputs().reference().config()));
    this.generation = workers.generation();
    this.prompts = streams.policy();
    this.reference = study.inputs().reference().net(StudyContext.COMPUTE);
    this.policy = study.inputs().reference().net(StudyContext.COMPUTE);
    this.scoring = workers.scoringEngine();
    this.human = MockHuman.open(study.classifier(), StudyContext.COMPUTE);
    this.trainer = trainers.freshPolicy();
    this.rewardModels =
        arm.teacher() instanceof Teacher.Labels
            ? Optional.of(
                new RewardModels(
                    trainers
                        .rewards()
                        .labelSchedule(policySettings.episodes(), policySettings.batch()),
                    new MockLabels(
                        generation, workers.questions(), human, reference, streams, seed),
                    trainers.reward()))
            : Optional.empty();
  }

  /**
   * Makes the whole run.
   *
   * @param made told the number of each update made
   * @param goOn asked before each update; false gives up
   * @return empty if it was given up
   */
  Optional<RunResult> run(IntConsumer made, BooleanSupplier goOn) {
    double start = cpuSeconds();
    if (arm.teacher() instanceof Teacher.Direct) {
      load(human.asReward(files, study.normalising(), StudyContext.COMPUTE));
    }
    int updates = arm.teacher() instanceof Teacher.None ? 0 : policySettings.updates();
    for (int update = 1; update <= updates; update++) {
      if (!goOn.getAsBoolean()) {
        return Optional.empty();
      }
      rewardModels.ifPresent(this::collect);
      List<Trajectory> batch = scoring.score(rollouts());
      UpdateReport report = trainer.learn(batch, OptionalDouble.empty());
      points.add(point(update, batch, report));
      noteTripwire(update);
      follow();
      made.accept(update);
    }
    RunResult.End end = FinalEvaluation.of(study, policy, reference, human, seed);
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

  /**
   * Asks questions and trains reward models until the schedule lets the policy make another update.
   */
  private void collect(RewardModels own) {
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
          labels.askReference(study.ofReference(seed), pace.questions());
        } else {
          labels.ask(policy, trainer.state().version(), pace.questions());
        }
      } else if (labels.validations() < pace.validations()) {
        labels.validate(policy, trainer.state().version(), pace.validations());
      } else if (pace.episodes() >= dealt + policySettings.batch()) {
        return;
      } else {
        throw new IllegalStateException(
            "the schedule waits at episode %d with %d labels, %d trainings: %s"
                .formatted(dealt, known, trainings.size(), pace));
      }
    }
  }

  private void train(RewardModels own) {
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
    int group = policySettings.algorithm().group();
    List<Prompt> next = new ArrayList<>();
    for (int i = 0; i < policySettings.batch() / group; i++) {
      next.add(prompts.at(dealt / group + i));
    }
    dealt += policySettings.batch();
    return generation.rollouts(policy, trainer.state().version(), next, group);
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
    Task task = study.inputs().task();
    List<Tokens> kept = new ArrayList<>();
    for (Trajectory one : batch) {
      kept.add(task.truncation().truncate(one.rollout().response()).kept());
    }
    return new Point(
        update,
        rewardModels.isEmpty() ? study.logOdds(report.get("objective/score")) : judged(batch),
        report.get("objective/score"),
        report.get("objective/kl"),
        report.get("policy/beta"),
        report.get("objective/entropy"),
        TokenDiversity.distinct(kept, 2),
        report.get("objective/valid"),
        rewardModels.map(own -> own.labels().pool().preferences()).orElse(0));
  }

  private double judged(List<Trajectory> batch) {
    List<Rollout> rollouts = batch.stream().map(Trajectory::rollout).toList();
    return Arrays.stream(FinalEvaluation.rewards(study, human, rollouts)).average().orElseThrow();
  }

  /** CPU time of this thread only: two runs at a time do not count each other's. */
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

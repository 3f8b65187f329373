package plaudit.policy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.model.Layout;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.optim.MicroBatch;
import plaudit.policy.Tripwires.Verdict;
import plaudit.sampling.Generation;
import plaudit.snapshots.Model;
import plaudit.snapshots.SnapshotFiles;
import plaudit.task.Task;
import plaudit.task.TruncationRule.Truncated;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

/**
 * The fast loop without actors: the real {@link PolicyTrainer} on a tiny net ({@link Toy}), the
 * real sampler's {@link Generation} on each published snapshot, and a score by rule in place of the
 * reward model. For tests of what an algorithm learns; an update takes some milliseconds.
 */
public final class ToyGame implements AutoCloseable {

  private static final List<TensorSpec> SPECS = ScalarHead.VALUE.appendTo(Layout.of(Toy.CONFIG));

  private final PolicySettings settings;
  private final Task task;
  private final List<Tokens> queries;
  private final ToDoubleFunction<Tokens> score;
  private final SnapshotFiles files;
  private final PolicyTrainer trainer;
  private final TorchNet reference;
  private final TorchNet policy;
  private final List<UpdateReport> reports = new ArrayList<>();
  private long prompts;

  /**
   * A game before its first update.
   *
   * @param queries dealt one after another
   * @param score what the reward model would say of a truncated response
   * @param directory takes the snapshots
   */
  public ToyGame(
      PolicySettings settings,
      Task task,
      List<Tokens> queries,
      ToDoubleFunction<Tokens> score,
      Path directory) {
    this(settings, Toy::weights, task, queries, score, directory);
  }

  /**
   * A game that starts from another model.
   *
   * @param weights makes the reference's weights, trainable, as often as asked
   */
  public ToyGame(
      PolicySettings settings,
      Supplier<Weights> weights,
      Task task,
      List<Tokens> queries,
      ToDoubleFunction<Tokens> score,
      Path directory) {
    this.settings = settings;
    this.task = task;
    this.queries = queries;
    this.score = score;
    this.files = SnapshotFiles.in(directory);
    this.reference = TorchNet.of(Toy.CONFIG, weights.get(), Toy.CPU);
    this.policy = TorchNet.of(Toy.CONFIG, weights.get(), Toy.CPU);
    this.trainer =
        PolicyTrainer.fresh(
            settings,
            task,
            files,
            Toy.CONFIG,
            settings.algorithm().lora().on() ? Toy.frozen(weights.get()) : weights.get(),
            new LearnerSettings(Toy.CPU, MicroBatch.ofRows(512)),
            1);
    follow();
  }

  /** Plays on until the last update, or until a tripwire stops the run. */
  public ToyGame play() {
    while (trainer.state().version() < settings.updates() && stopReason().isEmpty()) {
      learn(batch(), OptionalDouble.empty());
    }
    return this;
  }

  /** A batch the present policy writes, in whole groups, as the experience buffer serves it. */
  public List<Trajectory> batch() {
    return score(rollouts());
  }

  /** The same without scores. */
  public List<Rollout> rollouts() {
    int group = settings.algorithm().group();
    List<Prompt> dealt =
        LongStream.range(prompts, prompts + settings.batch() / group)
            .mapToObj(id -> new Prompt(id, queries.get((int) (id % queries.size()))))
            .toList();
    prompts += dealt.size();
    return new Generation(task, 5).rollouts(policy, trainer.state().version(), dealt, group);
  }

  /** What the scorer makes of rollouts. */
  public List<Trajectory> score(List<Rollout> rollouts) {
    float[][] logprobs = reference(rollouts);
    List<Trajectory> batch = new ArrayList<>();
    for (int i = 0; i < rollouts.size(); i++) {
      Truncated cut = task.truncation().truncate(rollouts.get(i).response());
      float own = (float) score.applyAsDouble(cut.kept());
      batch.add(
          new Trajectory(
              rollouts.get(i),
              PerToken.of(logprobs[i]),
              task.truncation().score(cut.valid(), own),
              cut.valid(),
              0));
    }
    return batch;
  }

  /** Makes one update and samples with what it made. */
  public UpdateReport learn(List<Trajectory> batch, OptionalDouble validationWinRate) {
    UpdateReport report = trainer.learn(batch, validationWinRate);
    reports.add(report);
    follow();
    return report;
  }

  /** The distribution of the first token after the first query, under the policy. */
  public double[] policyOfFirstToken() {
    return firstToken(policy);
  }

  /** The same under the reference. */
  public double[] referenceOfFirstToken() {
    return firstToken(reference);
  }

  /** The mean of a metric over the last so many updates. */
  public double late(String metric, int updates) {
    return reports.subList(reports.size() - updates, reports.size()).stream()
        .mapToDouble(report -> report.get(metric))
        .average()
        .orElseThrow();
  }

  /** The mean of a metric over updates {@code from} to {@code to}, exclusive. */
  public double mean(String metric, int from, int to) {
    return reports.subList(from, to).stream()
        .mapToDouble(report -> report.get(metric))
        .average()
        .orElseThrow();
  }

  /** Updates so far. */
  public List<UpdateReport> reports() {
    return Collections.unmodifiableList(reports);
  }

  /** Why a tripwire stopped the run, empty if none did. */
  public String stopReason() {
    return trainer.state().verdict() instanceof Verdict.Stop stop ? stop.reason() : "";
  }

  /** The trainer that plays. */
  public PolicyTrainer trainer() {
    return trainer;
  }

  @Override
  public void close() {
    trainer.close();
    reference.close();
    policy.close();
  }

  private void follow() {
    policy.swap(SnapshotWeights.read(files.fetch(trainer.publish()), SPECS, false, Toy.CPU));
    files.prune(Model.POLICY, 2);
  }

  private float[][] reference(List<Rollout> rollouts) {
    return reference
        .score(
            rollouts.stream().map(r -> task.context(r.query())).toList(),
            rollouts.stream().map(Rollout::response).toList(),
            task.temperature())
        .logprobs();
  }

  private double[] firstToken(TorchNet net) {
    int vocabulary = Toy.CONFIG.vocabulary();
    List<Tokens> each = new ArrayList<>();
    for (int token = 0; token < vocabulary; token++) {
      each.add(Tokens.of(token));
    }
    List<Tokens> context = Collections.nCopies(vocabulary, task.context(queries.get(0)));
    double[] probabilities = new double[vocabulary];
    float[][] logprobs = net.score(context, each, task.temperature()).logprobs();
    for (int token = 0; token < vocabulary; token++) {
      probabilities[token] = Math.exp(logprobs[token][0]);
    }
    return probabilities;
  }
}

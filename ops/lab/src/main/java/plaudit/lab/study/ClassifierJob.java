package plaudit.lab.study;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.experience.ShuffledPrompts;
import plaudit.lab.study.Reviews.Labelled;
import plaudit.model.ReferenceModel;
import plaudit.model.RewardDirectory;
import plaudit.model.TensorSpec;
import plaudit.model.TorchNet;
import plaudit.node.RunInputs;
import plaudit.optim.MicroBatch;
import plaudit.reward.ReferenceSamples;
import plaudit.reward.RewardExample;
import plaudit.reward.RewardLoss;
import plaudit.reward.RewardNet;
import plaudit.reward.RewardScale;
import plaudit.reward.RewardSettings;
import plaudit.reward.RewardTraining;
import plaudit.reward.Target;
import plaudit.sampling.Generation;
import plaudit.stats.Agreement;
import plaudit.tokens.Tokens;
import plaudit.training.TrainingObserver;

/**
 * Trains the classifier that judges in a study, or takes the one of an earlier call: the
 * reference's trunk with a scalar head that tells windows of positive reviews from windows of
 * negative ones. It is trained on pairs, one of each label, with {@code -log sigmoid(z_positive -
 * z_negative)}: over all pairs that is least where z is the log-odds but for a constant, since the
 * odds of a pair are the quotient of the odds of its texts. Gain and constant are fitted afterwards
 * on held-out windows.
 *
 * <p>The paper's is a Transformer of 6 layers trained on Amazon reviews (2.4).
 */
public final class ClassifierJob {

  private static final String DIRECTORY = "classifier";
  private static final String FILE = "classifier.json";
  private static final int AT_ONCE = 32;

  private final StudyDirectory directory;
  private final RunInputs inputs;
  private final StudySettings.Classifier settings;
  private final RewardSettings reward;
  private final long seed;

  /**
   * A job.
   *
   * @param reward settings of the optimizer, of which batch and learning rate are replaced
   */
  ClassifierJob(
      StudyDirectory directory,
      RunInputs inputs,
      StudySettings.Classifier settings,
      RewardSettings reward,
      long seed) {
    this.directory = directory;
    this.inputs = inputs;
    this.settings = settings;
    this.reward = reward;
    this.seed = seed;
  }

  /** Where the classifier lies. */
  Path classifier() {
    return directory.path().resolve(DIRECTORY);
  }

  /** The report of an earlier call. */
  Optional<ClassifierReport> earlier() {
    return directory.read(FILE, ClassifierReport.class);
  }

  /**
   * Trains one, sets its scale so that scores are log-odds, and writes it.
   *
   * @param seen told how many windows have been learned from
   * @param goOn asked after each step; false gives up
   * @return empty if it was given up
   */
  Optional<ClassifierReport> train(Reviews reviews, LongConsumer seen, BooleanSupplier goOn) {
    double start = StudyRun.cpuSeconds();
    int tokens =
        inputs.prompts().stream().mapToInt(prompt -> prompt.length()).max().orElse(1)
            + inputs.task().responseLength();
    Reviews.Windows windows =
        reviews.windows(inputs.tokenizer(), tokens, settings.windows(), settings.measured(), seed);
    List<RewardExample> pairs = pairs(windows.training());
    ReferenceModel reference = inputs.reference();
    try (RewardNet net =
        RewardNet.fresh(
            reference.config(),
            reference::tensor,
            new Random(seed),
            reward.adam(),
            StudyContext.COMPUTE,
            MicroBatch.ofRows(64))) {
      RewardTraining.Outcome outcome =
          new RewardTraining(
                  ofPairs(),
                  pairs,
                  new ReferenceSamples(windows.scale().all()),
                  new Random(seed),
                  TrainingObserver.ofSteps(
                      step -> {
                        seen.accept(2 * step.done());
                        return goOn.getAsBoolean();
                      }))
              .run(net);
      if (!outcome.complete()) {
        return Optional.empty();
      }
      net.scale(LogOddsFit.of(net.raw(windows.scale().all()), positive(windows.scale())));
      List<TensorSpec> specs = net.weights().specs();
      RewardDirectory.write(
          classifier(),
          reference.config(),
          spec -> net.weights().copy(specs.indexOf(spec)),
          reference.directory().path(),
          Map.of());
      ClassifierReport report = measure(net, windows.test(), 2 * pairs.size(), start);
      directory.write(FILE, report);
      return Optional.of(report);
    }
  }

  private RewardSettings ofPairs() {
    return new RewardSettings(
        settings.batch() / 2,
        1,
        1,
        RewardLoss.BEST_OF_N,
        0,
        settings.learningRate(),
        reward.shape(),
        reward.adam(),
        reward.normaliseSamples(),
        true,
        0,
        0,
        reward.labels());
  }

  private static List<RewardExample> pairs(Labelled windows) {
    List<RewardExample> pairs = new ArrayList<>();
    for (int i = 0; i < windows.positive().size(); i++) {
      List<Tokens> both = List.of(windows.positive().get(i), windows.negative().get(i));
      pairs.add(new RewardExample(both, Target.Best.only(0)));
    }
    return pairs;
  }

  private ClassifierReport measure(RewardNet net, Labelled windows, int trained, double start) {
    float[] raw = net.raw(windows.all());
    boolean[] positive = positive(windows);
    RewardScale scale = net.scale();
    long right = 0;
    long ordered = 0;
    double loss = 0;
    for (int i = 0; i < raw.length; i++) {
      double odds = scale.apply(raw[i]) * (positive[i] ? 1 : -1);
      right += odds > 0 ? 1 : 0;
      loss += Math.log1p(Math.exp(-Math.abs(odds))) + Math.max(0, -odds);
    }
    int half = raw.length / 2;
    for (int i = 0; i < half; i++) {
      ordered += raw[i] > raw[half + i] ? 1 : 0;
    }
    double[] odds = ofReference();
    double mean = Arrays.stream(odds).average().orElseThrow();
    double square = Arrays.stream(odds).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
    var accuracy = new Agreement(right, raw.length).accuracy();
    return new ClassifierReport(
        trained,
        accuracy.share(),
        accuracy.low(),
        accuracy.high(),
        new Agreement(ordered, half).accuracy().share(),
        loss / raw.length,
        raw.length,
        mean,
        Math.sqrt(square),
        StudyRun.cpuSeconds() - start);
  }

  private static boolean[] positive(Labelled windows) {
    boolean[] positive = new boolean[2 * windows.positive().size()];
    Arrays.fill(positive, 0, positive.length / 2, true);
    return positive;
  }

  /** r_s of whole responses of the reference, as many as set the scale of a reward model (X3). */
  private double[] ofReference() {
    ShuffledPrompts shuffled = new ShuffledPrompts(inputs.prompts(), seed + 2);
    Generation generation = new Generation(inputs.task(), seed);
    double[] odds = new double[2 * reward.normaliseSamples()];
    try (TorchNet reference = inputs.reference().net(StudyContext.COMPUTE);
        MockHuman human = MockHuman.open(classifier(), StudyContext.COMPUTE)) {
      for (int from = 0; from < odds.length; from += AT_ONCE) {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = from; i < Math.min(from + AT_ONCE, odds.length); i++) {
          prompts.add(shuffled.at(i));
        }
        List<Rollout> rollouts = generation.rollouts(reference, 0, prompts, 1);
        double[] part =
            human.logOdds(
                rollouts.stream().map(r -> inputs.task().judged(r.query(), r.response())).toList());
        System.arraycopy(part, 0, odds, from, part.length);
      }
    }
    return odds;
  }

  /**
   * How good the classifier is.
   *
   * @param trained windows of reviews it learned from
   * @param accuracy share of unseen windows whose log-odds have the right sign
   * @param low end of the 95 % interval of that
   * @param high end of it
   * @param pairs share of unseen pairs in the right order
   * @param logLoss mean {@code -log} of the probability of the right label, in nats; log 2 is
   *     chance
   * @param measured unseen windows
   * @param level mean of r_s over responses of the reference
   * @param deviation standard deviation of that
   * @param cpuSeconds of its training
   */
  public record ClassifierReport(
      int trained,
      double accuracy,
      double low,
      double high,
      double pairs,
      double logLoss,
      long measured,
      double level,
      double deviation,
      double cpuSeconds) {}
}

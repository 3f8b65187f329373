package plaudit.lab.study;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.experience.ShuffledPrompts;
import plaudit.model.ReferenceModel;
import plaudit.model.RewardDirectory;
import plaudit.model.TensorSpec;
import plaudit.model.TorchNet;
import plaudit.node.RunInputs;
import plaudit.reward.RewardNet;
import plaudit.reward.RewardSettings;
import plaudit.sampling.Generation;

/** Makes the classifier of a study, or takes the one that an earlier call made. */
final class ClassifierJob {

  private static final String DIRECTORY = "classifier";
  private static final String FILE = "classifier.json";
  private static final int AT_ONCE = 32;

  private final StudyDirectory directory;
  private final RunInputs inputs;
  private final StudySettings study;
  private final RewardSettings reward;
  private final long seed;

  ClassifierJob(
      StudyDirectory directory,
      RunInputs inputs,
      StudySettings study,
      RewardSettings reward,
      long seed) {
    this.directory = directory;
    this.inputs = inputs;
    this.study = study;
    this.reward = reward;
    this.seed = seed;
  }

  /** Where the classifier lies. */
  Path classifier() {
    return directory.path().resolve(DIRECTORY);
  }

  /** The classifier of an earlier call. */
  Optional<ClassifierReport> earlier() {
    return directory.read(FILE, ClassifierReport.class);
  }

  /**
   * Trains one.
   *
   * @return empty if it was given up
   */
  Optional<ClassifierReport> train(List<Review> reviews, LongConsumer seen, BooleanSupplier goOn) {
    double start = SyncRun.cpuSeconds();
    int tokens =
        inputs.prompts().stream().mapToInt(prompt -> prompt.length()).max().orElse(1)
            + inputs.task().responseLength();
    ReviewWindows windows =
        ReviewWindows.of(
            reviews,
            inputs.tokenizer(),
            tokens,
            study.classifier().windows(),
            study.classifier().measured(),
            seed);
    ClassifierTraining training =
        new ClassifierTraining(reward, study.classifier(), StudyContext.COMPUTE, seed);
    ReferenceModel reference = inputs.reference();
    Optional<ClassifierTraining.Report> report;
    try (RewardNet net = training.start(reference)) {
      report = training.train(net, windows, seen, goOn);
      if (report.isPresent()) {
        List<TensorSpec> specs = net.weights().specs();
        RewardDirectory.write(
            classifier(),
            reference.config(),
            spec -> net.weights().copy(specs.indexOf(spec)),
            reference.directory().path(),
            Map.of());
      }
    }
    return report.map(made -> finish(made, start));
  }

  private ClassifierReport finish(ClassifierTraining.Report report, double start) {
    double[] odds = ofReference();
    double mean = Arrays.stream(odds).average().orElseThrow();
    double square = Arrays.stream(odds).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
    var accuracy = report.accuracy().accuracy();
    ClassifierReport diploma =
        new ClassifierReport(
            report.trained(),
            accuracy.share(),
            accuracy.low(),
            accuracy.high(),
            report.pairs().accuracy().share(),
            report.logLoss(),
            report.accuracy().judged(),
            mean,
            Math.sqrt(square),
            SyncRun.cpuSeconds() - start);
    directory.write(FILE, diploma);
    return diploma;
  }

  /** r_s of whole responses of the reference, as many as set the scale of a reward model (X3). */
  private double[] ofReference() {
    ShuffledPrompts deck = new ShuffledPrompts(inputs.prompts(), seed + 2);
    Generation generation = new Generation(inputs.task(), seed);
    double[] odds = new double[2 * reward.normaliseSamples()];
    try (TorchNet reference = inputs.reference().net(StudyContext.COMPUTE);
        MockHuman human = MockHuman.open(classifier(), StudyContext.COMPUTE)) {
      for (int from = 0; from < odds.length; from += AT_ONCE) {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = from; i < Math.min(from + AT_ONCE, odds.length); i++) {
          prompts.add(deck.at(i));
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
}

package plaudit.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.experience.ShuffledPrompts;
import plaudit.input.InvalidInputException;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Comparison.Sample;
import plaudit.labels.Judgment;
import plaudit.labels.Label;
import plaudit.language.FreshWeights;
import plaudit.model.Compute;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ScalarHead;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.optim.AdamSettings;
import plaudit.optim.MicroBatch;
import plaudit.reward.RewardScale.Moments;
import plaudit.sampling.Generation;
import plaudit.snapshots.SnapshotFiles;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;
import plaudit.training.TrainingObserver;

/** The reward model's details of the paper and the release, by their names in docs/algorithm.md. */
class RewardPaperDetailsTest {

  private static final Compute CPU = Compute.cpu(1);
  private static final ModelConfig CONFIG = ModelConfig.gpt2(1, 2, 64, 16, 11);

  @TempDir private Path dir = Path.of("");

  @Test
  void r1TheRewardIsReadAtTheLastPresentTokenWhateverStandsBeside() {
    try (RewardNet net = fresh(1)) {
      Tokens text = Tokens.of(3, 1, 4, 1, 5);
      float alone = net.raw(List.of(text))[0];
      float[] beside = net.raw(List.of(Tokens.of(9, 2, 6, 5, 3, 5, 8, 9), text));
      assertThat(beside[1]).isCloseTo(alone, within(1e-5f));
      assertThat(net.raw(List.of(Tokens.of(3, 1, 4, 1, 6)))[0]).isNotCloseTo(alone, within(1e-3f));
    }
  }

  @Test
  void r2TheFreshHeadHasDeviationOneOverTheRootOfWidthPlusOneAndBiasZero() {
    double squares = 0;
    int heads = 40;
    for (int seed = 0; seed < heads; seed++) {
      try (RewardNet net = fresh(seed)) {
        int head = Layout.of(CONFIG).size();
        for (float weight : net.weights().arrays().get(head).toFloatArray()) {
          squares += weight * weight;
        }
        assertThat(net.weights().arrays().get(head + 1).getFloat()).isZero();
        assertThat(net.scale()).isEqualTo(RewardScale.IDENTITY);
      }
    }
    assertThat(Math.sqrt(squares / heads / 64)).isCloseTo(1 / Math.sqrt(65), within(.005));
  }

  @Test
  void r3ScoresOfTheReferenceAreStandardBeforeAndAfterTraining() {
    ReferenceSamples samples = samples();
    try (RewardNet net = fresh(1)) {
      RewardTraining.Outcome outcome =
          training(settings(1e-12), samples, TrainingObserver.NONE).run(net);
      Moments before = Moments.of(scaled(net.raw(samples.sequences()), outcome.trained()));
      assertThat(before.mean()).isCloseTo(0, within(1e-4));
      assertThat(before.deviation()).isCloseTo(1, within(1e-4));
    }
    try (RewardNet net = fresh(1)) {
      RewardTraining.Outcome outcome =
          training(settings(1e-2), samples, TrainingObserver.NONE).run(net);
      Moments trained = Moments.of(scaled(net.raw(samples.sequences()), outcome.trained()));
      Moments after = Moments.of(scaled(net.raw(samples.sequences()), net.scale()));
      assertThat(Math.abs(trained.mean()) + Math.abs(trained.deviation() - 1)).isGreaterThan(.05);
      assertThat(after.mean()).isCloseTo(0, within(1e-4));
      assertThat(after.deviation()).isCloseTo(1, within(1e-4));
    }
  }

  @Test
  void x1TheRewardModelSeesNeitherPrefixNorSuffix() {
    Task task = new Task(Tokens.of(9, 9), Tokens.of(8, 8), 3, 1, TruncationRule.NONE, true);
    Comparison comparison =
        new Comparison(
            "q1",
            Tokens.of(1, 2),
            "query",
            List.of(new Sample(Tokens.of(3), "a", 0), new Sample(Tokens.of(4, 5), "b", 0)));
    Judgment judgment = new Judgment("q1", "v", "p", new Choice.Best(1), Instant.EPOCH);
    Weights reference = FreshWeights.of(CONFIG, 11, CPU);
    RewardTrainer trainer =
        new RewardTrainer(
            settings(1e-3),
            CONFIG,
            task,
            spec -> reference.copy(reference.specs().indexOf(spec)),
            samples(),
            SnapshotFiles.in(dir),
            CPU,
            MicroBatch.ofRows(64),
            1);

    assertThat(trainer.examples(List.of(new Label(1, comparison, judgment))))
        .containsExactly(
            new RewardExample(
                List.of(Tokens.of(1, 2, 3), Tokens.of(1, 2, 4, 5)), Target.Best.only(1)));
  }

  @Test
  void x3NormalisationSamplesAreNeitherCutNorFiltered() {
    // Every token but one in eleven would end a response, and the rest would have no valid one.
    Task task =
        new Task(
            Tokens.of(), Tokens.of(), 6, 1, new TruncationRule(OptionalInt.of(7), 0, -1), true);
    try (TorchNet net = TorchNet.of(CONFIG, reference(), CPU)) {
      ReferenceSamples samples =
          ReferenceSamples.write(
              net,
              new Generation(task, 5),
              new ShuffledPrompts(List.of(Tokens.of(1, 2), Tokens.of(3)), 1),
              64);
      assertThat(samples.sequences()).hasSize(64);
      assertThat(samples.sequences()).allMatch(s -> s.length() == 7 || s.length() == 8);
      assertThat(samples.sequences())
          .anyMatch(s -> s.slice(2, s.length() - 1).stream().anyMatch(id -> id == 7));
    }
  }

  @Test
  void g5TheLearningRateFallsByTheIndexOfTheStepsFirstRow() {
    List<TrainingObserver.Step> steps = new ArrayList<>();
    try (RewardNet net = fresh(1)) {
      training(settings(1e-3), samples(), TrainingObserver.ofSteps(steps::add)).run(net);
    }
    assertThat(steps).hasSize(5);
    for (TrainingObserver.Step step : steps) {
      assertThat(step.learningRate()).isCloseTo(1e-3 * (1 - step.start() / 40.0), within(1e-12));
    }
  }

  @Test
  void r3TheSamplesAreTheFrozenReferencesWhateverIsTrainedMeanwhile() {
    Task task = new Task(Tokens.of(), Tokens.of(), 6, 1, TruncationRule.NONE, true);
    List<ReferenceSamples> written = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      try (TorchNet rho = TorchNet.of(CONFIG, reference(), CPU)) {
        written.add(
            ReferenceSamples.write(
                rho,
                new Generation(task, 5),
                new ShuffledPrompts(List.of(Tokens.of(1, 2)), 1),
                16));
      }
      try (RewardNet net = fresh(1)) {
        training(settings(1e-2), written.get(i), TrainingObserver.NONE).run(net);
      }
    }
    assertThat(written.get(1)).isEqualTo(written.get(0));
  }

  @Test
  void r3GainIsOneAndBiasZeroUntilTheFirstScaling() {
    List<RewardScale> seen = new ArrayList<>();
    try (RewardNet net = fresh(1)) {
      RewardSettings unscaled =
          RewardSettings.from(
              ConfigFactory.parseString(
                      "plaudit.reward { learning-rate = 1e-12, normalise.before = off }")
                  .withFallback(ConfigFactory.defaultReference()));
      training(unscaled, samples(), TrainingObserver.ofSteps(step -> seen.add(net.scale())))
          .run(net);
    }
    assertThat(seen.get(0).gain()).isCloseTo(1, within(1e-6));
    assertThat(seen.get(0).bias()).isCloseTo(0, within(1e-6));
  }

  @Test
  void aTrainingThatIsEndedEarlyIsScaledAllTheSame() {
    ReferenceSamples samples = samples();
    try (RewardNet net = fresh(1)) {
      RewardTraining.Outcome outcome =
          training(settings(1e-2), samples, TrainingObserver.ofSteps(step -> false)).run(net);
      assertThat(outcome.complete()).isFalse();
      assertThat(outcome.seen()).isEqualTo(8);
      Moments after = Moments.of(scaled(net.raw(samples.sequences()), net.scale()));
      assertThat(after.mean()).isCloseTo(0, within(1e-4));
      assertThat(after.deviation()).isCloseTo(1, within(1e-4));
    }
  }

  @Test
  void aLossThatIsNoNumberStopsTheTraining() {
    try (RewardNet net = fresh(1)) {
      assertThatThrownBy(() -> training(settings(1e30), samples(), TrainingObserver.NONE).run(net))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("reward.learning-rate");
    }
  }

  private static RewardTraining training(
      RewardSettings settings, ReferenceSamples samples, TrainingObserver observer) {
    Random random = new Random(2);
    List<RewardExample> examples = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      examples.add(
          new RewardExample(
              List.of(text(random, 5), text(random, 4)), Target.Best.only(random.nextInt(2))));
    }
    return new RewardTraining(settings, examples, samples, new Random(3), observer);
  }

  private static RewardSettings settings(double learningRate) {
    return RewardSettings.from(
        ConfigFactory.parseString("plaudit.reward.learning-rate = " + learningRate)
            .withFallback(ConfigFactory.defaultReference()));
  }

  private static RewardNet fresh(long seed) {
    Weights reference = FreshWeights.of(CONFIG, 11, CPU);
    return RewardNet.fresh(
        CONFIG,
        spec -> reference.copy(reference.specs().indexOf(spec)),
        new Random(seed),
        AdamSettings.paper(),
        CPU,
        MicroBatch.ofRows(64));
  }

  private static Weights reference() {
    Weights language = FreshWeights.of(CONFIG, 11, CPU);
    return Weights.read(
        ScalarHead.VALUE.appendTo(Layout.of(CONFIG)),
        spec -> {
          int at = language.specs().indexOf(spec);
          return at < 0
              ? java.nio.ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size()))
                  .order(java.nio.ByteOrder.LITTLE_ENDIAN)
              : language.copy(at);
        },
        false,
        CPU);
  }

  private static ReferenceSamples samples() {
    Random random = new Random(4);
    List<Tokens> sequences = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      sequences.add(text(random, 6 + i % 4));
    }
    return new ReferenceSamples(sequences);
  }

  private static double[] scaled(float[] raw, RewardScale scale) {
    double[] scores = new double[raw.length];
    for (int i = 0; i < raw.length; i++) {
      scores[i] = scale.apply(raw[i]);
    }
    return scores;
  }

  private static Tokens text(Random random, int length) {
    return Tokens.of(random.ints(length, 0, CONFIG.vocabulary()).toArray());
  }
}

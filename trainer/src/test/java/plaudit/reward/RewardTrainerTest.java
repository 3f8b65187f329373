package plaudit.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Comparison.Sample;
import plaudit.labels.Judgment;
import plaudit.labels.Label;
import plaudit.language.FreshWeights;
import plaudit.model.Compute;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.RewardFile;
import plaudit.model.Safetensors;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.optim.AdamSettings;
import plaudit.optim.Losses;
import plaudit.optim.MicroBatch;
import plaudit.optim.Network;
import plaudit.optim.Schedule;
import plaudit.reward.LabelSchedule.CollectionMode;
import plaudit.reward.RewardTrainer.Trained;
import plaudit.snapshots.Model;
import plaudit.snapshots.SnapshotFiles;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;
import plaudit.training.TrainingObserver;
import plaudit.training.TrainingObserver.RewardReport;

/** A person who prefers the response with most sevens. */
class RewardTrainerTest {

  private static final Compute CPU = Compute.cpu(1);
  private static final ModelConfig CONFIG = ModelConfig.gpt2(1, 2, 16, 16, 11);
  private static final Task TASK =
      new Task(Tokens.of(1), Tokens.of(2), 6, 1, TruncationRule.NONE, true);
  private static final int LIKED = 7;

  private final ReferenceSamples samples = samples();
  @TempDir private Path dir = Path.of("");

  @Test
  void theFastLossIsTheSlowLoss() {
    List<TensorSpec> specs = new ArrayList<>(ScalarHead.REWARD.appendTo(Layout.of(CONFIG)));
    specs.addAll(RewardFile.SCALE);
    Random random = new Random(3);
    Weights weights = Weights.read(specs, spec -> normal(spec, random), true, CPU);
    try (Network net = Network.of(CONFIG, Losses.REWARD, weights, CPU);
        NDManager scope = net.scope()) {
      NDArray ids =
          scope.create(random.longs(12 * 5, 0, CONFIG.vocabulary()).toArray(), new Shape(12, 5));
      int[] best = {2, 0, 3};
      NDList out =
          net.backward(
              "best_of_n_loss",
              scope,
              ids,
              scope.create(new float[] {0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1}, new Shape(3, 4)),
              scope.create(new float[] {0.5f, 0}));
      float[] flat = out.get(1).toFloatArray();
      float[][] scores = new float[3][];
      for (int i = 0; i < 3; i++) {
        scores[i] = java.util.Arrays.copyOfRange(flat, 4 * i, 4 * i + 4);
      }
      assertThat((double) out.get(0).getFloat())
          .isCloseTo(0.5 * PreferenceLossReference.loss(scores, best), within(1e-5));
      float gain = weights.arrays().get(specs.size() - 2).getFloat();
      float bias = weights.arrays().get(specs.size() - 1).getFloat();
      float[] raw = net.infer("reward", scope, ids).get(0).toFloatArray();
      for (int i = 0; i < raw.length; i++) {
        assertThat(flat[i]).isCloseTo(gain * raw[i] + bias, within(1e-5f));
      }
    }
  }

  @Test
  void aRuleIsLearntAndTheScaleIsThatOfTheReference() {
    List<Label> labels = labels(800);
    Trained trained = trainer(5e-3, 2).train(0, labels);
    RewardReport report = trained.report();
    assertThat(report.heldOut().judged()).isGreaterThan(100);
    assertThat(report.heldOut().accuracy().share()).isGreaterThan(0.8);
    assertThat(report.labels() + report.heldOut().judged()).isEqualTo(800);
    assertThat(report.lastLoss()).isLessThan(report.firstLoss());
    assertThat(report.doubt()).isEmpty();
    assertThat(trained.snapshot().model()).isEqualTo(Model.REWARD);
    assertThat(trained.snapshot().parent()).isEqualTo(-1);
    scoresOfTheReferenceAreStandard(Path.of(trained.snapshot().url()));
  }

  private static List<Label> drawnByChance() {
    List<Label> drawn = new ArrayList<>();
    Random random = new Random(2);
    for (int id = 0; id < 200; id++) {
      Comparison comparison = comparison(random, id);
      int best = random.nextInt(comparison.samples().size());
      drawn.add(label(id, comparison, new Choice.Best(best)));
    }
    return drawn;
  }

  @Test
  void aModelThatIsNoBetterThanChanceIsTrainedAgainAndAnotherIsNot() {
    List<Long> steps = new ArrayList<>();
    TrainingObserver counting =
        TrainingObserver.ofSteps(
            step -> {
              steps.add(step.number());
              return true;
            });

    trainer(1e-3, 1, 3).train(0, drawnByChance(), counting);
    assertThat(steps).filteredOn(number -> number == 1).hasSize(3);

    steps.clear();
    trainer(5e-3, 2, 3).train(0, labels(800), counting);
    assertThat(steps).doesNotHaveDuplicates();
  }

  @Test
  void aModelThatIsNotClearlyAboveChanceIsDoubtedInWords() {
    List<Label> drawn = drawnByChance();
    RewardReport report = trainer(1e-3, 1).train(3, drawn).report();
    assertThat(report.chance()).isBetween(0.25, 0.5);
    assertThat(report.doubt())
        .hasValueSatisfying(
            words ->
                assertThat(words)
                    .contains(
                        "reward model 3 agrees with " + report.heldOut().agreed(),
                        "of " + report.heldOut().judged() + " held-out labels",
                        "chance"));
    assertThat(trainer(1e-3, 1).train(4, drawn.subList(0, 10)).report().doubt()).isEmpty();
  }

  @Test
  void labelsWithoutPreferenceAreLeftOut() {
    List<Label> labels = new ArrayList<>(labels(40));
    int used = trainer(1e-3, 1).train(0, labels).report().labels();
    for (int i = 40; i < 80; i++) {
      Comparison comparison = comparison(new Random(i), i);
      labels.add(label(i, comparison, new Choice.NoPreference(Choice.Reason.TIE)));
    }
    assertThat(trainer(1e-3, 1).train(1, labels).report().labels()).isEqualTo(used);
  }

  @Test
  void theFreshHeadHasTheDeviationOfThePaperAndEachVersionItsOwn() {
    List<Float> heads = new ArrayList<>();
    for (int version = 0; version < 40; version++) {
      Path file = Path.of(trainer(1e-3, 1).train(version, List.of()).snapshot().url());
      ByteBuffer head =
          Safetensors.open(file)
              .readF32(ScalarHead.REWARD.weightName())
              .order(ByteOrder.LITTLE_ENDIAN);
      while (head.hasRemaining()) {
        heads.add(head.getFloat());
      }
    }
    double squares = heads.stream().mapToDouble(x -> x * x).average().orElseThrow();
    assertThat(Math.sqrt(squares)).isCloseTo(1 / Math.sqrt(17), within(.025));
    assertThat(heads).doesNotHaveDuplicates();
  }

  @Test
  void theSameLabelsGiveTheSameFile() {
    List<Label> labels = labels(40);
    String once = trainer(1e-3, 1).train(0, labels).snapshot().sha256();
    assertThat(trainer(1e-3, 1).train(0, labels).snapshot().sha256()).isEqualTo(once);
  }

  private void scoresOfTheReferenceAreStandard(Path file) {
    List<TensorSpec> specs = ScalarHead.REWARD.appendTo(Layout.of(CONFIG));
    RewardFile.Scale scale = RewardFile.scale(file);
    try (TorchNet net = TorchNet.of(CONFIG, SnapshotWeights.read(file, specs, false, CPU), CPU)) {
      float[] raw = net.reward(samples.sequences());
      double sum = 0;
      double squares = 0;
      for (float score : raw) {
        double scaled = scale.gain() * score + scale.bias();
        sum += scaled;
        squares += scaled * scaled;
      }
      double mean = sum / raw.length;
      assertThat(mean).isCloseTo(0, within(.05));
      assertThat(Math.sqrt(squares / raw.length - mean * mean)).isCloseTo(1, within(.05));
    }
  }

  private RewardTrainer trainer(double learningRate, int epochs) {
    return trainer(learningRate, epochs, 1);
  }

  private RewardTrainer trainer(double learningRate, int epochs, int attempts) {
    RewardSettings settings =
        new RewardSettings(
            8,
            epochs,
            attempts,
            RewardLoss.BEST_OF_N,
            0,
            learningRate,
            Schedule.Shape.LINEAR,
            AdamSettings.paper(),
            128,
            true,
            0.2,
            0.05,
            new RewardSettings.Labels(40, 80, 10, 1, 1, CollectionMode.CONTINUOUS, false, 0));
    Weights reference = FreshWeights.of(CONFIG, 11, CPU);
    return new RewardTrainer(
        settings,
        CONFIG,
        TASK,
        spec -> reference.copy(reference.specs().indexOf(spec)),
        samples,
        SnapshotFiles.in(dir),
        CPU,
        MicroBatch.ofRows(64),
        1);
  }

  private static List<Label> labels(int count) {
    List<Label> labels = new ArrayList<>();
    Random random = new Random(9);
    while (labels.size() < count) {
      int id = labels.size();
      Comparison comparison = comparison(random, id);
      long[] counts = comparison.samples().stream().mapToLong(s -> liked(s.response())).toArray();
      long most = java.util.Arrays.stream(counts).max().orElseThrow();
      if (java.util.Arrays.stream(counts).filter(c -> c == most).count() == 1) {
        int best = 0;
        while (counts[best] < most) {
          best++;
        }
        labels.add(label(id, comparison, new Choice.Best(best)));
      }
    }
    return labels;
  }

  private static long liked(Tokens response) {
    return response.stream().filter(id -> id == LIKED).count();
  }

  private static Label label(int id, Comparison comparison, Choice choice) {
    Judgment judgment = new Judgment(comparison.id(), "vendor", "person", choice, Instant.EPOCH);
    return new Label(id + 1L, comparison, judgment);
  }

  private static Comparison comparison(Random random, int id) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < 2 + id % 3; i++) {
      Tokens response = text(random, 6);
      samples.add(new Sample(response, response.toString(), 0));
    }
    return new Comparison("q" + id, text(random, 2 + id % 4), "query", samples);
  }

  private static ReferenceSamples samples() {
    Random random = new Random(4);
    List<Tokens> sequences = new ArrayList<>();
    for (int i = 0; i < 128; i++) {
      sequences.add(text(random, 8 + i % 4));
    }
    return new ReferenceSamples(sequences);
  }

  private static Tokens text(Random random, int length) {
    return Tokens.of(random.ints(length, 0, CONFIG.vocabulary()).toArray());
  }

  private static ByteBuffer normal(TensorSpec spec, Random random) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size())).order(ByteOrder.LITTLE_ENDIAN);
    for (long i = 0; i < spec.size(); i++) {
      bytes.putFloat((float) (0.3 * random.nextGaussian() + (spec.size() == 1 ? 1 : 0)));
    }
    return bytes.flip();
  }
}

package plaudit.reward;

import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.optim.MicroBatch;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

/**
 * A person whose liking of a response is the sum of a hidden number a token, and the real {@link
 * RewardTrainer} on a tiny net that is to find out. For tests of what reward training learns.
 */
public final class RewardToy {

  static final Compute CPU = Compute.cpu(1);
  static final ModelConfig CONFIG = ModelConfig.gpt2(1, 2, 16, 16, 11);

  private static final int CHOICES = 4;
  private static final int LENGTH = 6;
  private static final Task TASK =
      new Task(Tokens.of(1), Tokens.of(2), LENGTH, 1, TruncationRule.NONE, true);

  private RewardToy() {}

  /**
   * The defaults with other values under {@code plaudit.reward}, one {@code key = value} a line.
   */
  public static RewardSettings settings(String... lines) {
    String hocon = "plaudit.reward {\n" + String.join("\n", lines) + "\n}";
    return RewardSettings.from(
        ConfigFactory.parseString(hocon).withFallback(ConfigFactory.defaultReference()));
  }

  /** A trainer that writes its versions below {@code dir}. */
  public static RewardTrainer trainer(RewardSettings settings, Path dir) {
    Weights reference = FreshWeights.of(CONFIG, 11, CPU);
    return new RewardTrainer(
        settings,
        CONFIG,
        TASK,
        spec -> reference.copy(reference.specs().indexOf(spec)),
        samples(),
        SnapshotFiles.in(dir),
        CPU,
        MicroBatch.ofRows(64),
        1);
  }

  /** How much the person likes a response. */
  static double liking(Tokens response) {
    Random hidden = new Random(7);
    double[] worth = hidden.doubles(CONFIG.vocabulary(), -1, 1).toArray();
    return response.stream().mapToDouble(token -> worth[token]).sum();
  }

  /**
   * Choices among four, each taken with a probability proportional to exp(liking / temperature); 0
   * always takes the best.
   */
  public static List<Label> labels(int count, double temperature, long seed) {
    Random random = new Random(seed);
    List<Label> labels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Comparison comparison = comparison(i, random);
      Judgment judgment =
          new Judgment(
              comparison.id(),
              "vendor",
              "person",
              new Choice.Best(choose(comparison, temperature, random)),
              Instant.EPOCH);
      labels.add(new Label(i + 1L, comparison, judgment));
    }
    return labels;
  }

  /** How often the model of a snapshot takes what a person who never errs takes. */
  static double accuracy(Snapshot snapshot, int comparisons) {
    int right = 0;
    try (TorchNet net = net(snapshot)) {
      for (Label label : labels(comparisons, 0, 99)) {
        Comparison comparison = label.comparison();
        float[] scores =
            net.reward(
                comparison.samples().stream()
                    .map(sample -> TASK.judged(comparison.query(), sample.response()))
                    .toList());
        right += best(scores) == ((Choice.Best) label.judgment().choice()).index() ? 1 : 0;
      }
    }
    return (double) right / comparisons;
  }

  /** Scaled scores of fresh samples of the kind the scale was set on. */
  static float[] scores(Snapshot snapshot) {
    RewardFile.Scale scale = RewardFile.scale(Path.of(snapshot.url()));
    Random random = new Random(5);
    List<Tokens> fresh = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      fresh.add(text(random, 2 + LENGTH));
    }
    try (TorchNet net = net(snapshot)) {
      float[] scores = net.reward(fresh);
      for (int i = 0; i < scores.length; i++) {
        scores[i] = scale.gain() * scores[i] + scale.bias();
      }
      return scores;
    }
  }

  /** The model of a snapshot, its scale left out. */
  static TorchNet net(Snapshot snapshot) {
    return TorchNet.of(
        CONFIG,
        SnapshotWeights.read(
            Path.of(snapshot.url()), ScalarHead.REWARD.appendTo(Layout.of(CONFIG)), false, CPU),
        CPU);
  }

  private static int choose(Comparison comparison, double temperature, Random random) {
    float[] liking = new float[CHOICES];
    for (int i = 0; i < CHOICES; i++) {
      double own = liking(comparison.samples().get(i).response());
      // The largest of liking / T plus Gumbel noise is drawn from the softmax.
      double gumbel = -Math.log(-Math.log(random.nextDouble()));
      liking[i] = (float) (temperature == 0 ? own : own / temperature + gumbel);
    }
    return best(liking);
  }

  private static int best(float[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      best = scores[i] > scores[best] ? i : best;
    }
    return best;
  }

  private static Comparison comparison(int id, Random random) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < CHOICES; i++) {
      Tokens response = text(random, LENGTH);
      samples.add(new Sample(response, response.toString(), 0));
    }
    return new Comparison("q" + id, text(random, 2), "query", samples);
  }

  private static ReferenceSamples samples() {
    Random random = new Random(4);
    List<Tokens> sequences = new ArrayList<>();
    for (int i = 0; i < 256; i++) {
      sequences.add(text(random, 2 + LENGTH));
    }
    return new ReferenceSamples(sequences);
  }

  private static Tokens text(Random random, int length) {
    return Tokens.of(random.ints(length, 0, CONFIG.vocabulary()).toArray());
  }
}

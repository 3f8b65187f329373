package plaudit.lab.study;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import plaudit.eval.measure.MockLabeler;
import plaudit.labels.Choice;
import plaudit.model.Compute;
import plaudit.model.Layout;
import plaudit.model.ModelDirectory;
import plaudit.model.RewardDirectory;
import plaudit.model.RewardFile;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.node.vendor.Judge;
import plaudit.reward.RewardScale;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.tokens.Tokens;

/**
 * Judges texts by r_s, the log-odds that the author of such a text was pleased (paper 2.4). Of
 * several texts it always prefers the one of highest r_s; equal ones are drawn from. One thread at
 * a time.
 */
final class MockHuman implements Judge<Tokens>, AutoCloseable {

  private static final int AT_ONCE = 32;
  private static final MockLabeler HIGHEST = new MockLabeler(0, 0, MockLabeler.Ties.DRAW);

  private final RewardDirectory directory;
  private final TorchNet net;

  private MockHuman(RewardDirectory directory, TorchNet net) {
    this.directory = directory;
    this.net = net;
  }

  /** Opens the classifier in {@code dir}, a reward model whose scores are log-odds. */
  static MockHuman open(Path dir, Compute compute) {
    RewardDirectory directory = RewardDirectory.open(dir);
    return new MockHuman(directory, directory.net(compute));
  }

  /** r_s of each text, query and response together. */
  double[] logOdds(List<Tokens> texts) {
    double[] odds = new double[texts.size()];
    for (int from = 0; from < odds.length; from += AT_ONCE) {
      int to = Math.min(from + AT_ONCE, odds.length);
      float[] part = directory.score(net, texts.subList(from, to));
      for (int i = from; i < to; i++) {
        odds[i] = part[i - from];
      }
    }
    return odds;
  }

  /** The index of the text of highest r_s; {@code query} is a part of each text. */
  @Override
  public int judge(Tokens query, List<Tokens> texts, RandomGenerator random) {
    return HIGHEST.choose(logOdds(texts), random) instanceof Choice.Best best ? best.index() : TIE;
  }

  /**
   * The classifier as a reward model: for learning from r_s instead of from choices by it.
   *
   * @param wanted brings r_s to the scale that every reward model has (paper 1.3)
   */
  Snapshot asReward(SnapshotFiles files, RewardScale wanted, Compute compute) {
    RewardFile.Scale own = directory.scale();
    float[] scale = {
      (float) (wanted.gain() * own.gain()), (float) (wanted.gain() * own.bias() + wanted.bias())
    };
    ModelDirectory model = directory.directory();
    List<TensorSpec> specs = new ArrayList<>(Layout.of(model.config()));
    specs.addAll(RewardDirectory.extras(model.config()));
    try (Weights weights = Weights.read(specs, spec -> tensor(spec, scale), false, compute)) {
      return files.write(
          Model.REWARD,
          0,
          -1,
          List.of(),
          out -> SnapshotWeights.write(Channels.newChannel(out), Map.of(), List.of(weights)));
    }
  }

  private ByteBuffer tensor(TensorSpec spec, float[] scale) {
    int index = RewardFile.SCALE.indexOf(spec);
    if (index >= 0) {
      return ByteBuffer.allocateDirect(4)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putFloat(scale[index])
          .flip();
    }
    return directory.tensor(spec);
  }

  @Override
  public void close() {
    net.close();
  }
}

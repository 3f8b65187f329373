package plaudit.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import plaudit.snapshots.Model;
import plaudit.snapshots.Probe;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;

/** Published versions of a tiny policy and a tiny reward model; the version is the seed. */
public final class TinySnapshots {

  /** The architecture of both. */
  public static final ModelConfig CONFIG = TinyModels.config(Activation.GELU_NEW, true);

  /** The reward model's scale. */
  public static final float GAIN = 2;

  /** Added to the scaled reward. */
  public static final float BIAS = 0.5f;

  private TinySnapshots() {}

  /** The policy of a version. */
  public static TorchNet policyNet(long version) {
    return TorchNet.of(CONFIG, policy(version), Compute.cpu(1));
  }

  /** The reward model of a version, without its scale. */
  public static TorchNet rewardNet(long version) {
    List<TensorSpec> specs = ScalarHead.REWARD.appendTo(Layout.of(CONFIG));
    return TorchNet.of(CONFIG, weights(specs, 1000 + version), Compute.cpu(1));
  }

  /** Writes a policy version. */
  public static Snapshot policy(SnapshotFiles files, long version, List<Probe> probes) {
    try (Weights weights = policy(version)) {
      return write(files, Model.POLICY, version, probes, weights);
    }
  }

  /** Writes a reward version. */
  public static Snapshot reward(SnapshotFiles files, long version) {
    List<TensorSpec> specs = new ArrayList<>(ScalarHead.REWARD.appendTo(Layout.of(CONFIG)));
    specs.addAll(RewardFile.SCALE);
    try (Weights weights = weights(specs, 1000 + version)) {
      return write(files, Model.REWARD, version, List.of(), weights);
    }
  }

  /** The weights of a policy version. */
  public static Weights policy(long version) {
    return weights(ScalarHead.VALUE.appendTo(Layout.of(CONFIG)), version);
  }

  private static Weights weights(List<TensorSpec> specs, long seed) {
    Random random = new Random(seed);
    return Weights.read(specs, spec -> fill(spec, random), false, Compute.cpu(1));
  }

  private static ByteBuffer fill(TensorSpec spec, Random random) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size())).order(ByteOrder.LITTLE_ENDIAN);
    for (long i = 0; i < spec.size(); i++) {
      float normal = (float) (0.3 * random.nextGaussian());
      bytes.putFloat(
          switch (spec.name()) {
            case "reward_gain" -> GAIN;
            case "reward_bias" -> BIAS;
            default -> spec.name().matches(".*ln_\\w+\\.weight") ? 1 + normal : normal;
          });
    }
    return bytes.flip();
  }

  private static Snapshot write(
      SnapshotFiles files, Model model, long version, List<Probe> probes, Weights weights) {
    return files.write(
        model,
        version,
        version - 1,
        probes,
        out ->
            SnapshotWeights.write(
                Channels.newChannel(out),
                Map.of("version", Long.toString(version)),
                List.of(weights)));
  }
}

package plaudit.scoring;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plaudit.model.Compute;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.RewardFile;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.task.Task;
import plaudit.tokens.Tokens;

/** The reward model that the run trains, in the version that was loaded last. */
public final class RunReward implements RewardSource {

  private final ModelConfig config;
  private final Task task;
  private final Compute compute;
  private @Nullable TorchNet net;
  private float gain = 1;
  private float bias;
  private long version = -1;

  /** One without a version. */
  public RunReward(ModelConfig config, Task task, Compute compute) {
    this.config = config;
    this.task = task;
    this.compute = compute;
  }

  /** Scores with this version, read from its snapshot file, from now on. */
  public void load(Path file, long version) {
    Weights fresh =
        SnapshotWeights.read(file, ScalarHead.REWARD.appendTo(Layout.of(config)), false, compute);
    if (net == null) {
      net = TorchNet.of(config, fresh, compute);
    } else {
      net.swap(fresh);
    }
    RewardFile.Scale scale = RewardFile.scale(file);
    gain = scale.gain();
    bias = scale.bias();
    this.version = version;
  }

  /** The version that scores, -1 before the first. */
  public long version() {
    return version;
  }

  @Override
  public void score(List<Response> responses, Receiver receiver) {
    if (net == null) {
      throw new IllegalStateException("no reward model is loaded");
    }
    List<Tokens> sequences = new ArrayList<>();
    responses.forEach(it -> sequences.add(task.judged(it.query(), it.kept())));
    float[] raw = net.reward(sequences);
    for (int i = 0; i < raw.length; i++) {
      raw[i] = gain * raw[i] + bias;
    }
    receiver.scored(raw);
  }

  @Override
  public void close() {
    if (net != null) {
      net.close();
    }
  }
}

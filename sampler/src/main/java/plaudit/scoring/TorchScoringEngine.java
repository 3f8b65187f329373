package plaudit.scoring;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.model.CausalNet;
import plaudit.model.Compute;
import plaudit.model.Gpt2Layout;
import plaudit.model.ModelConfig;
import plaudit.model.RewardFile;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.task.Task;
import plaudit.task.TruncationRule.Truncated;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

/**
 * Reward and reference log-probabilities of rollouts (paper 3.4, 3.5). The reward model reads query
 * and truncated response; the reference reads the whole response in the policy's context, since the
 * KL is charged on every sampled token.
 */
public final class TorchScoringEngine implements ScoringEngine {

  private final ModelConfig config;
  private final Task task;
  private final Compute compute;
  private final CausalNet reference;
  private final SnapshotFiles files;
  private @Nullable TorchNet reward;
  private float gain = 1;
  private float bias;
  private long rewardVersion = -1;

  /** Scores against {@code reference}, which it owns from now on. */
  public TorchScoringEngine(
      ModelConfig config, Task task, Compute compute, CausalNet reference, SnapshotFiles files) {
    this.config = config;
    this.task = task;
    this.compute = compute;
    this.reference = reference;
    this.files = files;
  }

  @Override
  public void fetch(Snapshot snapshot) {
    files.fetch(snapshot);
  }

  @Override
  public void load(Snapshot snapshot) {
    load(files.fetch(snapshot), snapshot.version());
  }

  /** Loads a version of the reward model from its snapshot file. */
  public void load(Path file, long version) {
    Weights fresh =
        SnapshotWeights.read(
            file, ScalarHead.REWARD.appendTo(Gpt2Layout.of(config)), false, compute);
    if (reward == null) {
      reward = TorchNet.of(config, fresh, compute);
    } else {
      reward.swap(fresh);
    }
    RewardFile.Scale scale = RewardFile.scale(file);
    gain = scale.gain();
    bias = scale.bias();
    rewardVersion = version;
  }

  /** The reward version that scores, -1 before the first. */
  public long rewardVersion() {
    return rewardVersion;
  }

  @Override
  public List<Trajectory> score(List<Rollout> rollouts) {
    float[] scores = new float[rollouts.size()];
    boolean[] valid = new boolean[rollouts.size()];
    List<Tokens> contexts = new ArrayList<>();
    List<Tokens> responses = new ArrayList<>();
    List<Tokens> judged = new ArrayList<>();
    for (int i = 0; i < scores.length; i++) {
      Rollout rollout = rollouts.get(i);
      Truncated cut = task.truncation().truncate(rollout.response());
      valid[i] = cut.valid();
      contexts.add(task.context(rollout.query()));
      responses.add(rollout.response());
      judged.add(task.judged(rollout.query(), cut.kept()));
    }
    float[] rewards = rewards(judged);
    float[][] refLogprobs = reference.score(contexts, responses, task.temperature()).logprobs();
    List<Trajectory> trajectories = new ArrayList<>();
    for (int i = 0; i < scores.length; i++) {
      scores[i] = task.truncation().score(valid[i], rewards[i]);
      trajectories.add(
          new Trajectory(
              rollouts.get(i), PerToken.of(refLogprobs[i]), scores[i], valid[i], rewardVersion));
    }
    return trajectories;
  }

  private float[] rewards(List<Tokens> sequences) {
    if (reward == null) {
      throw new IllegalStateException("no reward model is loaded");
    }
    float[] raw = reward.reward(sequences);
    for (int i = 0; i < raw.length; i++) {
      raw[i] = gain * raw[i] + bias;
    }
    return raw;
  }

  @Override
  public void close() {
    reference.close();
    if (reward != null) {
      reward.close();
    }
  }
}

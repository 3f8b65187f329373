package plaudit.scoring;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.model.CausalNet;
import plaudit.model.Compute;
import plaudit.model.ModelConfig;
import plaudit.scoring.RewardSource.Response;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.task.Task;
import plaudit.task.TruncationRule.Truncated;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

/**
 * Reward and reference log-probabilities of rollouts (paper 3.4, 3.5). The reward source judges
 * query and truncated response; the reference reads the whole response in the policy's context,
 * since the KL is charged on every sampled token.
 */
public final class TorchScoringEngine implements ScoringEngine {

  private final Task task;
  private final CausalNet reference;
  private final SnapshotFiles files;
  private final Optional<RunReward> own;
  private final RewardSource source;
  private final Function<Tokens, String> text;

  /** Scores by the run's reward model alone, against {@code reference}, which it owns. */
  public TorchScoringEngine(
      ModelConfig config, Task task, Compute compute, CausalNet reference, SnapshotFiles files) {
    this(task, reference, files, new RunReward(config, task, compute), Tokens::toString);
  }

  private TorchScoringEngine(
      Task task,
      CausalNet reference,
      SnapshotFiles files,
      RunReward own,
      Function<Tokens, String> text) {
    this(task, reference, files, Optional.of(own), own, text);
  }

  /**
   * Scores against {@code reference}, which it owns from now on, as it does {@code source}.
   *
   * @param own the run's reward model, if the source asks it
   * @param text tokens as people read them
   */
  public TorchScoringEngine(
      Task task,
      CausalNet reference,
      SnapshotFiles files,
      Optional<RunReward> own,
      RewardSource source,
      Function<Tokens, String> text) {
    this.task = task;
    this.reference = reference;
    this.files = files;
    this.own = own;
    this.source = source;
    this.text = text;
  }

  @Override
  public void fetch(Snapshot snapshot) {
    files.fetch(snapshot);
  }

  @Override
  public void load(Snapshot snapshot) {
    load(files.fetch(snapshot), snapshot.version());
  }

  /** Loads a version of the run's reward model from its snapshot file. */
  public void load(Path file, long version) {
    own.ifPresent(it -> it.load(file, version));
  }

  @Override
  public boolean needsReward() {
    return own.isPresent();
  }

  /** The version of the run's reward model that scores, -1 before the first, or without one. */
  public long rewardVersion() {
    return own.map(RunReward::version).orElse(-1L);
  }

  /** Whether the same rollouts get the same scores again. */
  public boolean repeats() {
    return source.repeats();
  }

  @Override
  public void score(List<Rollout> rollouts, Receiver receiver) {
    long version = rewardVersion();
    Batch batch = new Batch(task, rollouts, version, receiver);
    source.score(batch.responses(text), batch);
    batch.reference(reference);
  }

  /**
   * Scores rollouts by a source that answers at once.
   *
   * @throws IllegalStateException if it is one that answers later
   */
  public List<Trajectory> score(List<Rollout> rollouts) {
    List<List<Trajectory>> answers = new ArrayList<>();
    score(
        rollouts,
        new Receiver() {
          @Override
          public void scored(List<Trajectory> trajectories) {
            answers.add(trajectories);
          }

          @Override
          public void failed(RuntimeException why) {
            throw why;
          }
        });
    if (answers.isEmpty()) {
      throw new IllegalStateException("the reward source answers later");
    }
    return answers.get(0);
  }

  /**
   * Takes scores that are known, such as a journal's, and computes the rest.
   *
   * @param scores what each trajectory's score is, penalties included
   */
  public List<Trajectory> scored(List<Rollout> rollouts, float[] scores) {
    List<Trajectory> trajectories = new ArrayList<>();
    float[][] logprobs = Batch.logprobs(reference, task, rollouts);
    for (int i = 0; i < rollouts.size(); i++) {
      boolean valid = task.truncation().truncate(rollouts.get(i).response()).valid();
      trajectories.add(
          new Trajectory(
              rollouts.get(i), PerToken.of(logprobs[i]), scores[i], valid, rewardVersion()));
    }
    return trajectories;
  }

  @Override
  public void close() {
    reference.close();
    source.close();
  }

  /** Waits for both halves of a batch's trajectories, in any order. */
  private static final class Batch implements RewardSource.Receiver {

    private final Task task;
    private final List<Rollout> rollouts;
    private final long version;
    private final Receiver receiver;
    private final List<Truncated> cuts;
    private float @Nullable [] scores;
    private float @Nullable [][] logprobs;
    private boolean answered;

    Batch(Task task, List<Rollout> rollouts, long version, Receiver receiver) {
      this.task = task;
      this.rollouts = rollouts;
      this.version = version;
      this.receiver = receiver;
      this.cuts = rollouts.stream().map(it -> task.truncation().truncate(it.response())).toList();
    }

    List<Response> responses(Function<Tokens, String> text) {
      List<Response> responses = new ArrayList<>();
      for (int i = 0; i < rollouts.size(); i++) {
        Rollout rollout = rollouts.get(i);
        Tokens kept = cuts.get(i).kept();
        responses.add(
            new Response(rollout.promptId(), rollout.query(), kept, task.shown(kept), text));
      }
      return responses;
    }

    static float[][] logprobs(CausalNet reference, Task task, List<Rollout> rollouts) {
      return reference
          .score(
              rollouts.stream().map(it -> task.context(it.query())).toList(),
              rollouts.stream().map(Rollout::response).toList(),
              task.temperature())
          .logprobs();
    }

    void reference(CausalNet reference) {
      float[][] computed = logprobs(reference, task, rollouts);
      synchronized (this) {
        logprobs = computed;
      }
      finish();
    }

    @Override
    public void scored(float[] answer) {
      synchronized (this) {
        scores = answer;
      }
      finish();
    }

    @Override
    public void failed(RuntimeException why) {
      receiver.failed(why);
    }

    private void finish() {
      float[] given;
      float[][] computed;
      synchronized (this) {
        if (answered || scores == null || logprobs == null) {
          return;
        }
        answered = true;
        given = scores;
        computed = logprobs;
      }
      receiver.scored(trajectories(given, computed));
    }

    private List<Trajectory> trajectories(float[] given, float[][] computed) {
      List<Trajectory> trajectories = new ArrayList<>();
      for (int i = 0; i < rollouts.size(); i++) {
        boolean valid = cuts.get(i).valid();
        float score = task.truncation().score(valid, given[i]);
        PerToken reference = PerToken.of(computed[i]);
        trajectories.add(new Trajectory(rollouts.get(i), reference, score, valid, version));
      }
      return trajectories;
    }
  }
}

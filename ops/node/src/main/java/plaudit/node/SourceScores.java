package plaudit.node;

import com.typesafe.config.Config;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import plaudit.model.Compute;
import plaudit.node.Evaluation.Written;
import plaudit.node.run.RunDirectory;
import plaudit.rewards.SourceMonitor;
import plaudit.rewards.SourceSettings;
import plaudit.scoring.RewardSource;
import plaudit.scoring.RunReward;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.time.MonotonicClock;
import plaudit.tokens.Tokens;

/**
 * What a run's source of rewards says of texts: its newest reward model, a rule, a judge, a sum.
 */
final class SourceScores implements AutoCloseable {

  private static final int AT_ONCE = 32;

  private final SourceSettings settings;
  private final RewardSource source;
  private final RunInputs inputs;

  private SourceScores(SourceSettings settings, RewardSource source, RunInputs inputs) {
    this.settings = settings;
    this.source = source;
    this.inputs = inputs;
  }

  /** The source; empty if it asks the run's reward model and none was trained. */
  static Optional<SourceScores> open(
      Config config, RunInputs inputs, RunDirectory directory, Compute compute) {
    SourceSettings settings = SourceSettings.from(config);
    Optional<Snapshot> newest = SnapshotFiles.in(directory.snapshots()).newest(Model.REWARD);
    if (settings.asksPeople() && newest.isEmpty()) {
      return Optional.empty();
    }
    SourceMonitor monitor = new SourceMonitor(new SimpleMeterRegistry(), MonotonicClock.PROCESS);
    RewardSource source =
        inputs
            .sources(compute, monitor)
            .make(
                settings,
                () -> {
                  RunReward own =
                      new RunReward(inputs.reference().config(), inputs.task(), compute);
                  newest.ifPresent(it -> own.load(Path.of(it.url()), it.version()));
                  return own;
                })
            .source();
    return Optional.of(new SourceScores(settings, source, inputs));
  }

  /** Such as {@code the run's reward model}, or {@code the run's reward (rule + judge)}. */
  String words() {
    return settings.isRunAlone()
        ? "the run's own reward model"
        : "the run's own reward (" + settings.words() + ")";
  }

  /** Whether the score is the goal itself, not a model's opinion of it. */
  boolean isTheGoal() {
    return settings.isOfRules();
  }

  /** Whether many texts cost little to score. */
  boolean isCheap() {
    return !settings.asksAJudge();
  }

  /**
   * A score for each text, as the run scores: one without an end has the penalty. Texts that share
   * a prompt's id are compared with each other by a source that compares.
   *
   * @param ids of the groups
   * @throws IllegalStateException if none comes
   */
  double[] score(List<Written> written, List<Long> ids) {
    double[] scores = new double[written.size()];
    for (int from = 0; from < scores.length; from += AT_ONCE) {
      int to = Math.min(from + AT_ONCE, scores.length);
      List<RewardSource.Response> responses = new ArrayList<>();
      for (int i = from; i < to; i++) {
        Tokens kept = written.get(i).response().cut().kept();
        responses.add(
            new RewardSource.Response(
                ids.get(i),
                written.get(i).response().rollout().query(),
                kept,
                inputs.task().shown(kept),
                inputs::text));
      }
      float[] part = answer(responses);
      for (int i = from; i < to; i++) {
        boolean valid = written.get(i).response().cut().valid();
        scores[i] = inputs.task().truncation().score(valid, part[i - from]);
      }
    }
    return scores;
  }

  private float[] answer(List<RewardSource.Response> responses) {
    CompletableFuture<float[]> answer = new CompletableFuture<>();
    source.score(
        responses,
        new RewardSource.Receiver() {
          @Override
          public void scored(float[] scores) {
            answer.complete(scores);
          }

          @Override
          public void failed(RuntimeException why) {
            answer.completeExceptionally(why);
          }
        });
    Duration limit = settings.giveUpAfter();
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException("no scores for " + limit.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalStateException(String.valueOf(cause.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    source.close();
  }
}

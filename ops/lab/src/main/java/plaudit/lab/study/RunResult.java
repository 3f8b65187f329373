package plaudit.lab.study;

import java.util.List;

/**
 * The numbers of one run of a study; its file is this record as JSON.
 *
 * @param arm name of the arm
 * @param seed of everything random in it
 * @param points one an update
 * @param end the last policy on held-out prompts
 * @param trainings of the reward model; none where the mock human itself is the reward
 * @param tripwire the first time a tripwire would have stopped the run, -1 if none did
 * @param tripwireReason its reason, empty if none did
 * @param cpuSeconds of the run's thread, labels and trainings included
 */
public record RunResult(
    String arm,
    int seed,
    List<Point> points,
    End end,
    List<Training> trainings,
    int tripwire,
    String tripwireReason,
    double cpuSeconds) {

  public RunResult {
    points = List.copyOf(points);
    trainings = List.copyOf(trainings);
  }

  /**
   * One update, seen through the batch it learned from.
   *
   * @param update from 1
   * @param rs mean r_s, in log-odds; a response without an end counts as one a standard deviation
   *     below the reference's mean, as it does in the reward
   * @param score mean of the scores learned from, in standard deviations of the reference's
   * @param kl mean KL, in nats per sequence
   * @param beta KL coefficient
   * @param entropy mean sequence entropy, in nats
   * @param distinct2 distinct-2 of the batch
   * @param valid share of responses with an end
   * @param labels asked so far
   */
  public record Point(
      int update,
      double rs,
      double score,
      double kl,
      double beta,
      double entropy,
      double distinct2,
      double valid,
      int labels) {}

  /**
   * The same on held-out prompts, and some texts.
   *
   * @param distinct1 distinct-1 of all texts
   * @param second mean score of a second judge that nothing was trained on, the valence by a word
   *     list; 0 without one
   */
  public record End(
      double rs,
      double kl,
      double entropy,
      double distinct1,
      double distinct2,
      double valid,
      int texts,
      List<Sample> samples,
      double second) {
    public End {
      samples = List.copyOf(samples);
    }
  }

  /** A text with its r_s. */
  public record Sample(String prompt, String text, double rs) {}

  /**
   * A training of the reward model.
   *
   * @param update before which it was
   * @param labels it was trained on
   * @param agreement with the mock human on held-out choices, -1 where there were none
   */
  public record Training(int update, int labels, double agreement) {}

  /** Labels of the whole run. */
  public int labels() {
    return points.isEmpty() ? 0 : points.get(points.size() - 1).labels();
  }
}

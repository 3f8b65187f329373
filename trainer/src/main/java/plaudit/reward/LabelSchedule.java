package plaudit.reward;

import java.util.ArrayList;
import java.util.List;

/**
 * How labels and policy training keep pace when both run at once (paper 1.4). By episode n the run
 * wants
 *
 * <pre>l(n) = first + (total - first) (1 - (1 - n / episodes)^2)</pre>
 *
 * labels: many early, when each teaches most, none at the end. The policy waits before episode n
 * while fewer have arrived, a fixed number of questions is always out with people so that their
 * half hour of thinking costs nothing, and the reward model is trained anew at even steps of l(n).
 * With {@code first == total} it is the offline case: one training, no questions after the start.
 *
 * @param episodes the policy's episodes in the whole run
 * @param first labels before the first episode
 * @param total labels at the last
 * @param outstanding questions to keep with people
 * @param retrainings trainings after the first one
 * @param divisions into how many steps the labels after the first are cut; training k, from 1,
 *     comes at step k. The paper leaves open whether its 19 retrainings cut 20 steps or 19
 */
public record LabelSchedule(
    long episodes, int first, int total, int outstanding, int retrainings, int divisions) {

  public LabelSchedule {
    if (episodes < 1 || first < 0 || total < first || outstanding < 0) {
      throw new IllegalArgumentException(
          ("episodes, first, total, outstanding: %d, %d, %d, %d"
                  + " (expected: episodes >= 1, 0 <= first <= total, outstanding >= 0)")
              .formatted(episodes, first, total, outstanding));
    }
    if (retrainings < 0 || divisions < Math.max(1, retrainings)) {
      throw new IllegalArgumentException(
          "retrainings, divisions: %d, %d (expected: 0 <= retrainings <= divisions)"
              .formatted(retrainings, divisions));
    }
  }

  /** l(n), how many labels must be there before episode {@code n}, rounded. */
  public long labels(long n) {
    double left = 1 - (double) Math.max(0, Math.min(n, episodes)) / episodes;
    return first + Math.round((total - first) * (1 - left * left));
  }

  /** Whether the policy may play episode {@code n} with that many labels there. */
  public boolean mayPlay(long n, long arrived) {
    return arrived >= labels(n);
  }

  /**
   * How many more questions to ask now, so that nobody ever waits for one and none is asked beyond
   * the total.
   *
   * @param n the policy's next episode
   * @param arrived usable labels; a question answered without preference is asked anew
   * @param open questions that are out and not answered
   */
  public int toAsk(long n, long arrived, long open) {
    long wanted = Math.min(labels(n) + outstanding, total);
    return (int) Math.max(0, wanted - arrived - open);
  }

  /** How many trainings the run has, the first included. */
  public int trainings() {
    return total == first ? 1 : 1 + retrainings;
  }

  /** How many trainings are due, in all, once that many labels are there. */
  public int trainingsDue(long arrived) {
    if (arrived < first) {
      return 0;
    }
    int due = 1;
    while (due < trainings() && arrived >= labelsForTraining(due)) {
      due++;
    }
    return due;
  }

  /** How many labels training {@code k} waits for; training 0 is the one before the start. */
  public long labelsForTraining(int k) {
    if (k < 0 || k >= trainings()) {
      throw new IllegalArgumentException(
          "training: %d (expected: 0 to %d)".formatted(k, trainings() - 1));
    }
    return first + Math.round((double) (total - first) * k / divisions);
  }

  /** The episodes at which l(n) passes the retrainings' steps, in order. */
  public List<Long> retrainingEpisodes() {
    List<Long> at = new ArrayList<>();
    for (int k = 1; k < trainings(); k++) {
      at.add(Math.round(episodes * (1 - Math.sqrt(1 - (double) k / divisions))));
    }
    return List.copyOf(at);
  }
}

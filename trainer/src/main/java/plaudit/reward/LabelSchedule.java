package plaudit.reward;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import plaudit.experience.Pace;

/**
 * How labels and policy training keep pace when both run at once (paper 1.4). By episode n the run
 * wants
 *
 * <pre>l(n) = first + (total - first) (1 - (1 - n / episodes)^2)</pre>
 *
 * labels: many early, when each teaches most, none at the end. The policy waits before episode n
 * while fewer have arrived, a fixed number of comparisons is always out with people so that their
 * half hour of thinking costs nothing, and the reward model is trained anew at even steps of l(n).
 * A share of the questions, at a constant rate over the episodes, sets the policy against the
 * reference. With {@code first == total} it is the offline case: one training, no questions after
 * the labels are there.
 *
 * <p>The comparisons that are out are spares as well: while labels are missing there are more
 * questions than labels, beyond the total too, so that people who hold a task and are silent keep
 * no run waiting. Once the total has arrived no more is asked, but for the validation questions
 * that are still to come. In rounds there are no spares: each training has all labels of its round,
 * and with spares those that came first would train it, so that it would depend on how fast people
 * are. A round waits for its last answer, which the label store gets by offering a task again that
 * is held too long.
 *
 * @param episodes the policy's episodes in the whole run
 * @param batch episodes of one policy update: the policy only ever waits between two updates
 * @param first labels before the first episode
 * @param total labels at the last
 * @param outstanding comparisons to keep with people beyond the labels that must be there
 * @param retrainings trainings after the first one
 * @param divisions into how many steps the labels after the first are cut; training k, from 1,
 *     comes at step k. The paper leaves open whether its 19 retrainings cut 20 steps or 19
 * @param validationShare share of the labels after the first that are for validation
 * @param collection whether people are asked all the time or in rounds
 * @param waitForTraining whether the policy also waits while a training that is due is not done
 */
public record LabelSchedule(
    long episodes,
    int batch,
    int first,
    int total,
    int outstanding,
    int retrainings,
    int divisions,
    double validationShare,
    CollectionMode collection,
    boolean waitForTraining) {

  public LabelSchedule {
    if (episodes < 1 || batch < 1 || first < 1 || total < first || outstanding < 1) {
      throw new IllegalArgumentException(
          ("episodes, batch, first, total, outstanding: %d, %d, %d, %d, %d"
                  + " (expected: all >= 1, first <= total)")
              .formatted(episodes, batch, first, total, outstanding));
    }
    if (retrainings < 0 || divisions < Math.max(1, retrainings)) {
      throw new IllegalArgumentException(
          "retrainings, divisions: %d, %d (expected: 0 <= retrainings <= divisions)"
              .formatted(retrainings, divisions));
    }
    if (!(validationShare >= 0 && validationShare <= 1)) {
      throw new IllegalArgumentException(
          "validation share: " + validationShare + " (expected: 0 to 1)");
    }
  }

  /** When people are asked (paper 1.4 and 5.8). */
  public enum CollectionMode {
    /** Always: comparisons are out while the policy learns. */
    CONTINUOUS,
    /**
     * In rounds: the policy stops, all comparisons of the round are judged, the reward model is
     * trained, the policy goes on. Which labels train which version does not depend on when they
     * come.
     */
    BATCHED;

    /** By its name in the configuration. */
    static Optional<CollectionMode> named(String name) {
      return Arrays.stream(values())
          .filter(mode -> mode.name().toLowerCase(Locale.ROOT).equals(name))
          .findFirst();
    }
  }

  /**
   * What has been answered so far.
   *
   * @param labels judgments that name a best response
   * @param comparisons comparisons with at least one judgment of any kind, and withdrawn ones; more
   *     than the labels if some had no preference, fewer if several people judged the same
   */
  public record Answered(long labels, long comparisons) {}

  /** l(n), how many labels must be there before episode {@code n}, rounded. */
  public long labels(long n) {
    double left = 1 - share(n);
    return first + Math.round((total - first) * (1 - left * left));
  }

  /** How many of the labels by episode {@code n} are for validation. */
  public long validations(long n) {
    return Math.round(validationShare * (total - first) * share(n));
  }

  /**
   * How many episodes may be begun, and how many comparisons are to have been asked.
   *
   * @param n episodes so far
   * @param answered a comparison answered without preference is replaced by another
   * @param trainings of the reward model that are done
   */
  public Pace pace(long n, Answered answered, int trainings) {
    boolean stops = trainings < trainings() && n >= pauseBefore(trainings);
    long validations;
    long labels;
    if (collection == CollectionMode.BATCHED) {
      int round = stops ? trainings : Math.min(trainings, trainings()) - 1;
      validations = validations(pauseBefore(round));
      labels = labelsForTraining(round);
    } else {
      validations = validations(n);
      long needed = stops ? Math.max(needed(n), labelsForTraining(trainings)) : needed(n);
      long most = Math.max(needed, allButLaterValidations(n));
      labels = answered.labels() < most ? needed + outstanding : most;
    }
    long replaced = answered.comparisons() - answered.labels();
    return new Pace(
        Math.max(0, labels - validations + replaced),
        validations,
        allowedEpisodes(answered.labels(), trainings));
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
      at.add(episodeOfTraining(k));
    }
    return List.copyOf(at);
  }

  /** How many episodes may be begun, a whole number of updates. */
  private long allowedEpisodes(long arrived, int trainings) {
    long byLabels = collection == CollectionMode.BATCHED ? episodes : allowedByLabels(arrived);
    boolean waits = waitForTraining || collection == CollectionMode.BATCHED;
    long byTraining = waits && trainings < trainings() ? pauseBefore(trainings) : episodes;
    long allowed = Math.min(byLabels, byTraining);
    return allowed >= episodes ? Pace.ALL_EPISODES : allowed;
  }

  /** The end of the last update that so many labels let the policy begin. */
  private long allowedByLabels(long arrived) {
    if (arrived < first) {
      return 0;
    }
    long low = 0;
    long high = wholeUpdates(episodes) / batch;
    while (low < high) {
      long middle = (low + high + 1) / 2;
      if (needed(middle * batch) <= arrived) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return (low + 1) * batch;
  }

  /** Labels that must be there before episode {@code n}; never more than there can be by then. */
  private long needed(long n) {
    return Math.min(labels(n), allButLaterValidations(n));
  }

  /** The total, less the validation questions that are asked after episode {@code n}. */
  private long allButLaterValidations(long n) {
    return total - validations(episodes) + validations(n);
  }

  /** The first update that training {@code k} comes before, by its first episode. */
  private long pauseBefore(int k) {
    return wholeUpdates(episodeOfTraining(k));
  }

  private long episodeOfTraining(int k) {
    return Math.round(episodes * (1 - Math.sqrt(1 - (double) k / divisions)));
  }

  private long wholeUpdates(long n) {
    return (n + batch - 1) / batch * batch;
  }

  private double share(long n) {
    return (double) Math.max(0, Math.min(n, episodes)) / episodes;
  }
}

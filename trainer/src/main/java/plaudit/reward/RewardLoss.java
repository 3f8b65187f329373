package plaudit.reward;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import plaudit.input.InvalidInputException;
import plaudit.reward.RewardScale.Moments;

/**
 * What is minimised over the rewards r of one row's responses. The fast versions are TorchScript
 * methods ({@link plaudit.optim.Network#backward}); {@link #of} is the same in plain Java, for rows
 * that are only measured.
 */
public enum RewardLoss {
  /** {@code -sum_i t_i log softmax(r)_i}; t is one at the best, or spread over equal ones. */
  BEST_OF_N("best-of-n", "best_of_n_loss"),
  /** The mean over pairs of {@code -log sigmoid(r_better - r_worse)}; half of both for a tie. */
  PAIRWISE("pairwise", "pairwise_loss"),
  /** {@code (r - score)^2}. */
  RATING("rating", "rating_loss"),
  /** {@code (r_1 - r_0 - difference)^2}. */
  COMPARE("compare", "compare_loss");

  private final String configName;
  private final String method;

  RewardLoss(String configName, String method) {
    this.configName = configName;
    this.method = method;
  }

  /** The loss a configuration names. */
  public static Optional<RewardLoss> named(String name) {
    return Arrays.stream(values()).filter(loss -> loss.configName.equals(name)).findFirst();
  }

  /** Its name in a configuration. */
  public String configName() {
    return configName;
  }

  /** Whether it learns from people's choices; the others learn from numbers. */
  public boolean ofChoices() {
    return this == BEST_OF_N || this == PAIRWISE;
  }

  /** The TorchScript method that computes it. */
  String method() {
    return method;
  }

  /** What it learns from, for messages. */
  public String expects() {
    return switch (this) {
      case BEST_OF_N, PAIRWISE -> "best or ranking";
      case RATING -> "score";
      case COMPARE -> "difference or margin";
    };
  }

  /** Whether it can learn from such a target. */
  public boolean accepts(Target target) {
    return switch (this) {
      case BEST_OF_N, PAIRWISE ->
          target instanceof Target.Best
              || target instanceof Target.Ranking
              || target instanceof Target.Margin;
      case RATING -> target instanceof Target.Score;
      case COMPARE -> target instanceof Target.Difference || target instanceof Target.Margin;
    };
  }

  /**
   * The target as numbers: a share of 1 for each response (best-of-n), for each pair of responses,
   * row by row, better by worse (pairwise), or the one number.
   */
  float[] numbers(RewardExample example) {
    if (!accepts(example.target())) {
      throw new IllegalArgumentException(configName + " of a " + example.target());
    }
    return switch (this) {
      case BEST_OF_N -> shares(example);
      case PAIRWISE -> pairs(example);
      case RATING -> new float[] {(float) ((Target.Score) example.target()).value()};
      case COMPARE ->
          new float[] {
            (float)
                (example.target() instanceof Target.Margin margin
                    ? -margin.by()
                    : ((Target.Difference) example.target()).value())
          };
    };
  }

  /** The shape of the numbers of many rows of {@code responses} each. */
  long[] shape(int rows, int responses) {
    return switch (this) {
      case BEST_OF_N -> new long[] {rows, responses};
      case PAIRWISE -> new long[] {rows, responses, responses};
      case RATING, COMPARE -> new long[] {rows, 1};
    };
  }

  /**
   * The loss of one row.
   *
   * @param rewards of its responses
   */
  public double of(float[] rewards, RewardExample example) {
    float[] t = numbers(example);
    double loss = 0;
    switch (this) {
      case BEST_OF_N -> {
        double all = logSumExp(rewards);
        for (int i = 0; i < rewards.length; i++) {
          loss += t[i] * (all - rewards[i]);
        }
      }
      case PAIRWISE -> {
        for (int i = 0; i < t.length; i++) {
          float worse = rewards[i % rewards.length];
          loss += t[i] * logSumExp(0, worse - rewards[i / rewards.length]);
        }
      }
      case RATING -> loss = Math.pow(rewards[0] - t[0], 2);
      case COMPARE -> loss = Math.pow(rewards[1] - rewards[0] - t[0], 2);
    }
    return loss;
  }

  /**
   * What rewards are scaled to before training: the scores' own scale, half the differences' (which
   * is what two rewards of that scale differ by), and mean 0 and deviation 1 where labels have no
   * scale (paper 1.2, 1.3).
   */
  Moments startingScale(List<RewardExample> examples) {
    if (ofChoices() || examples.isEmpty()) {
      return Moments.STANDARD;
    }
    Moments moments =
        Moments.of(
            examples.stream()
                .mapToDouble(example -> numbers(example)[0] / (this == COMPARE ? 2 : 1))
                .toArray());
    if (!(moments.deviation() > 0)) {
      throw InvalidInputException.of(
          this == COMPARE ? "differences" : "scores",
          "all " + numbers(examples.get(0))[0],
          "at least two that differ");
    }
    return moments;
  }

  private static float[] shares(RewardExample example) {
    float[] shares = new float[example.responses()];
    List<Integer> winners = example.winners();
    winners.forEach(i -> shares[i] = 1f / winners.size());
    return shares;
  }

  private static float[] pairs(RewardExample example) {
    int n = example.responses();
    boolean complete = example.target() instanceof Target.Ranking;
    List<Integer> winners = example.winners();
    float[] pairs = new float[n * n];
    float compared = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        int sign =
            example.target() instanceof Target.Ranking ranking
                ? Integer.compare(ranking.places().get(j), ranking.places().get(i))
                : Boolean.compare(winners.contains(i), winners.contains(j));
        if (complete || sign != 0 || winners.contains(i)) {
          compared++;
          pairs[i * n + j] = (1 + sign) / 2f;
          pairs[j * n + i] = (1 - sign) / 2f;
        }
      }
    }
    for (int i = 0; i < pairs.length; i++) {
      pairs[i] /= compared;
    }
    return pairs;
  }

  private static double logSumExp(float... numbers) {
    double highest = Double.NEGATIVE_INFINITY;
    for (float number : numbers) {
      highest = Math.max(highest, number);
    }
    double sum = 0;
    for (float number : numbers) {
      sum += Math.exp(number - highest);
    }
    return highest + Math.log(sum);
  }
}

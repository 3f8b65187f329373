package plaudit.lab.study;

import com.typesafe.config.Config;
import java.util.List;
import plaudit.input.InvalidInputException;

/**
 * Settings of a study beyond a run's: {@code plaudit.study} in reference.conf, where each number
 * has its unit and reason.
 *
 * @param seeds runs of each arm, with seeds 1, 2, ...
 * @param budgets label budgets, ascending
 * @param startShare of a budget that an online run has before it starts
 * @param parallel runs at a time, each on one core
 * @param repeats texts a held-out prompt at the end of a run
 * @param smoothing updates whose mean is drawn
 * @param equalKl nats at which the arms are compared
 * @param classifier training of the classifier that judges
 * @param optimum how well the best possible policy is known
 */
public record StudySettings(
    int seeds,
    List<Integer> budgets,
    double startShare,
    int parallel,
    int repeats,
    int smoothing,
    List<Double> equalKl,
    Classifier classifier,
    Optimum optimum) {

  /**
   * How the classifier is made.
   *
   * @param windows to train on, one of a review at a time
   * @param measured windows of held-out reviews: half of them set the scale, half measure
   * @param fewest reviews of each kind in the file
   * @param batch windows a step, half of each kind
   * @param learningRate highest
   */
  public record Classifier(int windows, int measured, int fewest, int batch, double learningRate) {
    public Classifier {
      require(windows >= 2, "classifier.windows", windows, ">= 2");
      require(measured >= 4, "classifier.measured", measured, ">= 4");
      require(fewest >= 8, "classifier.fewest", fewest, ">= 8");
      require(batch >= 2 && batch % 2 == 0, "classifier.batch", batch, "an even number >= 2");
      require(
          learningRate > 0 && Double.isFinite(learningRate),
          "classifier.learning-rate",
          learningRate,
          "> 0");
    }
  }

  /**
   * How the optimum is sampled.
   *
   * @param prompts held-out ones
   * @param draws of the reference for each
   * @param betas KL coefficients, in log-odds per nat
   */
  public record Optimum(int prompts, int draws, List<Double> betas) {
    public Optimum {
      betas = List.copyOf(betas);
      require(prompts >= 1, "optimum.prompts", prompts, ">= 1");
      require(draws >= 2, "optimum.draws", draws, ">= 2");
      require(
          !betas.isEmpty() && betas.stream().allMatch(b -> b > 0 && Double.isFinite(b)),
          "optimum.betas",
          betas,
          "numbers > 0");
    }
  }

  public StudySettings {
    budgets = List.copyOf(budgets);
    equalKl = List.copyOf(equalKl);
    require(equalKl.stream().allMatch(kl -> kl > 0), "equal-kl", equalKl, "numbers > 0");
    require(seeds >= 1, "seeds", seeds, ">= 1");
    require(
        !budgets.isEmpty() && budgets.stream().allMatch(budget -> budget >= 2),
        "budgets",
        budgets,
        "numbers of labels >= 2");
    require(startShare > 0 && startShare < 1, "start-share", startShare, "> 0 and < 1");
    require(parallel >= 1, "parallel", parallel, ">= 1");
    require(repeats >= 1, "repeats", repeats, ">= 1");
    require(smoothing >= 1, "smoothing", smoothing, ">= 1");
  }

  /** Reads {@code plaudit.study} of the whole configuration. */
  public static StudySettings from(Config root) {
    Config own = root.getConfig("plaudit.study");
    return new StudySettings(
        own.getInt("seeds"),
        own.getIntList("budgets"),
        own.getDouble("start-share"),
        own.getInt("parallel"),
        own.getInt("repeats"),
        own.getInt("smoothing"),
        own.getDoubleList("equal-kl"),
        new Classifier(
            own.getInt("classifier.windows"),
            own.getInt("classifier.measured"),
            own.getInt("classifier.fewest"),
            own.getInt("classifier.batch"),
            own.getDouble("classifier.learning-rate")),
        new Optimum(
            own.getInt("optimum.prompts"),
            own.getInt("optimum.draws"),
            own.getDoubleList("optimum.betas")));
  }

  private static void require(boolean met, String key, Object value, String expected) {
    if (!met) {
      throw InvalidInputException.of("plaudit.study." + key, value, expected);
    }
  }
}

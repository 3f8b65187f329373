package plaudit.lab.study;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import plaudit.model.Compute;
import plaudit.node.RunInputs;
import plaudit.reward.RewardScale;

/**
 * What all runs of a study share. Safe for many threads: each run opens nets of its own.
 *
 * @param config of the study
 * @param classifier directory of the mock human
 * @param level mean of r_s over responses of the reference
 * @param deviation its standard deviation
 * @param pools labels of the reference's responses, by seed
 */
record StudyContext(
    Config config,
    RunInputs inputs,
    Path classifier,
    double level,
    double deviation,
    Map<Integer, QuestionPool> pools) {

  /** On which everything is computed: a core a run. */
  static final Compute COMPUTE = Compute.cpu(1);

  static StudyContext of(
      Config config, RunInputs inputs, Path classifier, double level, double deviation) {
    return new StudyContext(
        config, inputs, classifier, level, deviation, new ConcurrentHashMap<>());
  }

  /** The settings of a run of {@code arm}. */
  Config config(Arm arm, int seed) {
    return ConfigFactory.parseMap(arm.settings())
        .withFallback(ConfigFactory.parseMap(Map.of("plaudit.run.seed", seed)))
        .withFallback(config);
  }

  QuestionPool pool(int seed) {
    return pools.computeIfAbsent(seed, s -> new QuestionPool());
  }

  /** Brings r_s to mean 0 and deviation 1 over the reference's responses, as reward models are. */
  RewardScale normalising() {
    return RewardScale.moving(level, deviation, 0, 1);
  }

  /** r_s of a score on that scale. */
  double logOdds(double score) {
    return level + deviation * score;
  }
}

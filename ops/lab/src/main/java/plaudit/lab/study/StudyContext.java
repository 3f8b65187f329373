package plaudit.lab.study;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import plaudit.model.Compute;
import plaudit.node.RunInputs;
import plaudit.reward.RewardScale;

/**
 * What all runs of a study share. Safe for many threads: each run opens nets of its own.
 *
 * @param config of the study
 * @param classifier its directory
 * @param level mean of r_s over responses of the reference
 * @param deviation its standard deviation
 * @param ofReference labels of the reference's responses, by seed
 */
record StudyContext(
    Config config,
    RunInputs inputs,
    Path classifier,
    double level,
    double deviation,
    Map<Integer, MockLabels.OfReference> ofReference) {

  /** Where everything is computed: on one core per run. */
  static final Compute COMPUTE = Compute.cpu(1);

  static StudyContext of(
      Config config, RunInputs inputs, Path classifier, double level, double deviation) {
    return new StudyContext(
        config, inputs, classifier, level, deviation, new ConcurrentHashMap<>());
  }

  /** The settings of a run of {@code arm}: one seed for all that is random, one core. */
  Config config(Arm arm, int seed) {
    Map<String, Object> own = new HashMap<>();
    own.put("plaudit.run.seed", seed);
    own.put("plaudit.run.shuffle-seed", seed);
    own.put("plaudit.scorer.choices", MockLabels.CHOICES);
    for (String part : List.of("sampler", "scorer", "learner.policy", "learner.reward")) {
      own.put("plaudit." + part + ".device", COMPUTE.device());
      own.put("plaudit." + part + ".threads", COMPUTE.threads());
      own.put("plaudit." + part + ".precision", COMPUTE.precision().word());
    }
    return ConfigFactory.parseMap(arm.settings())
        .withFallback(ConfigFactory.parseMap(own))
        .withFallback(config);
  }

  /** What the runs of a seed begin with. */
  MockLabels.OfReference ofReference(int seed) {
    return ofReference.computeIfAbsent(seed, s -> new MockLabels.OfReference());
  }

  /** Brings r_s to mean 0 and deviation 1 over the reference's responses, as reward models are. */
  RewardScale normalising() {
    return RewardScale.moving(level, deviation, 0, 1);
  }

  /** r_s of a score on that scale, in log-odds. */
  double logOdds(double score) {
    return level + deviation * score;
  }
}

package plaudit.node;

import static java.util.Objects.requireNonNull;

import com.typesafe.config.Config;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import plaudit.input.InvalidInputException;
import plaudit.model.RewardDirectory;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;
import plaudit.policy.PolicySettings;
import plaudit.rewards.SourceMonitor;
import plaudit.rewards.SourceSettings;
import plaudit.rewards.SourceSettings.Finished;
import plaudit.scoring.RunReward;
import plaudit.scoring.ScorerSettings;
import plaudit.time.MonotonicClock;

/** Whether the sources of rewards that the settings name can be had, before anything is written. */
final class RewardCheck {

  private static final String DIGEST = "plaudit.reward.model.digest";

  private RewardCheck() {}

  /**
   * The settings with the digest of the one finished reward model that they name, so that all nodes
   * and later parts of the run have the same one.
   */
  static RunConfig withDigest(RunConfig config) {
    List<Finished> models =
        SourceSettings.from(config.config()).parts().stream()
            .flatMap(it -> it.kind() instanceof Finished model ? Stream.of(model) : Stream.of())
            .toList();
    if (models.size() != 1 || !models.get(0).digest().isEmpty()) {
      return config;
    }
    RewardDirectory opened = RewardDirectory.open(models.get(0).directory());
    return config.with(DIGEST, requireNonNull(opened.directory().digests().get("weights")));
  }

  /**
   * Makes the sources and closes them.
   *
   * @param roles of this node: only scorers need the sources
   */
  static void of(Config config, Set<Role> roles, RunInputs inputs) {
    SourceSettings source = SourceSettings.from(config);
    int group = PolicySettings.from(config).algorithm().group();
    if (source.comparesGroups() && group < 2) {
      throw InvalidInputException.of(
          "plaudit.policy.group", group, ">= 2 with plaudit.reward.judge.mode = pairwise");
    }
    if (roles.contains(Role.SCORER) && !source.isRunAlone()) {
      var compute = ScorerSettings.from(config).compute();
      var monitor = new SourceMonitor(new SimpleMeterRegistry(), MonotonicClock.PROCESS);
      inputs
          .sources(compute, monitor)
          .make(source, () -> new RunReward(inputs.reference().config(), inputs.task(), compute))
          .source()
          .close();
    }
  }
}

package plaudit.node.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import plaudit.input.InvalidInputException;

/**
 * The settings that make a run what it is. A resumed run and a standby take no other value of them,
 * and the nodes that work for a run take them from it.
 */
public final class SharedSettings {

  private static final List<String> SHARED =
      List.of(
          "plaudit.task",
          "plaudit.policy",
          "plaudit.reward",
          "plaudit.experience",
          "plaudit.scorer.choices",
          "plaudit.run.seed",
          "plaudit.run.shuffle-seed");

  /** Below them, what changes how the run is kept and watched, but not what it computes. */
  private static final List<String> FREE =
      List.of(
          "plaudit.policy.updates",
          "plaudit.policy.checkpoint-every",
          "plaudit.policy.tripwires",
          "plaudit.experience.journal",
          "plaudit.experience.lease-time",
          "plaudit.experience.least-yield",
          "plaudit.experience.blocking-dispatcher",
          "plaudit.reward.give-up-after",
          "plaudit.reward.remote.in-flight",
          "plaudit.reward.remote.timeout",
          "plaudit.reward.remote.retries",
          "plaudit.reward.remote.backoff",
          "plaudit.reward.judge.in-flight",
          "plaudit.reward.judge.timeout",
          "plaudit.reward.judge.retries",
          "plaudit.reward.judge.backoff");

  /** What a resumed run may change, and a run keeps of its changes. */
  private static final List<String> KEPT =
      Stream.concat(
              FREE.stream(),
              Stream.of(
                  "plaudit.learner",
                  "plaudit.vendor",
                  "plaudit.sampler.precision",
                  "plaudit.scorer.precision"))
          .toList();

  private static final List<String> OF_WORKERS =
      List.of(
          "plaudit.task",
          "plaudit.scorer.choices",
          "plaudit.run.seed",
          "plaudit.reward.source",
          "plaudit.reward.run",
          "plaudit.reward.model",
          "plaudit.reward.rule",
          "plaudit.reward.remote",
          "plaudit.reward.judge");

  private static final List<String> OF_HELPERS = List.of("plaudit.policy");

  /** What workers take from the run besides: a helper's gradient is of the learner's precision. */
  private static final String PRECISION = "plaudit.learner.policy.precision";

  private SharedSettings() {}

  /**
   * Two values of what must be the same.
   *
   * @param key of a setting, or the name of a file's digest
   * @param own what the node or the command line has
   * @param expected what the run has
   */
  public record Difference(String key, String own, String expected) {

    /** Such as {@code plaudit.run.seed: 2 (expected: 1)}. */
    @Override
    public String toString() {
      return "%s: %s (expected: %s)".formatted(key, own, expected);
    }
  }

  /** All of them, by key; numbers and truth values in one spelling. */
  public static Map<String, String> of(Config config) {
    return below(config, SHARED, FREE);
  }

  /** Those that may change when a run is resumed, and then hold for it from there on. */
  public static Map<String, String> changeable(Config config) {
    return below(config, KEPT, List.of());
  }

  /**
   * Those that the work of {@code roles} depends on.
   *
   * @param asked only what was set on purpose
   */
  public static Map<String, String> ofWorkers(Config asked, Set<Role> roles) {
    Map<String, String> values = new TreeMap<>();
    if (roles.contains(Role.SAMPLER) || roles.contains(Role.SCORER)) {
      values.putAll(below(asked, OF_WORKERS, FREE));
    }
    if (roles.contains(Role.HELPER)) {
      values.putAll(below(asked, OF_WORKERS, FREE));
      values.putAll(below(asked, OF_HELPERS, FREE));
    }
    return values;
  }

  /** All of them as HOCON, and the learner's precision; {@link #under} takes it. */
  public static String render(Config config) {
    Config shared = config.withOnlyPath(PRECISION);
    for (String path : SHARED) {
      shared = shared.withFallback(config.withOnlyPath(path));
    }
    return shared.root().render(ConfigRenderOptions.concise());
  }

  /** The configuration of a node that works for the run whose settings are {@code rendered}. */
  public static Config under(String rendered, Config own) {
    return ConfigFactory.parseString(rendered).withFallback(own);
  }

  /** Where {@code own} differs from {@code expected}, both as {@link #of} has them. */
  public static List<Difference> differences(
      Map<String, String> own, Map<String, String> expected) {
    Set<String> keys = new TreeSet<>(own.keySet());
    keys.addAll(expected.keySet());
    List<Difference> differences = new ArrayList<>();
    for (String key : keys) {
      String mine = own.getOrDefault(key, "not set");
      String runs = expected.getOrDefault(key, "not set");
      if (!mine.equals(runs)) {
        differences.add(new Difference(key, mine, runs));
      }
    }
    return differences;
  }

  /**
   * Refuses differences, if there are any.
   *
   * @param why such as {@code the run was begun with these values}
   * @throws InvalidInputException naming each with both values
   */
  public static void refuse(List<Difference> differences, String why) {
    if (!differences.isEmpty()) {
      List<String> words = differences.stream().map(Difference::toString).toList();
      throw new InvalidInputException(String.join("; ", words) + "; " + why);
    }
  }

  private static Map<String, String> below(
      Config config, List<String> paths, List<String> without) {
    Map<String, String> values = new TreeMap<>();
    config
        .entrySet()
        .forEach(
            entry -> {
              String key = entry.getKey();
              if (isBelow(key, paths) && !isBelow(key, without)) {
                values.put(key, text(entry.getValue()));
              }
            });
    return values;
  }

  private static boolean isBelow(String key, List<String> paths) {
    return paths.stream().anyMatch(path -> key.equals(path) || key.startsWith(path + "."));
  }

  private static String text(ConfigValue value) {
    String text = value.unwrapped().toString();
    if (value.valueType() == ConfigValueType.NUMBER) {
      return new BigDecimal(text).stripTrailingZeros().toPlainString();
    }
    return switch (text) {
      case "on", "yes" -> "true";
      case "off", "no" -> "false";
      default -> text;
    };
  }
}

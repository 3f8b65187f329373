package plaudit.node.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.Precision;
import plaudit.model.Products;

/**
 * The precision of each role of a run. A run names what it computes with, so that it goes on and is
 * replayed with the same.
 */
public final class Precisions {

  private static final Map<String, String> ROLES = roles();

  private Precisions() {}

  private static Map<String, String> roles() {
    Map<String, String> roles = new LinkedHashMap<>();
    roles.put("sampler", "plaudit.sampler");
    roles.put("scorer", "plaudit.scorer");
    roles.put("policy", "plaudit.learner.policy");
    roles.put("reward", "plaudit.learner.reward");
    return roles;
  }

  /** The same settings with each precision that this machine has for what is asked for. */
  public static RunConfig named(RunConfig config) {
    RunConfig named = config;
    for (String path : ROLES.values()) {
      Config role = config.config().getConfig(path);
      Compute compute =
          new Compute(role.getString("device"), role.getInt("threads"), precision(role, path));
      Products products =
          path.startsWith("plaudit.learner")
              ? Products.recorded(compute)
              : Products.forward(compute);
      named = named.with(path + ".precision", products.precision().word());
    }
    return named;
  }

  /**
   * Refuses settings that this machine takes another precision for, since what was computed with
   * one is not computed again with another.
   *
   * @throws InvalidInputException naming the first such setting
   */
  public static void requireHere(RunConfig config) {
    Config here = named(config).config();
    for (String path : ROLES.values()) {
      String key = path + ".precision";
      Precision wanted = precision(config.config().getConfig(path), path);
      if (wanted != Precision.AUTO && !wanted.word().equals(here.getString(key))) {
        throw InvalidInputException.of(
            key, wanted.word(), here.getString(key) + ", which this machine computes with instead");
      }
    }
  }

  /** The settings {@code own}, with the run's precision where they leave it to the machine. */
  public static RunConfig asRun(RunConfig own, Config run) {
    RunConfig same = own;
    for (String path : ROLES.values()) {
      if (precision(own.config().getConfig(path), path) == Precision.AUTO) {
        same = same.with(path + ".precision", run.getString(path + ".precision"));
      }
    }
    return same;
  }

  /** What holds for the run whose settings are in {@code file} where it names none. */
  public static List<String> unnamed(Path file) {
    Config begun = ConfigFactory.parseFile(file.toFile());
    return ROLES.values().stream()
        .map(path -> path + ".precision")
        .filter(key -> !begun.hasPath(key))
        .map(key -> key + "=" + Precision.EXACT.word())
        .toList();
  }

  /** For people: {@code sampler fp32, scorer fp32, policy bf16, reward bf16}. */
  public static String words(Config config) {
    return String.join(
        ", ",
        ROLES.entrySet().stream()
            .map(role -> role.getKey() + " " + config.getString(role.getValue() + ".precision"))
            .toList());
  }

  private static Precision precision(Config role, String path) {
    return Precision.of(path + ".precision", role.getString("precision"));
  }
}

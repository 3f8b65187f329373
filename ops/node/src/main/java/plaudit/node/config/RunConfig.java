package plaudit.node.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import plaudit.input.InvalidInputException;

/**
 * The whole configuration of a run. From strongest to weakest: overrides of the command line, the
 * user's file, a preset, what ties the modules together, each module's defaults.
 *
 * @param name what the run is called: the preset's name, or the file's
 * @param config everything, resolved
 * @param asked only what differs from the defaults on purpose, resolved
 */
public record RunConfig(String name, Config config, Config asked) {

  /** Every preset there is. */
  public static final List<String> PRESETS =
      List.of(
          "sentiment",
          "descriptiveness",
          "tldr",
          "cnndm",
          "sentiment-paper",
          "descriptiveness-paper",
          "tldr-paper",
          "cnndm-paper",
          "mock-sentiment",
          "mock-study",
          "quickstart");

  private static final ConfigParseOptions MUST_EXIST =
      ConfigParseOptions.defaults().setAllowMissing(false);
  private static final Set<String> WHOLE_PATHS = Set.of("plaudit", "pekko");

  /** The defaults with overrides. */
  public static RunConfig defaults(List<String> overrides) {
    return layered("run", ConfigFactory.empty(), overrides);
  }

  /**
   * Reads a preset by its name or a HOCON file by its path (a file of that name wins).
   *
   * @param source {@code tldr}, {@code ./tldr.conf}, {@code /etc/plaudit/run.conf}
   * @param overrides {@code key=value}, where {@code policy.batch} is short for {@code
   *     plaudit.policy.batch}; later ones win
   * @throws InvalidInputException if there is no such file, it is not HOCON, or it has keys or
   *     values that make no sense
   */
  public static RunConfig load(String source, List<String> overrides) {
    Path file = Path.of(source);
    if (Files.isRegularFile(file)) {
      return layered(baseName(file), parse(file), overrides);
    }
    if (PRESETS.contains(source)) {
      return layered(source, ConfigFactory.parseString("plaudit.preset = " + source), overrides);
    }
    throw InvalidInputException.of(
        "config", source, "a file, or a preset: " + String.join(", ", PRESETS));
  }

  /**
   * The whole configuration as text that {@link #load} reads back to the same; other people's
   * sections only where they were asked for.
   */
  public String render() {
    ConfigRenderOptions options =
        ConfigRenderOptions.defaults().setOriginComments(false).setJson(false);
    return config.withOnlyPath("plaudit").withFallback(asked).root().render(options);
  }

  /** The same with another value of one key. */
  public RunConfig with(String key, Object value) {
    ConfigValue other = ConfigValueFactory.fromAnyRef(value);
    return new RunConfig(name, config.withValue(key, other), asked.withValue(key, other));
  }

  private static RunConfig layered(String name, Config given, List<String> overrides) {
    Config ties = ConfigFactory.parseResources("plaudit/node/ties.conf", MUST_EXIST);
    Config defaults = ties.withFallback(ConfigFactory.defaultReferenceUnresolved());
    KnownKeys known = new KnownKeys(defaults.resolve());
    known.check(given);
    Config commandLine = ConfigFactory.empty();
    for (String override : overrides) {
      Config one = parseOverride(override, known);
      known.check(one);
      commandLine = one.withFallback(commandLine);
    }
    try {
      Config said = commandLine.withFallback(given);
      String preset = said.hasPath("plaudit.preset") ? said.getString("plaudit.preset") : "";
      Config beneath = preset.isEmpty() ? ConfigFactory.empty() : preset(preset);
      known.check(beneath);
      Config wanted = said.withFallback(beneath);
      Config config = wanted.withFallback(defaults).resolve();
      Config asked = wanted.resolveWith(config);
      known.check(asked);
      return new RunConfig(preset.isEmpty() ? name : preset, config, asked);
    } catch (ConfigException e) {
      throw new InvalidInputException(firstLine(e), e);
    }
  }

  private static Config preset(String name) {
    if (!PRESETS.contains(name)) {
      throw InvalidInputException.of("plaudit.preset", name, String.join(", ", PRESETS));
    }
    return ConfigFactory.parseResources("presets/" + name + ".conf", MUST_EXIST);
  }

  private static Config parse(Path file) {
    try {
      return ConfigFactory.parseFile(file.toFile(), MUST_EXIST);
    } catch (ConfigException e) {
      throw new InvalidInputException(firstLine(e), e);
    }
  }

  private static Config parseOverride(String override, KnownKeys known) {
    int equals = override.indexOf('=');
    if (equals < 1) {
      throw InvalidInputException.of("override", override, "key=value");
    }
    String value = override.substring(equals + 1);
    String key = fullKey(override.substring(0, equals).strip(), override);
    try {
      // A list's end is lost where the value has a comment in it, as HOCON sees a URL or a '#'.
      ConfigFactory.parseString("whole = [" + value + "]");
      Config hocon = ConfigFactory.parseString(key + " = " + value);
      boolean listForText =
          known.isText(key) && hocon.getValue(key).valueType() == ConfigValueType.LIST;
      if (hocon.root().size() == 1 && !listForText) {
        return hocon;
      }
    } catch (ConfigException e) {
      // No HOCON, so the text itself: task.truncate-token=. needs no quotes.
    }
    return ConfigFactory.empty().withValue(key, ConfigValueFactory.fromAnyRef(value));
  }

  private static String fullKey(String key, String override) {
    try {
      String first = ConfigUtil.splitPath(key).get(0);
      return WHOLE_PATHS.contains(first) ? key : "plaudit." + key;
    } catch (ConfigException e) {
      throw InvalidInputException.of(
          "override", override, "key=value with a key like policy.batch");
    }
  }

  private static String baseName(Path file) {
    String name = String.valueOf(file.getFileName()).replaceFirst("\\.(conf|json|properties)$", "");
    String safe = name.replaceAll("[^A-Za-z0-9._-]", "-");
    return safe.isEmpty() ? "run" : safe.substring(0, Math.min(64, safe.length()));
  }

  private static String firstLine(ConfigException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("not readable");
  }
}

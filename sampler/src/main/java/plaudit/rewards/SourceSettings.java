package plaudit.rewards;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import plaudit.input.InvalidInputException;

/**
 * Where a run's scores come from: {@code plaudit.reward.source}, and the section of each kind of
 * source below {@code plaudit.reward}.
 *
 * @param parts that are summed, at least one
 * @param giveUpAfter how long no scores may come before the run stops
 */
public record SourceSettings(List<Part> parts, Duration giveUpAfter) {

  private static final String PATH = "plaudit.reward";
  private static final String SOURCE = PATH + ".source";
  private static final String KINDS = "run, model, rule, remote or judge";

  public SourceSettings {
    parts = List.copyOf(parts);
  }

  /**
   * One source of a sum.
   *
   * @param name by which its scores are reported
   * @param key of its section, for messages
   * @param weight of its scores
   */
  public record Part(String name, String key, double weight, Kind kind) {}

  /** What a source is. */
  public sealed interface Kind {}

  /** The reward model that the run trains on people's labels. */
  public record OfTheRun() implements Kind {}

  /**
   * A finished reward model.
   *
   * @param digest of its weights, as the run began with them; empty for any
   */
  public record Finished(Path directory, String digest) implements Kind {}

  /** A regular expression. */
  public record Matching(Pattern pattern, Measure measure) implements Kind {}

  /** A length to come near to. */
  public record Length(int target, LengthUnit unit) implements Kind {}

  /** Answers of the data to be given. */
  public record Answers(Answer compare) implements Kind {}

  /** A {@link Rule} on the class path, by its class's name. */
  public record OwnRule(String className) implements Kind {}

  /**
   * A scorer over HTTP.
   *
   * @param batch responses of one request
   */
  public record Remote(Http http, int batch) implements Kind {}

  /**
   * A language model that is asked for its opinion.
   *
   * @param http whose URL ends before {@code /chat/completions}
   * @param model its name there
   * @param pairwise whether it compares responses instead of giving marks
   * @param rubric what it is to judge by
   * @param lowest mark
   * @param highest mark
   * @param maxTokens of its reply
   */
  public record Judge(
      Http http,
      String model,
      boolean pairwise,
      String rubric,
      double lowest,
      double highest,
      int maxTokens)
      implements Kind {}

  /**
   * How another machine is asked.
   *
   * @param keyEnv the environment variable that has the key to send; empty for none
   * @param timeout of one request
   * @param retries of a request that failed
   * @param backoff before the first of them; it doubles from one to the next, up to half a minute
   * @param inFlight requests at a time
   */
  public record Http(
      URI url, String keyEnv, Duration timeout, int retries, Duration backoff, int inFlight) {}

  /** What of a pattern's matches counts. */
  public enum Measure {
    /** 1 if there is one. */
    FOUND,
    /** Their number. */
    COUNT,
    /** Their share of the response's characters. */
    SHARE
  }

  /** What a length is counted in. */
  public enum LengthUnit {
    TOKENS,
    WORDS,
    CHARACTERS
  }

  /** When a response gives the data's answer; spaces and case do not count. */
  public enum Answer {
    EQUAL,
    CONTAINED,
    LAST_NUMBER
  }

  /**
   * Reads {@code plaudit.reward} of the whole configuration.
   *
   * @throws InvalidInputException naming the value that makes no sense
   */
  public static SourceSettings from(Config root) {
    try {
      List<Part> parts = new ArrayList<>();
      Set<String> names = new HashSet<>();
      for (ConfigValue one : elements(root.getValue(SOURCE))) {
        Part part = part(root, one);
        if (!names.add(part.name())) {
          throw InvalidInputException.of(
              SOURCE, part.name() + " twice", "a name for each, as in {kind=rule, name=short}");
        }
        parts.add(part);
      }
      return new SourceSettings(parts, positive(root.getConfig(PATH), PATH, "give-up-after"));
    } catch (ConfigException e) {
      throw new InvalidInputException(
          String.valueOf(e.getMessage()).lines().findFirst().orElse("not readable"), e);
    }
  }

  /** Whether people's labels are needed. */
  public boolean asksPeople() {
    return parts.stream().anyMatch(it -> it.kind() instanceof OfTheRun);
  }

  /** Whether the run's reward model is the only source, as it is. */
  public boolean isRunAlone() {
    return parts.size() == 1 && asksPeople() && parts.get(0).weight() == 1;
  }

  /** Whether a source reads the data's answers. */
  public boolean readsAnswers() {
    return parts.stream()
        .map(Part::kind)
        .anyMatch(it -> it instanceof Answers || it instanceof OwnRule || it instanceof Remote);
  }

  /** Whether a source compares responses to one prompt with each other. */
  public boolean comparesGroups() {
    return parts.stream().anyMatch(it -> it.kind() instanceof Judge judge && judge.pairwise());
  }

  /** Whether every part is a rule, whose scores are the goal itself. */
  public boolean isOfRules() {
    return parts.stream()
        .map(Part::kind)
        .allMatch(
            it ->
                it instanceof Matching
                    || it instanceof Length
                    || it instanceof Answers
                    || it instanceof OwnRule);
  }

  /** Whether a language model is asked, which costs a request for each text. */
  public boolean asksAJudge() {
    return parts.stream().anyMatch(it -> it.kind() instanceof Judge);
  }

  private static List<ConfigValue> elements(ConfigValue value) {
    List<ConfigValue> elements = new ArrayList<>();
    if (value instanceof ConfigList list) {
      elements.addAll(list);
    } else if (value.valueType() == ConfigValueType.STRING) {
      for (String name : value.unwrapped().toString().split(",", -1)) {
        elements.add(ConfigValueFactory.fromAnyRef(name.strip()));
      }
    }
    if (elements.isEmpty()) {
      throw InvalidInputException.of(SOURCE, show(value), KINDS + ", or a list of them");
    }
    return elements;
  }

  private static Part part(Config root, ConfigValue value) {
    Config own = value instanceof ConfigObject object ? object.toConfig() : ConfigFactory.empty();
    String kind =
        value instanceof ConfigObject
            ? own.hasPath("kind") ? own.getString("kind") : show(value)
            : String.valueOf(value.unwrapped());
    if (!Set.of("run", "model", "rule", "remote", "judge").contains(kind)) {
      throw InvalidInputException.of(SOURCE, kind, KINDS);
    }
    String key = PATH + "." + kind;
    Config section = root.getConfig(key);
    own.root()
        .keySet()
        .forEach(
            it -> {
              if (!it.equals("kind")
                  && !it.equals("name")
                  && !section.hasPathOrNull(ConfigUtil.quoteString(it))) {
                throw InvalidInputException.of(
                    SOURCE + ": " + kind, it, "a key of " + key + ": " + section.root().keySet());
              }
            });
    Config all = own.withFallback(section);
    double weight = all.getDouble("weight");
    require(Double.isFinite(weight), key, "weight", weight, "a finite number");
    String name = own.hasPath("name") ? own.getString("name") : kind;
    require(name.matches("[A-Za-z0-9_-]{1,32}"), key, "name", name, "letters, digits, _ and -");
    return new Part(name, key, weight, kind(kind, key, all));
  }

  private static Kind kind(String kind, String key, Config own) {
    return switch (kind) {
      case "run" -> new OfTheRun();
      case "model" -> {
        String directory = own.getString("directory");
        require(!directory.isEmpty(), key, "directory", "not set", "a path");
        yield new Finished(Path.of(directory), own.getString("digest"));
      }
      case "rule" -> rule(key, own);
      case "remote" -> new Remote(http(key, own), atLeastOne(own, key, "batch"));
      default -> judge(key, own);
    };
  }

  private static Kind rule(String key, Config own) {
    List<String> set = new ArrayList<>();
    for (String rule : List.of("pattern", "answer", "class")) {
      if (!own.getString(rule).isEmpty()) {
        set.add(rule);
      }
    }
    if (own.getInt("length") != 0) {
      set.add("length");
    }
    if (set.size() != 1) {
      throw InvalidInputException.of(
          key,
          set.isEmpty() ? "no rule" : String.join(" and ", set),
          "one of pattern, length, answer, class; several rules are a list of sources");
    }
    return switch (set.get(0)) {
      case "pattern" ->
          new Matching(pattern(key, own), named(own, key, "measure", Measure.values()));
      case "length" ->
          new Length(
              atLeastOne(own, key, "length"), named(own, key, "length-unit", LengthUnit.values()));
      case "answer" -> new Answers(named(own, key, "answer", Answer.values()));
      default -> new OwnRule(own.getString("class"));
    };
  }

  private static Pattern pattern(String key, Config own) {
    String pattern = own.getString("pattern");
    try {
      return Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      throw InvalidInputException.of(
          key + ".pattern",
          pattern,
          "a regular expression of Java; %s at index %d"
              .formatted(e.getDescription(), Math.max(0, e.getIndex())));
    }
  }

  private static Judge judge(String key, Config own) {
    String mode = own.getString("mode");
    require(
        mode.equals("rubric") || mode.equals("pairwise"), key, "mode", mode, "rubric or pairwise");
    String model = own.getString("model");
    require(!model.isEmpty(), key, "model", "not set", "the model's name at the endpoint");
    double lowest = own.getDouble("lowest");
    double highest = own.getDouble("highest");
    require(lowest < highest, key, "highest", highest, "> lowest of " + lowest);
    return new Judge(
        http(key, own),
        model,
        mode.equals("pairwise"),
        own.getString("rubric"),
        lowest,
        highest,
        atLeastOne(own, key, "max-tokens"));
  }

  private static Http http(String key, Config own) {
    int retries = own.getInt("retries");
    require(retries >= 0, key, "retries", retries, ">= 0");
    String keyEnv = own.getString("key-env");
    require(
        keyEnv.matches("([A-Za-z_][A-Za-z0-9_]*)?"),
        key,
        "key-env",
        "no name of a variable",
        "the name of an environment variable that has the key, not the key itself");
    return new Http(
        url(key, own.getString("url")),
        keyEnv,
        positive(own, key, "timeout"),
        retries,
        positive(own, key, "backoff"),
        atLeastOne(own, key, "in-flight"));
  }

  private static URI url(String key, String text) {
    String expected = "a URL such as http://host:8000/score";
    require(!text.isEmpty(), key, "url", "not set", expected);
    try {
      URI url = new URI(text);
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      require(
          url.getRawUserInfo() == null,
          key,
          "url",
          "one with a user or password",
          "one without: name a variable with the key in key-env");
      require(http && url.getHost() != null, key, "url", text, expected);
      return url;
    } catch (URISyntaxException e) {
      throw InvalidInputException.of(key + ".url", text, expected);
    }
  }

  private static Duration positive(Config own, String key, String name) {
    Duration duration = own.getDuration(name);
    require(!duration.isNegative() && !duration.isZero(), key, name, duration, "> 0");
    return duration;
  }

  private static int atLeastOne(Config own, String key, String name) {
    int number = own.getInt(name);
    require(number >= 1, key, name, number, ">= 1");
    return number;
  }

  private static <E extends Enum<E>> E named(Config own, String key, String name, E[] values) {
    String text = own.getString(name);
    return Arrays.stream(values)
        .filter(it -> spelt(it).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                InvalidInputException.of(
                    key + "." + name,
                    text,
                    String.join(", ", Arrays.stream(values).map(SourceSettings::spelt).toList())));
  }

  private static String spelt(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String show(ConfigValue value) {
    return value.render(ConfigRenderOptions.concise());
  }

  private static void require(boolean met, String key, String name, Object value, String expected) {
    if (!met) {
      throw InvalidInputException.of(key + "." + name, value, expected);
    }
  }

  /** The names of the parts, as in {@code run + rule}. */
  public String words() {
    return String.join(" + ", parts.stream().map(Part::name).toList());
  }
}

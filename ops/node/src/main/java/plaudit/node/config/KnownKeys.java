package plaudit.node.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import plaudit.input.InvalidInputException;

/**
 * The keys that exist under {@code plaudit}, which are those of the modules' {@code
 * reference.conf}: a misspelt key would otherwise be ignored, and a day later its author would
 * wonder why it changed nothing. Below a key whose default is an empty object anything goes.
 */
final class KnownKeys {

  private static final String ROOT = "plaudit";
  private static final Set<String> SWITCH = Set.of("on", "off", "true", "false", "yes", "no");

  /** Keys whose value may be the word off, among others; the reader of the key checks it. */
  private static final Set<String> CHOICES = Set.of("plaudit.sampler.in-flight");

  /** Keys that take a text or a list of texts. */
  private static final Set<String> TEXTS = Set.of("plaudit.reward.source");

  private final Config reference;
  private final Set<String> leaves = new TreeSet<>();

  /** What is known is what {@code reference} has a default for. */
  KnownKeys(Config reference) {
    this.reference = reference;
    if (reference.hasPath(ROOT)) {
      collect(ROOT, reference.getObject(ROOT));
    }
  }

  /**
   * Checks everything {@code given} says about Plaudit; other sections are other people's.
   *
   * @param given may be unresolved
   * @throws InvalidInputException naming the first key that does not exist and the nearest that
   *     does, or the first value that is plainly of another type than its default
   */
  void check(Config given) {
    ConfigValue own = given.root().get(ROOT);
    if (own instanceof ConfigObject object && isResolved(object)) {
      check(ROOT, object);
    } else if (own != null && isResolved(own)) {
      throw InvalidInputException.of(ROOT, show(own), "a section");
    }
  }

  /** Whether the value of {@code key} is a text, so that brackets in it are its own. */
  boolean isText(String key) {
    return !TEXTS.contains(key)
        && reference.hasPath(key)
        && reference.getValue(key).valueType() == ConfigValueType.STRING;
  }

  /** The known key most like {@code key}, unless none is much like it. */
  Optional<String> nearest(String key) {
    record Near(String key, int distance) {}
    String last = lastElement(key);
    return leaves.stream()
        .map(
            leaf ->
                // Either nearly the same path, or nearly the same word in another section.
                new Near(
                    leaf,
                    Math.min(
                        Spelling.distance(key, leaf),
                        1 + Spelling.distance(last, lastElement(leaf)))))
        .filter(near -> near.distance() <= Math.max(2, last.length() / 2))
        .min(Comparator.comparingInt(Near::distance).thenComparing(Near::key))
        .map(Near::key);
  }

  private void check(String path, ConfigObject object) {
    for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
      String key = path + "." + ConfigUtil.joinPath(entry.getKey());
      ConfigValue value = entry.getValue();
      if (!reference.hasPathOrNull(key)) {
        throw unknown(value instanceof ConfigObject deep ? firstLeaf(key, deep) : key, value);
      }
      if (reference.getIsNull(key)) {
        continue;
      }
      checkKnown(key, value, reference.getValue(key));
    }
  }

  private void checkKnown(String key, ConfigValue value, ConfigValue known) {
    if (!isResolved(value)) {
      return; // a substitution: it is checked once there is a value
    }
    if (!(known instanceof ConfigObject section)) {
      checkType(key, value, known);
    } else if (section.isEmpty()) {
      return;
    } else if (value instanceof ConfigObject object) {
      check(key, object);
    } else {
      throw InvalidInputException.of(
          at(key, value), show(value), "a section with keys such as " + firstLeaf(key, section));
    }
  }

  private static void checkType(String key, ConfigValue value, ConfigValue known) {
    boolean fits = true;
    String expected = "";
    if (value.valueType() == ConfigValueType.OBJECT && known.valueType() != value.valueType()) {
      fits = false;
      expected = "a value like " + show(known);
    } else if (known.valueType() == ConfigValueType.NUMBER) {
      fits = value.valueType() == ConfigValueType.NUMBER || isNumber(value.unwrapped());
      expected = "a number like " + show(known);
    } else if (SWITCH.contains(String.valueOf(known.unwrapped())) && !CHOICES.contains(key)) {
      fits = SWITCH.contains(String.valueOf(value.unwrapped()));
      expected = "on or off";
    } else if (known.valueType() == ConfigValueType.LIST) {
      fits = value.valueType() == ConfigValueType.LIST;
      expected = "a list like " + show(known);
    }
    if (!fits) {
      throw InvalidInputException.of(at(key, value), show(value), expected);
    }
  }

  private InvalidInputException unknown(String key, ConfigValue value) {
    String suggestion =
        nearest(key).map(known -> "did you mean " + known + "?").orElse("no key is like it");
    return new InvalidInputException(
        "%s: no such configuration key (%s)".formatted(at(key, value), suggestion));
  }

  private void collect(String path, ConfigObject object) {
    object.forEach(
        (name, value) -> {
          String key = path + "." + ConfigUtil.joinPath(name);
          if (value instanceof ConfigObject section && !section.isEmpty()) {
            collect(key, section);
          } else {
            leaves.add(key);
          }
        });
  }

  private static String firstLeaf(String path, ConfigObject object) {
    return object.entrySet().stream()
        .min(Map.Entry.comparingByKey())
        .map(
            e -> {
              String key = path + "." + ConfigUtil.joinPath(e.getKey());
              return e.getValue() instanceof ConfigObject deep ? firstLeaf(key, deep) : key;
            })
        .orElse(path);
  }

  private static String at(String key, ConfigValue value) {
    return value.origin().lineNumber() > 0 && value.origin().filename() != null
        ? "%s (%s, line %d)".formatted(key, value.origin().filename(), value.origin().lineNumber())
        : key;
  }

  private static boolean isResolved(ConfigValue value) {
    try {
      return value.unwrapped() != null;
    } catch (ConfigException.NotResolved e) {
      return false; // there is a substitution in it
    }
  }

  private static boolean isNumber(Object value) {
    try {
      Double.parseDouble(String.valueOf(value));
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static String show(ConfigValue value) {
    return value.render(ConfigRenderOptions.concise());
  }

  private static String lastElement(String key) {
    List<String> path = ConfigUtil.splitPath(key);
    return path.get(path.size() - 1);
  }
}

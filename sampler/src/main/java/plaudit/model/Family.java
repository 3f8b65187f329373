package plaudit.model;

import static java.util.Objects.requireNonNull;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueType;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A family of decoders: what its models have alike, and by which names their files call the rest.
 * Each is an entry of {@code families.conf} beside this class, which explains the fields.
 */
public final class Family {

  private static final Map<String, Family> ALL = readAll();

  /** The layout of the paper, and of models that are made here unless another one is asked for. */
  public static final Family GPT2 = named("gpt2").orElseThrow();

  private final String name;
  private final Config entry;

  private Family(String name, Config entry) {
    this.name = name;
    this.entry = entry;
  }

  private static Map<String, Family> readAll() {
    Config all = ConfigFactory.parseResources(Family.class, "families.conf").resolve();
    Map<String, Family> families = new TreeMap<>();
    for (String name : all.root().keySet()) {
      families.put(name, new Family(name, all.getConfig(name)));
    }
    return Map.copyOf(families);
  }

  /** The family with this {@code model_type}, if it is known. */
  public static Optional<Family> named(String name) {
    return Optional.ofNullable(ALL.get(name));
  }

  /** All that are known, for messages. */
  public static String allNames() {
    return "one of " + String.join(", ", new TreeMap<>(ALL).keySet());
  }

  /** A {@code true}, a {@code false}, or a setting that says which. */
  record Flag(Optional<String> setting, boolean otherwise) {}

  /** The kinds of norm. */
  enum Norm {
    /** Centred and scaled; gain and bias. */
    LAYER,
    /** Scaled; a gain. */
    RMS
  }

  /** Its {@code model_type}. */
  public String name() {
    return name;
  }

  String architecture() {
    return entry.getString("architecture");
  }

  /** Before the names of all tensors in a checkpoint but the head's. */
  String prefix() {
    return entry.getString("prefix");
  }

  Norm norm() {
    return entry.getString("norm").equals("rms") ? Norm.RMS : Norm.LAYER;
  }

  /** How much of each head is rotated unless the configuration says; 0 for learned positions. */
  double rotaryShare() {
    return entry.getDouble("rotary");
  }

  /** Whether matrices are {@code [in, out]}. */
  boolean inputFirst() {
    return entry.getString("matrices").equals("in-out");
  }

  /**
   * Whether layers have a bias.
   *
   * @param part {@code query} (key and value, too), {@code output} or {@code inner}
   */
  Flag bias(String part) {
    return flag("biases." + part);
  }

  /** Whether attention and inner layer read the same state. */
  Flag parallel() {
    return flag("parallel");
  }

  boolean tied() {
    return entry.getBoolean("tied");
  }

  String activation() {
    return entry.getString("activation");
  }

  /** The setting with the width of a sliding window. */
  Optional<String> window() {
    return text("window");
  }

  /** What {@code config.json} calls a size. */
  Optional<String> key(String part) {
    return text("keys." + part);
  }

  /** The same, where there must be one. */
  String requiredKey(String part) {
    return key(part).orElseThrow(() -> new IllegalStateException(name + " has no key " + part));
  }

  /** Another name for it. */
  Optional<String> alias(String part) {
    return text("aliases." + part);
  }

  /** Settings that must be so or be missing. */
  Map<String, Boolean> only() {
    Map<String, Boolean> only = new TreeMap<>();
    entry.getObject("only").forEach((key, value) -> only.put(key, (Boolean) value.unwrapped()));
    return only;
  }

  /** Settings that stand in a new file for readers that expect them. */
  Map<String, Object> written() {
    return new TreeMap<>(entry.getObject("written").unwrapped());
  }

  /** Whether a model has such a part: positions, qkv, gate, query_norm and so on. */
  boolean has(String part) {
    return entry.getConfig("tensors").hasPath(part);
  }

  /** Whether each layer has such a part. */
  boolean isRepeated(String part) {
    return entry.getString("tensors." + part).contains("#");
  }

  /** The name of a part's tensors without {@code .weight}, {@code .bias} and prefix. */
  String tensor(String part, int layer) {
    return requireNonNull(entry.getString("tensors." + part)).replace("#", "" + layer);
  }

  private Flag flag(String path) {
    if (entry.getValue(path).valueType() == ConfigValueType.BOOLEAN) {
      return new Flag(Optional.empty(), entry.getBoolean(path));
    }
    Config flag = entry.getConfig(path);
    return new Flag(Optional.of(flag.getString("setting")), flag.getBoolean("otherwise"));
  }

  private Optional<String> text(String path) {
    return entry.hasPath(path) ? Optional.of(entry.getString(path)) : Optional.empty();
  }

  @Override
  public String toString() {
    return name;
  }
}

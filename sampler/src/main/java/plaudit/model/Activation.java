package plaudit.model;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The non-linearity of the feed-forward layers, by the names that configurations use. */
public enum Activation {
  /** GPT-2's: the tanh approximation of GELU. */
  GELU_NEW("gelu_new", "gelu_pytorch_tanh"),
  /** GELU by the error function. */
  GELU("gelu", "gelu"),
  /** max(0, x). */
  RELU("relu", "relu");

  private final String configName;
  private final String alias;

  Activation(String configName, String alias) {
    this.configName = configName;
    this.alias = alias;
  }

  /** The name written to {@code config.json}. */
  public String configName() {
    return configName;
  }

  /** The activation called {@code name} in a configuration, if it is one that is supported. */
  public static Optional<Activation> named(String name) {
    return Arrays.stream(values())
        .filter(a -> a.configName.equals(name) || a.alias.equals(name))
        .findFirst();
  }

  /** All supported names, for messages. */
  static String allNames() {
    return Arrays.stream(values())
        .flatMap(a -> Stream.of(a.configName, a.alias))
        .distinct()
        .collect(Collectors.joining(", ", "one of ", ""));
  }
}

package plaudit.model;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The non-linearity of the feed-forward layers, by the names that configurations use. */
public enum Activation {
  /** GPT-2's: the tanh approximation of GELU. */
  GELU_NEW("gelu_new, gelu_pytorch_tanh, gelu_fast"),
  /** GELU by the error function. */
  GELU("gelu"),
  /** max(0, x). */
  RELU("relu"),
  /** x times its logistic function. */
  SILU("silu, swish");

  /** One after another; the first is written. */
  private final String names;

  Activation(String names) {
    this.names = names;
  }

  private List<String> names() {
    return List.of(names.split(", "));
  }

  /** The name written to {@code config.json}. */
  public String configName() {
    return names().get(0);
  }

  /** The activation called {@code name} in a configuration, if it is one that is supported. */
  public static Optional<Activation> named(String name) {
    return Arrays.stream(values()).filter(a -> a.names().contains(name)).findFirst();
  }

  /** All supported names, for messages. */
  static String allNames() {
    return "one of " + String.join(", ", Arrays.stream(values()).map(a -> a.names).toList());
  }
}

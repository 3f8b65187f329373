package plaudit.lab.bench;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import plaudit.input.InvalidInputException;

/**
 * A setting that runs of a comparison differ in besides eta, with its values.
 *
 * @param key of the setting; empty if there is none
 * @param values in the order of the table; one empty value if there is none
 */
public record Variation(String key, List<String> values) {

  /** The runs differ in eta alone. */
  public static final Variation NONE = new Variation("", List.of(""));

  /** Settings that differ between the runs of a comparison anyway. */
  private static final Set<String> TAKEN = Set.of("experience.eta", "run.seed", "run.shuffle-seed");

  /** Copies the values. */
  public Variation {
    values = List.copyOf(values);
  }

  /** Reads {@code KEY=VALUE,VALUE,...}. */
  public static Variation of(String words) {
    String[] parts = words.split("=", 2);
    List<String> values =
        parts.length < 2
            ? List.of()
            : Arrays.stream(parts[1].split(",")).map(String::strip).toList();
    if (parts[0].isBlank()
        || values.isEmpty()
        || values.contains("")
        || new LinkedHashSet<>(values).size() < values.size()) {
      throw InvalidInputException.of("--vary", words, "KEY=VALUE,VALUE,... with distinct values");
    }
    String key = parts[0].strip();
    if (TAKEN.contains(key.replaceFirst("^plaudit\\.", ""))) {
      throw InvalidInputException.of("--vary", key, "another setting: --eta and --seeds set it");
    }
    return new Variation(key, values);
  }

  /** The settings of a run with {@code value}. */
  List<String> settings(String value) {
    return key.isEmpty() ? List.of() : List.of(key + "=" + value);
  }
}

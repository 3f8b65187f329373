package plaudit.node.config;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import plaudit.data.Columns;
import plaudit.data.DataFormat;
import plaudit.data.Dataset;
import plaudit.data.Drawing;
import plaudit.data.Example;
import plaudit.input.InvalidInputException;

/**
 * Which texts a run is about: the keys of {@code plaudit.run} that say so.
 *
 * @param path a file or folder
 * @param format its form
 * @param columns other names of its columns
 * @param maxTraining texts to train on at most
 * @param maxHeldOut texts to measure on at most
 * @param seed of the draw, where there are more
 */
public record DataSettings(
    Path path, DataFormat format, Columns columns, int maxTraining, int maxHeldOut, long seed) {

  /** Without a part marked as held out, one text in so many is, or fewer. */
  private static final int HELD_OUT_EVERY = 6;

  public DataSettings {
    require("max-prompts", maxTraining);
    require("max-held-out", maxHeldOut);
  }

  /** Reads {@code plaudit.run} of the whole configuration. */
  public static DataSettings from(Config config) {
    String data = config.getString("plaudit.run.data");
    if (data.isEmpty()) {
      throw InvalidInputException.of("plaudit.run.data", "not set", "a path");
    }
    return new DataSettings(
        Path.of(data),
        DataFormat.named("plaudit.run.data-format", config.getString("plaudit.run.data-format")),
        columns(config, "plaudit.run.columns"),
        config.getInt("plaudit.run.max-prompts"),
        config.getInt("plaudit.run.max-held-out"),
        config.getLong("plaudit.run.shuffle-seed"));
  }

  /** The names that {@code key}, an object, gives to columns. */
  public static Columns columns(Config config, String key) {
    Map<String, String> sources = new TreeMap<>();
    config
        .getObject(key)
        .forEach(
            (name, source) -> {
              if (!(source.unwrapped() instanceof String column)) {
                throw InvalidInputException.of(
                    key + "." + name, source.unwrapped(), "the name of a column");
              }
              sources.put(name, column);
            });
    return new Columns(sources);
  }

  /** The data set. */
  public Dataset open() {
    return Dataset.open(path, format, columns);
  }

  /** The form the data has, looked up if the settings leave it open. */
  public DataFormat found() {
    return columns.isEmpty() ? Dataset.formatOf(path, format) : DataFormat.PROMPTS;
  }

  /** These settings with another limit to what is held out. */
  public DataSettings withMaxHeldOut(int texts) {
    return new DataSettings(path, format, columns, maxTraining, texts, seed);
  }

  /**
   * Texts in memory.
   *
   * @param format the form they had
   * @param training what to learn on
   * @param heldOut what to measure on, none of which is also trained on
   * @param repeated texts to train on that repeat an earlier one
   * @param shared texts left out of the held-out part since they are trained on
   */
  public record Texts(
      DataFormat format, List<Example> training, List<Example> heldOut, int repeated, int shared) {

    /** Such as {@code , 3 repeat another text, 2 held out were left out: they are trained on}. */
    public String duplicates() {
      StringBuilder words = new StringBuilder();
      if (repeated > 0) {
        words.append(String.format(Locale.ROOT, ", %,d repeat an earlier text", repeated));
      }
      if (shared > 0) {
        words.append(
            String.format(Locale.ROOT, ", %,d not held out, as they are also trained on", shared));
      }
      return words.toString();
    }
  }

  /** Reads the texts, no more than asked for; refuses fewer than one of each part. */
  public Texts read() {
    Dataset data = open();
    List<Example> training = Drawing.of(data.training(), maxTraining, seed);
    List<Example> heldOut = Drawing.of(data.heldOut(), maxHeldOut, seed);
    if (heldOut.isEmpty()) {
      return split(data.format(), training);
    }
    if (training.isEmpty()) {
      throw InvalidInputException.of("texts to train on in " + path, "none", "at least one");
    }
    return apart(data.format(), training, heldOut);
  }

  /** Takes every so manieth from the end, which leaves at least one to learn on. */
  private Texts split(DataFormat found, List<Example> all) {
    if (all.size() < 2) {
      throw InvalidInputException.of(
          "texts in " + path, all.size(), "at least 2, so that one can be held out");
    }
    int every = Math.max(HELD_OUT_EVERY, (all.size() + maxHeldOut - 1) / maxHeldOut);
    List<Example> training = new ArrayList<>();
    List<Example> heldOut = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      boolean measured = (all.size() - 1 - i) % every == 0;
      (measured ? heldOut : training).add(all.get(i));
    }
    return apart(found, training, heldOut);
  }

  /** Leaves out of the held-out part what is trained on. */
  private Texts apart(DataFormat found, List<Example> training, List<Example> heldOut) {
    Set<String> trained = new HashSet<>();
    training.forEach(example -> trained.add(example.text().strip()));
    List<Example> kept =
        heldOut.stream().filter(example -> !trained.contains(example.text().strip())).toList();
    if (kept.isEmpty()) {
      throw InvalidInputException.of(
          "texts to measure on in " + path,
          heldOut.size() + ", all of which are trained on",
          "at least one that is not");
    }
    return new Texts(
        found, training, kept, training.size() - trained.size(), heldOut.size() - kept.size());
  }

  private static void require(String key, int value) {
    if (value < 1) {
      throw InvalidInputException.of("plaudit.run." + key, value, ">= 1");
    }
  }
}

package plaudit.node.config;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
 * @param maxTraining texts to train on at most
 * @param maxHeldOut texts to measure on at most
 * @param seed of the draw, where there are more
 */
public record DataSettings(
    Path path, DataFormat format, int maxTraining, int maxHeldOut, long seed) {

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
        config.getInt("plaudit.run.max-prompts"),
        config.getInt("plaudit.run.max-held-out"),
        config.getLong("plaudit.run.shuffle-seed"));
  }

  /** The form the data has, looked up if the settings leave it open. */
  public DataFormat found() {
    return Dataset.formatOf(path, format);
  }

  /** These settings with another limit to what is held out. */
  public DataSettings withMaxHeldOut(int texts) {
    return new DataSettings(path, format, maxTraining, texts, seed);
  }

  /**
   * Texts in memory.
   *
   * @param format the form they had
   * @param training what to learn on
   * @param heldOut what to measure on
   */
  public record Texts(DataFormat format, List<Example> training, List<Example> heldOut) {}

  /** Reads the texts, no more than asked for; refuses fewer than one of each part. */
  public Texts read() {
    Dataset data = Dataset.open(path, format);
    List<Example> training = Drawing.of(data.training(), maxTraining, seed);
    List<Example> heldOut = Drawing.of(data.heldOut(), maxHeldOut, seed);
    if (heldOut.isEmpty()) {
      return split(data.format(), training);
    }
    if (training.isEmpty()) {
      throw InvalidInputException.of("texts to train on in " + path, "none", "at least one");
    }
    return new Texts(data.format(), training, heldOut);
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
    return new Texts(found, training, heldOut);
  }

  private static void require(String key, int value) {
    if (value < 1) {
      throw InvalidInputException.of("plaudit.run." + key, value, ">= 1");
    }
  }
}

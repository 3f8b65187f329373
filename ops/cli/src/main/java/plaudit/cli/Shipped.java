package plaudit.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import plaudit.input.InvalidInputException;
import plaudit.model.Tokenizer;

/**
 * What the distribution brings: a model, prompts, and the lexicon that simulated people judge by.
 *
 * @param home the folder that has them: an installation, or {@code ops} of the sources
 */
record Shipped(Path home) {

  private static final Config DIALOGUE =
      ConfigFactory.parseResources(
          Shipped.class, "dialogue.conf", ConfigParseOptions.defaults().setAllowMissing(false));

  /** What lies at {@code plaudit.home}, which bin/plaudit sets. */
  static Shipped find() {
    Path root = Path.of(System.getProperty("plaudit.home", "."));
    for (Path home : List.of(root, root.resolve("ops"))) {
      if (Files.isDirectory(home.resolve("data/lexicon"))) {
        return new Shipped(home);
      }
    }
    throw InvalidInputException.of(
        "plaudit.home",
        root.toAbsolutePath(),
        "an installation or the project's folder; use bin/plaudit of it");
  }

  /** The model that quickstart tunes. */
  Path model() {
    return home.resolve("models/novelist");
  }

  /** Beginnings of stories. */
  Path openings() {
    return home.resolve("data/openings");
  }

  /** The lexicon, as an override. */
  String lexicon() {
    return setting("vendor.lexicon", home.resolve("data/lexicon/valence.tsv"));
  }

  /**
   * The model with the prompts, the lexicon and the settings that suit it, as overrides. A model
   * whose vocabulary marks turns answers the prompts of {@code data/dialogue} under {@code
   * dialogue.conf}; any other one goes on with the openings.
   */
  List<String> suiting(Path model) {
    boolean dialogue = marksTurns(model);
    List<String> settings = new ArrayList<>();
    settings.add(setting("run.model", model));
    settings.add(setting("run.data", dialogue ? home.resolve("data/dialogue") : openings()));
    settings.add(lexicon());
    if (dialogue) {
      DIALOGUE
          .entrySet()
          .forEach(entry -> settings.add(entry.getKey() + "=" + entry.getValue().render()));
    }
    return settings;
  }

  private static boolean marksTurns(Path model) {
    try (Tokenizer tokenizer = Tokenizer.open(model)) {
      return tokenizer.idOf("[inst]").isPresent() && tokenizer.idOf("[/inst]").isPresent();
    }
  }

  /** A path as an override. */
  static String setting(String key, Path path) {
    return key + "=\"" + path.toString().replace("\\", "\\\\") + '"';
  }
}

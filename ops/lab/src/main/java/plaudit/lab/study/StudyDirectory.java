package plaudit.lab.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import plaudit.files.AtomicFile;
import plaudit.files.FileTree;
import plaudit.files.Sha256;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

/**
 * Where a study writes: one file of numbers for each part that is done, so that a study goes on
 * where it was left. A file is there whole or not at all. A directory belongs to one kind of
 * settings: what was made with others is not mixed with it.
 */
final class StudyDirectory {

  private static final String SETTINGS = "study.json";

  /** What may differ between two calls of one study, or is set by each arm. */
  private static final List<String> FREE =
      List.of(
          "plaudit.study.seeds",
          "plaudit.study.parallel",
          "plaudit.study.smoothing",
          "plaudit.study.equal-kl",
          "plaudit.study.budgets",
          "plaudit.reward.labels.before-start",
          "plaudit.reward.labels.total",
          "plaudit.run.seed");

  private final Path path;
  private final Settings settings;

  private StudyDirectory(Path path, Settings settings) {
    this.path = path;
    this.settings = settings;
  }

  /** A digest of all that the results depend on. */
  record Settings(String sha256) {}

  /**
   * Opens {@code path}, which is made when there is something to write.
   *
   * @param reviews the file of reviews, which the results depend on too
   * @throws InvalidInputException when it holds results of other settings, or there are no reviews
   */
  static StudyDirectory open(Path path, Config config, Path reviews) {
    if (!Files.isRegularFile(reviews)) {
      throw new InvalidInputException(reviews + ": no such file");
    }
    StudyDirectory directory;
    try {
      directory = new StudyDirectory(path, new Settings(digest(config, reviews)));
    } catch (IOException e) {
      throw new UncheckedIOException("reading what the study is about", e);
    }
    Optional<Settings> earlier = directory.read(SETTINGS, Settings.class);
    if (earlier.isPresent() && !earlier.get().equals(directory.settings)) {
      throw InvalidInputException.of(
          "--out", path, "a directory without results of other settings, model, data or reviews");
    }
    return directory;
  }

  /** Where it lies. */
  Path path() {
    return path;
  }

  /** What {@link #write} wrote under {@code name}, if it did. */
  <T> Optional<T> read(String name, Class<T> type) {
    Path file = path.resolve(name);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JsonFiles.MAPPER.readValue(file.toFile(), type));
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          "%s: not what a study writes (expected: delete it, and its part is done again)"
              .formatted(file),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + file, e);
    }
  }

  /** Writes {@code value} as JSON; before the first one, what all of them depend on. */
  void write(String name, Object value) {
    if (!Files.exists(path.resolve(SETTINGS))) {
      write(SETTINGS, JsonFiles.indented(settings));
    }
    write(name, JsonFiles.indented(value));
  }

  /** Writes a text. */
  void write(String name, String text) {
    AtomicFile.write(path.resolve(name), text);
  }

  /** An empty directory for weights that are not needed later. */
  Path scratch(String name) {
    Path scratch = path.resolve("scratch").resolve(name);
    FileTree.delete(scratch);
    return scratch;
  }

  private static String digest(Config config, Path reviews) throws IOException {
    Config own = config.withOnlyPath("plaudit");
    for (String free : FREE) {
      own = own.withoutPath(free);
    }
    StringBuilder all = new StringBuilder();
    for (String section : List.of("policy", "reward", "study", "task")) {
      all.append(section)
          .append(own.getConfig("plaudit." + section).root().render(ConfigRenderOptions.concise()));
    }
    all.append(weight(Path.of(config.getString("plaudit.run.model"), "model.safetensors")));
    all.append(weight(Path.of(config.getString("plaudit.run.data")))).append(weight(reviews));
    return Sha256.of(all.toString());
  }

  /** Bytes of a file, and of the files of a directory; good enough to tell two apart. */
  private static String weight(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return " " + (Files.exists(path) ? Files.size(path) : -1);
    }
    try (Stream<Path> files = Files.list(path)) {
      long sum = 0;
      for (Path file : files.toList()) {
        sum += Files.isRegularFile(file) ? Files.size(file) : 0;
      }
      return " " + sum;
    }
  }
}

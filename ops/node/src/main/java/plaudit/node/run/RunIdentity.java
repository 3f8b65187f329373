package plaudit.node.run;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import plaudit.files.AtomicFile;
import plaudit.json.JsonFiles;

/**
 * Which run it is: {@code run.json} of its directory. It is written once the run's first process
 * has its parts, and grows by the settings that later processes change.
 *
 * @param id 16 hex digits, drawn when the run began; a copy of the directory has the same
 * @param home the directory in which the run is, as an absolute path
 * @param digests of what the run was begun with, by name: weights, configuration and tokenizer of
 *     the model, prompts
 * @param changes of settings, oldest first
 */
@JsonIgnoreProperties(ignoreUnknown = true) // of a later release
public record RunIdentity(
    String id, String home, Map<String, String> digests, List<Change> changes) {

  private static final String FILE = "run.json";
  private static final int ID_BYTES = 8;

  public RunIdentity {
    digests = Map.copyOf(digests);
    changes = List.copyOf(changes);
  }

  /**
   * A process of the run has changed a setting.
   *
   * @param at when, in ISO 8601
   * @param update the policy updates that were made before
   */
  public record Change(String at, long update, String key, String from, String to) {}

  /** A run that begins in {@code root}. */
  public static RunIdentity begun(Path root, Map<String, String> digests) {
    byte[] id = new byte[ID_BYTES];
    new SecureRandom().nextBytes(id);
    return new RunIdentity(HexFormat.of().formatHex(id), real(root), digests, List.of());
  }

  /**
   * The identity of the run in {@code root}; empty for a run that never had its parts together.
   *
   * @throws plaudit.input.InvalidInputException if the file is not what {@link #write} writes
   */
  public static Optional<RunIdentity> of(Path root) {
    Path file = root.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JsonFiles.MAPPER.readValue(Files.readString(file), RunIdentity.class));
    } catch (JsonProcessingException e) {
      throw JsonFiles.notJson(file.toString(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** Keeps it, durably. */
  public void write(Path root) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", id);
    json.put("home", home);
    json.put("digests", new TreeMap<>(digests));
    json.put("changes", changes);
    AtomicFile.write(root.resolve(FILE), JsonFiles.indented(json));
  }

  /** The same with another change. */
  public RunIdentity with(Change change) {
    List<Change> more = new ArrayList<>(changes);
    more.add(change);
    return new RunIdentity(id, home, digests, more);
  }

  /**
   * The directory that the run in {@code root} is a copy of; empty if it is the run, or was moved.
   */
  public Optional<Path> copiedFrom(Path root) {
    return home.equals(real(root))
        ? Optional.empty()
        : of(Path.of(home)).filter(original -> original.id().equals(id)).map(it -> Path.of(home));
  }

  /** The same run in {@code root}, where it was moved or copied. */
  public RunIdentity at(Path root) {
    return new RunIdentity(id, real(root), digests, changes);
  }

  private static String real(Path root) {
    try {
      return root.toRealPath().toString();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot find " + root, e);
    }
  }
}

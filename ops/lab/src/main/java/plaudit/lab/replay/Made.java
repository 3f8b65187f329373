package plaudit.lab.replay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import plaudit.input.InvalidInputException;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;

/** Versions that were made again; their files stay as long as a delivery to come needs them. */
final class Made {

  private final Model model;
  private final SnapshotFiles files;
  private final Map<Long, List<String>> recorded;
  private final Map<Long, Integer> uses;
  private final Map<Long, Path> kept = new HashMap<>();
  private final Set<Long> compared = new HashSet<>();

  /**
   * None yet.
   *
   * @param recorded digests by version; the last is that of the line that survived
   * @param uses how many deliveries need each version
   */
  Made(
      Model model, SnapshotFiles files, Map<Long, List<String>> recorded, Map<Long, Integer> uses) {
    this.model = model;
    this.files = files;
    this.recorded = recorded;
    this.uses = new HashMap<>(uses);
  }

  /** Another one; where the run published it, it must be the same. */
  Optional<Difference> add(Snapshot snapshot) {
    long version = snapshot.version();
    kept.put(version, files.fetch(snapshot));
    forget(version);
    List<String> digests = recorded.getOrDefault(version, List.of());
    if (digests.isEmpty()) {
      return Optional.empty();
    }
    compared.add(version);
    return Difference.ofWeights(
        "%s version %d".formatted(model.slug(), version),
        digests.get(digests.size() - 1),
        snapshot.sha256());
  }

  /** The weights of {@code version}. */
  Path file(long version) {
    Path file = kept.get(version);
    if (file == null) {
      throw InvalidInputException.of(
          "the journal",
          "uses %s version %d".formatted(model.slug(), version),
          "what that version was made of before that");
    }
    return file;
  }

  /** A delivery that needed it is done. */
  void used(long version) {
    uses.merge(version, -1, Integer::sum);
    forget(version);
  }

  /** How many versions had a digest to compare with. */
  int compared() {
    return compared.size();
  }

  private void forget(long version) {
    if (uses.getOrDefault(version, 0) > 0) {
      return;
    }
    try {
      Path file = kept.remove(version);
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete weights", e);
    }
  }
}

package plaudit.snapshots;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.json.JsonFiles;

/**
 * Versions of weights in an {@link ObjectStore}, beside those on the learner's disk: {@code
 * <model>-<version>.safetensors}, and a manifest, {@code <model>-<version>.json}, which is stored
 * last and deleted first. A version without a manifest is one that a killed process did not finish.
 */
public final class SnapshotStore implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SnapshotStore.class);
  private static final String MANIFEST = ".json";

  private final ObjectStore objects;
  private final LongAdder failures = new LongAdder();

  /** Versions of one run, which are all that is in {@code objects}. Owns them. */
  public SnapshotStore(ObjectStore objects) {
    this.objects = objects;
  }

  /**
   * Stores a version whose file is {@code file}; its manifest says what {@code snapshot} says.
   *
   * @return where it is
   * @throws IOException when the store does not take it; it is then not announced
   */
  URI put(Path file, Snapshot snapshot) throws IOException {
    String name = file.getFileName().toString();
    String manifest = SnapshotNames.stem(name) + MANIFEST;
    try {
      objects.delete(manifest); // of a file of that name before a restart, perhaps
      objects.put(name, file);
      objects.put(manifest, manifest(snapshot));
      return objects.url(name);
    } catch (IOException e) {
      failures.increment();
      throw e;
    }
  }

  /**
   * Deletes all but the newest versions of {@code model}, by the rule of {@link
   * SnapshotFiles#prune}. What cannot be deleted now is deleted next time.
   */
  void prune(Model model, int keepNewest) {
    try {
      List<String> newestFirst =
          objects.list().stream()
              .filter(name -> version(model, name) >= 0)
              .sorted(Comparator.comparingLong((String name) -> version(model, name)).reversed())
              .toList();
      for (String old : newestFirst.stream().skip(keepNewest).toList()) {
        if (model != Model.POLICY || version(model, old) != 0) { // the reference
          objects.delete(SnapshotNames.stem(old) + MANIFEST);
          objects.delete(old);
        }
      }
    } catch (IOException e) {
      LOG.warn("Old versions stay in the snapshot store: [{}]", e.getMessage());
    }
  }

  /** How often a version was not taken. */
  public long failures() {
    return failures.sum();
  }

  private static long version(Model model, String name) {
    return SnapshotNames.versionOf(model, name).orElse(-1);
  }

  private static byte[] manifest(Snapshot snapshot) {
    try {
      return JsonFiles.MAPPER.writeValueAsBytes(
          Map.of(
              "model", snapshot.model().slug(),
              "version", snapshot.version(),
              "parent", snapshot.parent(),
              "bytes", snapshot.bytes(),
              "sha256", snapshot.sha256()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    objects.close();
  }
}

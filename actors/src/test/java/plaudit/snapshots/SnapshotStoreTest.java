package plaudit.snapshots;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;

class SnapshotStoreTest {

  @TempDir private Path directory;

  @Test
  void aVersionInADirectoryIsCopiedByItsReaders() throws IOException {
    SnapshotFiles learner = learner();
    Snapshot snapshot = write(learner, 3, "abc");
    assertThat(snapshot.url()).hasScheme("mount");

    SnapshotFiles sampler = SnapshotFiles.cache(directory.resolve("sampler"), true);
    Path copy = sampler.fetch(snapshot);
    assertThat(copy).hasContent("abc").hasParentRaw(directory.resolve("sampler"));
    Files.delete(mount().resolve("policy-3.safetensors"));
    assertThat(sampler.fetch(snapshot)).isEqualTo(copy);
    assertThat(learner.fetch(snapshot)).as("its own file").hasContent("abc");
    assertThatThrownBy(() -> SnapshotFiles.cache(directory.resolve("late"), false).fetch(snapshot))
        .isInstanceOf(SnapshotFileException.Unavailable.class)
        .hasMessageContaining("policy-3.safetensors");
  }

  @Test
  void otherBytesThanThoseThatWereAnnouncedAreRefused() throws IOException {
    Snapshot snapshot = write(learner(), 3, "abc");
    Files.writeString(mount().resolve("policy-3.safetensors"), "abd");
    assertThatThrownBy(
            () -> SnapshotFiles.cache(directory.resolve("sampler"), false).fetch(snapshot))
        .isInstanceOf(SnapshotFileException.Corrupt.class);
  }

  @Test
  void oldVersionsAreRemovedAsOnTheLearnersDisk() throws IOException {
    SnapshotFiles learner = learner();
    for (long version = 0; version < 5; version++) {
      write(learner, version, "v" + version);
      learner.prune(Model.POLICY, 2);
    }
    try (Stream<Path> left = Files.list(mount())) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "store",
              "policy-0.json",
              "policy-0.safetensors",
              "policy-3.json",
              "policy-3.safetensors",
              "policy-4.json",
              "policy-4.safetensors");
    }
    assertThat(Files.readString(mount().resolve("policy-4.json")))
        .contains("\"version\":4", "\"parent\":3", "\"bytes\":2", "\"sha256\":\"");
  }

  /** As a process that is killed leaves it. */
  @Test
  void anUnfinishedVersionHasNoManifestAndIsWrittenAgain() throws IOException {
    learner();
    Files.writeString(mount().resolve("policy-4.safetensors.tmp"), "ab");
    SnapshotFiles next = learner();
    assertThat(mount().resolve("policy-4.safetensors.tmp")).doesNotExist();
    write(next, 4, "abc");
    assertThat(mount().resolve("policy-4.json")).exists();
  }

  @Test
  void whatTheStoreDoesNotTakeIsAnnouncedFromTheLearnersDisk() throws IOException {
    SnapshotStore store = store();
    SnapshotFiles learner = SnapshotFiles.in(directory.resolve("learner")).storingIn(store);
    Files.createDirectories(mount().resolve("policy-3.safetensors/in-the-way"));
    assertThat(write(learner, 3, "abc").url()).hasScheme("file");
    assertThat(store.failures()).isOne();
    assertThat(mount().resolve("policy-3.json")).doesNotExist();
    assertThat(write(learner, 4, "abcd").url()).hasScheme("mount");
  }

  @Test
  void aMountThatIsNotThereIsRefused() {
    Path missing = directory.resolve("missing");
    assertThatThrownBy(() -> new DirectoryObjects("store", missing, "r"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageMatching("store: file:///.*missing/? \\(expected: a directory that is there.*");
  }

  private SnapshotFiles learner() throws IOException {
    return SnapshotFiles.in(directory.resolve("learner")).storingIn(store());
  }

  private SnapshotStore store() throws IOException {
    Path mount = Files.createDirectories(directory.resolve("shared mount"));
    return new SnapshotStore(new DirectoryObjects("store", mount, "r"));
  }

  private Path mount() {
    return directory.resolve("shared mount/r");
  }

  private static Snapshot write(SnapshotFiles files, long version, String weights) {
    return files.write(
        Model.POLICY, version, version - 1, List.of(), out -> out.write(weights.getBytes(UTF_8)));
  }
}

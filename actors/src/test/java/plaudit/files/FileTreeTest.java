package plaudit.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTreeTest {

  @TempDir private Path temp;

  @Test
  void aTreeGoesWithAllThatIsInItAndAMissingOneIsFine() throws IOException {
    Path tree = temp.resolve("tree");
    FileTree.create(tree.resolve("a/b"));
    Files.writeString(tree.resolve("a/b/file"), "x");
    Files.writeString(tree.resolve("file"), "x");

    FileTree.delete(tree);
    FileTree.delete(tree);

    assertThat(tree).doesNotExist();
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void allOfANewDirectoryIsForcedBeforeItsNameChangesAndTheNameAfter() throws IOException {
    Path target = temp.resolve("model");
    FileTree.write(target, fresh -> fill(fresh, "old"));
    List<String> forced = new ArrayList<>();

    FileTree.write(
        target,
        fresh -> fill(fresh, "new"),
        path ->
            forced.add(
                path.toRealPath().getFileName() + ": " + Files.readString(target.resolve("one"))));

    String top = temp.toRealPath().getFileName() + ": ";
    assertThat(forced).hasSize(5).startsWith(top + "old", "two: old", "one: old");
    assertThat(forced.get(3)).endsWith(".new: old");
    assertThat(forced).endsWith(top + "new");
    assertThat(names(temp)).containsExactly("model");
  }

  @Test
  void afterAFailureTheDirectoryIsAsItWasAndNothingLiesBesideIt() throws IOException {
    Path target = temp.resolve("model");
    FileTree.write(target, fresh -> fill(fresh, "old"));

    assertThatThrownBy(
            () ->
                FileTree.write(
                    target,
                    fresh -> {
                      fill(fresh, "new");
                      throw new IllegalStateException("no more");
                    }))
        .hasMessage("no more");

    assertThat(target.resolve("one")).hasContent("old");
    assertThat(names(temp)).containsExactly("model");
  }

  private static void fill(Path directory, String content) {
    AtomicFile.write(directory.resolve("one"), content);
    AtomicFile.write(directory.resolve("two"), content);
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}

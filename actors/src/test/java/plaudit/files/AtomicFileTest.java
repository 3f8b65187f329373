package plaudit.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

  @TempDir private Path temp;

  @Test
  void theContentIsForcedBeforeTheNameChangesAndTheDirectoryAfter() throws IOException {
    Path file = temp.resolve("file");
    Files.writeString(file, "old");
    List<String> forced = new ArrayList<>();

    AtomicFile.write(
        file,
        AtomicFileTest::writeNew,
        path -> forced.add(temp.relativize(path) + ": " + Files.readString(file)));

    assertThat(forced).containsExactly("file.tmp: old", ": new");
    assertThat(names()).containsExactly("file");
  }

  @Test
  void directoriesThatWereMissingAreForcedToo() throws IOException {
    List<Path> forced = new ArrayList<>();
    Path file = temp.resolve("a/b/file");

    AtomicFile.write(file, AtomicFileTest::writeNew, forced::add);

    assertThat(forced)
        .containsExactly(
            temp, temp.resolve("a"), temp.resolve("a/b/file.tmp"), temp.resolve("a/b"));
    assertThat(file).hasContent("new");
  }

  @Test
  void afterAFailureTheFileIsAsItWasAndNothingLiesBesideIt() throws IOException {
    Path file = temp.resolve("file");
    AtomicFile.write(file, "old");

    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      writeNew(channel);
                      throw new IOException("no space left");
                    }))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot write " + file)
        .hasRootCauseMessage("no space left");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    AtomicFileTest::writeNew,
                    path -> {
                      throw new IOException("the disk is gone");
                    }))
        .isInstanceOf(UncheckedIOException.class);

    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("file");
  }

  @Test
  void whatAKilledWriterLeftIsOverwritten() throws IOException {
    Path file = temp.resolve("file");
    Files.writeString(temp.resolve("file.tmp"), "much longer than what comes");

    AtomicFile.write(file, "new");

    assertThat(file).hasContent("new");
    assertThat(names()).containsExactly("file");
  }

  @Test
  void theContentMayCloseItsChannel() {
    Path file = temp.resolve("file");

    AtomicFile.write(
        file,
        channel -> {
          writeNew(channel);
          channel.close();
        });

    assertThat(file).hasContent("new");
  }

  private static void writeNew(FileChannel channel) throws IOException {
    channel.write(ByteBuffer.wrap(new byte[] {'n', 'e', 'w'}));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(temp)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}

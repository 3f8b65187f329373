package plaudit.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.data.Example;

class DataSettingsTest {

  @TempDir private Path dir = Path.of("");

  @Test
  void whatIsTrainedOnIsNeverHeldOutAndBothAreCounted() throws IOException {
    String texts =
        IntStream.range(0, 12).mapToObj(i -> "text " + i % 8).collect(Collectors.joining("\n"));
    Files.writeString(dir.resolve("prompts.txt"), texts);

    DataSettings.Texts read = settings("prompts.txt").read();

    assertThat(read.training()).doesNotContainAnyElementsOf(read.heldOut());
    assertThat(read.heldOut()).extracting(Example::text).containsExactly("text 5");
    assertThat(read.duplicates())
        .isEqualTo(", 3 repeat an earlier text, 1 not held out, as they are also trained on");
  }

  @Test
  void aPartThatIsMarkedAsHeldOutIsHeldToThatToo() throws IOException {
    Files.writeString(dir.resolve("prompts.txt"), "a\nb\n");
    Files.writeString(dir.resolve("heldout.txt"), "b\nc\n");
    assertThat(settings("").read().heldOut()).extracting(Example::text).containsExactly("c");

    Files.writeString(dir.resolve("heldout.txt"), "b\n");
    assertThatThrownBy(() -> settings("").read())
        .hasMessageContaining("1, all of which are trained on (expected: at least one");
  }

  @Test
  void columnsAreRenamedByTheSettings() throws IOException {
    Files.writeString(dir.resolve("a.csv"), "text,question\nno,yes\nno,so\n");

    DataSettings.Texts read = settings("a.csv", "run.columns.prompt=question").read();

    assertThat(read.training()).containsExactly(Example.of("yes"));
    assertThatThrownBy(
            () -> settings("a.csv", "run.columns.prompt=q", "run.data-format=books").read())
        .hasMessageContaining("books (expected: prompts, which have columns)");
  }

  private DataSettings settings(String name, String... overrides) {
    List<String> all =
        Stream.concat(Stream.of("run.data=" + dir.resolve(name)), Stream.of(overrides)).toList();
    return DataSettings.from(RunConfig.defaults(all).config());
  }
}

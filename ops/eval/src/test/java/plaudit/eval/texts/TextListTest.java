package plaudit.eval.texts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;

class TextListTest {

  private static final TextList LIST = new TextList(List.of("summary", "text"), false);

  @TempDir private Path dir;

  @Test
  void aTextFileHasOneALine() throws IOException {
    Path file = Files.writeString(dir.resolve("a.txt"), "one\ntwo\n");

    assertThat(LIST.read(file)).extracting(TextList.Entry::text).containsExactly("one", "two");
  }

  @Test
  void jsonLinesAreStringsOrObjectsAndArraysAreSeveral() throws IOException {
    Path file =
        Files.writeString(
            dir.resolve("a.jsonl"),
            "\"one\"\n\n{\"text\": \"no\", \"summary\": \"two\"}\n{\"text\": [\"three\", \"3\"]}\n");

    assertThat(LIST.read(file))
        .extracting(TextList.Entry::values)
        .containsExactly(List.of("one"), List.of("two"), List.of("three", "3"));
  }

  @Test
  void aFolderHasOneAFileInTheOrderOfNames() throws IOException {
    Files.writeString(dir.resolve("b.txt"), "second\ntext");
    Files.writeString(dir.resolve("a.txt"), "first");
    Files.writeString(dir.resolve("README.md"), "about");

    assertThat(LIST.read(dir))
        .extracting(TextList.Entry::text)
        .containsExactly("first", "second\ntext");
  }

  @Test
  void aBlankTextIsAMistakeUnlessItIsAllowed() throws IOException {
    Path file = Files.writeString(dir.resolve("a.txt"), "one\n\nthree\n");

    assertThatThrownBy(() -> LIST.read(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(file + ": line 2: blank (expected: a text)");
    assertThat(new TextList(List.of("text"), true).read(file)).hasSize(3);
  }

  @Test
  void whatIsMissingIsNamedWithItsLine() throws IOException {
    Path file = Files.writeString(dir.resolve("a.jsonl"), "{\"text\": \"x\"}\n{\"other\": 1}\n");
    Path empty = Files.writeString(dir.resolve("empty.txt"), "");

    assertThatThrownBy(() -> LIST.read(file))
        .hasMessage(file + ": line 2: {\"other\":1} (expected: an object with summary or text)");
    assertThatThrownBy(() -> LIST.read(empty))
        .hasMessage(empty + ": no texts (expected: at least one)");
    assertThatThrownBy(() -> LIST.read(dir.resolve("none.txt")))
        .hasMessage(dir.resolve("none.txt") + ": no such file");
  }

  @Test
  void listsOfDifferentLengthsOrNamesDoNotBelongTogether() {
    List<TextList.Entry> one = List.of(entry("a"), entry("b"));

    assertThatThrownBy(() -> TextList.requirePairs(dir, one, Path.of("x"), List.of(entry("a"))))
        .hasMessage(dir + " has 2 texts and x has 1 (expected: as many)");
    assertThatThrownBy(() -> TextList.requirePairs(dir, one, dir, List.of(entry("a"), entry("c"))))
        .hasMessage("in b and in c (expected: files of the same name in both folders)");
  }

  private static TextList.Entry entry(String name) {
    return new TextList.Entry("in " + name, name, List.of("text"));
  }
}

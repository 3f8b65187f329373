package plaudit.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;
import plaudit.model.SharedData;

class TextCorpusTest {

  private Path dir;

  @BeforeEach
  void nameTheDirectory(@TempDir Path temporary) {
    dir = temporary;
  }

  @Test
  void aFolderIsReadToTheBottomInOrderOfName() throws IOException {
    write("b.txt", "b");
    write("a/z.md", "z");
    write("a/y.jsonl", "{\"text\": \"y1\", \"label\": 1}\n\n\"y2\"\n");
    write("README.md", "no");
    write("a/LICENSE.txt", "no");
    write(".hidden.txt", "no");
    write("data.bin", "no");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(dir.resolve("c.txt.gz")))) {
      out.write("c".getBytes(StandardCharsets.UTF_8));
    }
    try (var zip = new ZipOutputStream(Files.newOutputStream(dir.resolve("d.zip")))) {
      for (String name : List.of("two.txt", "NOTICE.txt", "one.md", "picture.png")) {
        zip.putNextEntry(new ZipEntry("d/" + name));
        zip.write(name.getBytes(StandardCharsets.UTF_8));
      }
    }

    assertThat(read(TextCorpus.of(dir)))
        .containsExactly("y1", "y2", "z", "b", "c", "one.md", "two.txt");
  }

  @Test
  void aFolderBehindALinkIsReadLikeAnyOther() throws IOException {
    write("real/a.txt", "a");
    write("other/b.txt", "b");
    Path link = Files.createSymbolicLink(dir.resolve("link"), dir.resolve("real"));
    Files.createSymbolicLink(dir.resolve("real/more"), dir.resolve("other"));

    assertThat(read(TextCorpus.of(link))).containsExactly("a", "b");
  }

  @Test
  void aLineWithTheEndOfTextPartsDocuments() throws IOException {
    write("a.txt", "one\ntwo\n<|endoftext|>\n\nthree\n<|endoftext|>\n");

    assertThat(read(TextCorpus.of(dir))).containsExactly("one\ntwo", "three");
  }

  @Test
  void verbatimTextIsLeftAsItIs() throws IOException {
    write("a.txt", "# “Heading”\n\none\n  two\n");

    assertThat(documents(TextCorpus.of(dir).verbatim()))
        .containsExactly("# “Heading”\n\none\n  two\n");
  }

  @Test
  void documentsAreReadOneByOne() throws IOException {
    write("a.jsonl", "\"first\"\n\"second\"\nbroken\n");

    try (Stream<String> documents = TextCorpus.of(dir).documents()) {
      Iterator<String> each = documents.iterator();

      assertThat(each.next()).startsWith("first");
      assertThatThrownBy(
              () -> {
                each.next();
                each.next();
              })
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith(
              dir.resolve("a.jsonl") + ": line 3: not valid JSON at column 7 (");
    }
  }

  @Test
  void aLineWithoutTextIsRefused() throws IOException {
    write("a.jsonl", "{\"label\": 1}\n");

    assertThatThrownBy(() -> read(TextCorpus.of(dir)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            dir.resolve("a.jsonl")
                + ": line 1: no text (expected: a string, or an object with text)");
  }

  @Test
  void aBrokenZipIsRefused() throws IOException {
    write("a.zip", "this is no zip");

    assertThatThrownBy(() -> read(TextCorpus.of(dir)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(dir.resolve("a.zip") + ": not a readable zip file (");
  }

  @Test
  void aCorpusWithoutTextIsRefused() throws IOException {
    assertThatThrownBy(() -> TextCorpus.of(dir))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "text in %s: none (expected: .txt, .md, .jsonl (also .gz) or .zip of these)", dir);
    assertThatThrownBy(() -> TextCorpus.of(dir.resolve("nowhere")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("text: %s (expected: a file or folder that exists)", dir.resolve("nowhere"));
    write("a.txt", " \n\n");
    assertThatThrownBy(() -> read(TextCorpus.of(dir)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("text in %s: none (expected: at least one document)", dir);
  }

  @Test
  void theLibraryOfNovelsIsReadAsProse() {
    Path books = SharedData.require("books-public-domain").resolve("classic_books_fiction.zip");

    try (Stream<String> documents = TextCorpus.of(books).documents()) {
      List<String> novels = documents.limit(20).toList();

      assertThat(novels).hasSize(20);
      for (String novel : novels) {
        for (String trace : List.of("\n#", "\u2019", "\u2014", "\n\n", "  ", "Gutenberg-tm")) {
          int at = novel.indexOf(trace);
          assertThat(at < 0 ? "" : novel.substring(at, Math.min(novel.length(), at + 80)))
              .isEmpty();
        }
      }
      assertThat(novels.get(0))
          .startsWith("I was standing at the window of Poirot's rooms looking out idly")
          .contains("Miss Mary Marvell.\"\n\"What?\"\n");
    }
  }

  private static List<String> read(TextCorpus corpus) {
    return documents(corpus).stream().map(String::strip).toList();
  }

  private static List<String> documents(TextCorpus corpus) {
    List<String> documents = new ArrayList<>();
    corpus.forEach(documents::add);
    return documents;
  }

  private void write(String name, String content) throws IOException {
    Path file = dir.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }
}

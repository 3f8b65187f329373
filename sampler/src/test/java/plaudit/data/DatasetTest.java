package plaudit.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plaudit.input.InvalidInputException;
import plaudit.model.SharedData;

class DatasetTest {

  private static final String STORY = "(CNN) -- A dog barked.\n\n@highlight\n\nDog barks\n";

  private Path dir;

  @BeforeEach
  void nameTheDirectory(@TempDir Path temporary) {
    dir = temporary;
  }

  // Books

  @Test
  void theReleasesPassagesAreTakenAsTheyAre() throws IOException {
    write("train.jsonl", "\"* one.  Two\\n\"\n\"three\"\n");
    write("valid.jsonl", "\"four\"\n");
    write("test.jsonl", "\"five\"\n");

    assertThat(training(DataFormat.BOOKS)).containsExactly("* one.  Two\n", "three");
    assertThat(heldOut(DataFormat.BOOKS)).containsExactly("five", "four");
  }

  @Test
  void aBookIsCutIntoPassagesAtTheEndOfAWord() {
    String book = "word ".repeat(500).strip();

    List<String> passages = BookPassages.cut(book);

    assertThat(passages).hasSize(4); // of 2,499 characters; the rest is too short
    assertThat(passages).allSatisfy(p -> assertThat(p).startsWith("word").endsWith("word"));
    assertThat(passages)
        .allSatisfy(p -> assertThat(p.length()).isBetween(300, BookPassages.LENGTH + 4));
    assertThat(book).startsWith(String.join(" ", passages)); // nothing is lost between two
  }

  @Test
  void aZipOfBooksIsKnownAsBooks() throws IOException {
    Path zip = dir.resolve("books.zip");
    try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new ZipEntry("Author/Title.md"));
      out.write(
          ("# Title\n\nCHAPTER I\n\n" + "It was night. ".repeat(50))
              .getBytes(StandardCharsets.UTF_8));
    }

    Dataset books = Dataset.open(zip, DataFormat.AUTO);

    assertThat(books.format()).isEqualTo(DataFormat.BOOKS);
    assertThat(texts(books.training()))
        .singleElement()
        .satisfies(text -> assertThat(text).startsWith("It was night. It was"));
  }

  @Test
  void aTextWithALibrarysNoticeIsKnownAsABook() throws IOException {
    write("pg1.txt", "The Project Gutenberg eBook of Emma\n\n" + "Emma was clever. ".repeat(50));

    assertThat(Dataset.open(dir, DataFormat.AUTO).format()).isEqualTo(DataFormat.BOOKS);
  }

  // TL;DR

  @Test
  void postsComeFromAnArrayOrFromLinesWithTheSummaryOrElseTheTitle() throws IOException {
    String first =
        "{\"content\": \" I&amp;me\\n\\n\\n\\nus \", \"summary\": \"we\", \"title\": \"t\"}";
    String second = "{\"subreddit\": \"x\", \"title\": \"you?\", \"content\": \"You.\"}";
    String third = "{\"content\": \"  \", \"summary\": \"nothing said\"}";
    List<Example> expected =
        List.of(new Example("I&me\n\nus", List.of("we")), new Example("You.", List.of("you?")));

    write("a.json", "[" + first + ",\n" + second + "," + third + "]");
    write("b.jsonl", first + "\n\n" + second + "\n" + third + "\n");

    for (String name : List.of("a.json", "b.jsonl")) {
      Dataset posts = Dataset.open(dir.resolve(name), DataFormat.AUTO);
      assertThat(posts.format()).isEqualTo(DataFormat.TLDR);
      try (Stream<Example> all = posts.training()) {
        assertThat(all).containsExactlyElementsOf(expected);
      }
    }
  }

  @Test
  void theReleasesSubsetsAreATrainingAndAHeldOutPart() throws IOException {
    write("train-subset.json", "[{\"content\": \"a\"}]");
    write("valid-subset.json", "[{\"content\": \"b\"}]");

    assertThat(training(DataFormat.AUTO)).containsExactly("a");
    assertThat(heldOut(DataFormat.AUTO)).containsExactly("b");
  }

  @Test
  void aLargeFileIsNeverInMemory() throws IOException {
    Path file = dir.resolve("train-subset.json.gz");
    int posts = 24;
    int each = 8 << 20;
    String words = "word ".repeat(each / 5);
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file));
        Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8)) {
      writer.write("[");
      for (int i = 0; i < posts; i++) {
        writer.write((i == 0 ? "" : ",") + "{\"content\": \"" + i + " " + words + "\"}");
      }
      writer.write("]");
    }
    long[] held = {0};
    Runtime jvm = Runtime.getRuntime();

    try (Stream<Example> all = Dataset.open(file, DataFormat.TLDR).training()) {
      all.forEachOrdered(
          post -> {
            System.gc();
            held[0] = Math.max(held[0], jvm.totalMemory() - jvm.freeMemory());
          });
    }

    assertThat(held[0]).isLessThan((long) each * posts / 2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[{\"content\": \"a\"},~{\"text\": 1}] | : line 2, element 2: no post (expected: an object",
        "[{\"content\": \"a\"},~{\"content\": 7}] | : line 2, element 2: no post (expected: an object",
        "[{\"content\": \"a\"},~{\"content\" | : not valid JSON at line 2, column",
        "[{\"content\": \"a\"} | : not valid JSON at line 1, column 18 (Unexpected end-of-input: expected close marker for Array)",
        "[{\"content\": \"a\"}]~[] | : line 2: something after the array (expected: its end)",
        "content | : not valid JSON at line 1, column",
      })
  void aBrokenPostIsRefusedWithFileAndLine(String content, String message) throws IOException {
    Path file = write("posts.json", content.replace('~', '\n'));

    assertThatThrownBy(() -> texts(Dataset.open(file, DataFormat.TLDR).training()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(file + message)
        .hasMessageNotContaining("\n");
  }

  // CNN/DM

  @Test
  void storiesAreFoundByTheHashOfTheirAddress() throws Exception {
    String cnn = "http://web.archive.org/web/2008id_/http://www.cnn.com/2008/dog.html";
    String mail = "http://www.dailymail.co.uk/news/cat.html";
    write("url_lists/all_train.txt", mail + "\n" + cnn + "\n");
    write("url_lists/all_val.txt", cnn + "\n");
    write("url_lists/all_test.txt", "");
    write("cache_train/cnn/stories/" + sha1(cnn) + ".story", STORY);
    write("cache_val/cnn/stories/" + sha1(cnn) + ".story", STORY);
    write("dailymail/stories/" + sha1(mail) + ".story", "By\n. A. Cat\n\nA cat slept.");

    Dataset stories = Dataset.open(dir, DataFormat.AUTO);

    assertThat(stories.format()).isEqualTo(DataFormat.CNNDM);
    try (Stream<Example> all = stories.training()) {
      assertThat(all)
          .containsExactly(
              Example.of("A cat slept."), new Example("A dog barked.", List.of("Dog barks.")));
    }
    assertThat(texts(stories.heldOut())).containsExactly("A dog barked.");
  }

  @Test
  void aStoryThatIsNotThereIsRefusedWithTheLineOfTheList() throws IOException {
    Path list = write("url_lists/all_train.txt", "http://cnn.com/a\n\nhttp://example.org/b\n");

    assertThatThrownBy(() -> training(DataFormat.CNNDM))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(list + ": line 1: no story of http://cnn.com/a (expected: ")
        .hasMessageContaining("cache_train");
    write("url_lists/all_train.txt", "\nhttp://example.org/b\n");
    assertThatThrownBy(() -> training(DataFormat.CNNDM))
        .hasMessage(
            list
                + ": line 2: http://example.org/b (expected: an address of cnn.com or"
                + " dailymail.co.uk)");
  }

  @Test
  void aFolderOfStoriesNeedsNoLists() throws IOException {
    write("a.story", STORY);
    write("test/b.story", "Held out.");
    write("notes.txt", "no");

    assertThat(training(DataFormat.AUTO)).containsExactly("A dog barked.");
    assertThat(heldOut(DataFormat.AUTO)).containsExactly("Held out.");
    assertThat(texts(Dataset.open(dir.resolve("a.story"), DataFormat.AUTO).training()))
        .containsExactly("A dog barked.");
  }

  // What is there, and what is not

  @Test
  void plainPromptsStayPrompts() throws IOException {
    write("prompts.txt", "one\ntwo\n");
    write("heldout.txt", "three\n");

    Dataset prompts = Dataset.open(dir, DataFormat.AUTO);

    assertThat(prompts.format()).isEqualTo(DataFormat.PROMPTS);
    assertThat(texts(prompts.training())).containsExactly("one", "two");
    assertThat(texts(prompts.heldOut())).containsExactly("three");
  }

  @Test
  void aPromptBesideTheContentMakesItAPrompt() throws IOException {
    Path file = write("p.jsonl", "{\"prompt\": \"ask\", \"content\": \"more\"}\n");

    assertThat(Dataset.open(file, DataFormat.AUTO).format()).isEqualTo(DataFormat.PROMPTS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "books | data in %s: no file (expected: .txt, .md, .jsonl or .zip with books)",
        "tldr | data in %s: no file (expected: .json or .jsonl with posts)",
        "cnndm | stories in %s: none (expected: files *.story, or url_lists and",
        "prompts | prompts of %s: none (expected: a file prompts.jsonl",
      })
  void aFolderWithoutDataIsRefusedWithWhatIsLookedFor(String format, String message) {
    assertThatThrownBy(() -> training(DataFormat.named("run.data-format", format)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(message.formatted(dir));
  }

  @Test
  void aFormatThatDoesNotExistAndDataThatDoesNotExistAreRefused() {
    assertThatThrownBy(() -> DataFormat.named("plaudit.run.data-format", "csv"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("plaudit.run.data-format: csv (expected: auto, prompts, books, tldr or cnndm)");
    assertThatThrownBy(() -> Dataset.open(dir.resolve("nowhere"), DataFormat.AUTO))
        .hasMessage(
            "data: " + dir.resolve("nowhere") + " (expected: a file or folder that exists)");
  }

  @Test
  void publicDataIsKnownForWhatItIs() {
    Dataset books = Dataset.open(SharedData.require("books-public-domain"), DataFormat.AUTO);
    assertThat(books.format()).isEqualTo(DataFormat.BOOKS);
    assertThat(Drawing.of(books.training(), 100, 0)).hasSize(100);
    Dataset abstracts = Dataset.open(SharedData.require("summ-scitldr"), DataFormat.AUTO);
    assertThat(abstracts.format()).isEqualTo(DataFormat.PROMPTS);
    assertThat(Drawing.of(abstracts.training(), 10_000, 0)).hasSize(1992);
  }

  private List<String> training(DataFormat format) {
    return texts(Dataset.open(dir, format).training());
  }

  private List<String> heldOut(DataFormat format) {
    return texts(Dataset.open(dir, format).heldOut());
  }

  private static List<String> texts(Stream<Example> examples) {
    try (examples) {
      return examples.map(Example::text).toList();
    }
  }

  private static String sha1(String url) throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-1").digest(url.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash);
  }

  private Path write(String name, String content) throws IOException {
    Path file = dir.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }
}

package plaudit.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plaudit.chat.Conversation;
import plaudit.chat.Turn;
import plaudit.input.InvalidInputException;

class PromptFileTest {

  private Path dir;

  @BeforeEach
  void nameTheDirectory(@TempDir Path temporary) {
    dir = temporary;
  }

  @Test
  void aTextFileHasAPromptALine() throws IOException {
    Path file = write("p.txt", "\ufeffThe cat  \n\n sat.\r\nüber\n");

    assertThat(texts(file)).containsExactly("The cat", " sat.", "über");
  }

  @Test
  void aLineOfJsonIsAStringOrAnObject() throws IOException {
    Path file =
        write(
            "p.jsonl",
            """
            "bare"
            {"id": 1, "text": "t", "prompt": "p"}

            {"query": "q"}
            {"source": ["One.", "Two."], "target": "t"}
            """);

    assertThat(texts(file)).containsExactly("bare", "p", "q", "One. Two.");
  }

  @Test
  void aJsonArrayIsReadElementByElement() throws IOException {
    Path file = write("p.json", "[\"a\", {\"content\": \"b\"}, {\"deep\": {\"prompt\": \"c\"}}]");

    assertThat(texts(file)).containsExactly("a", "b", "c");
  }

  @Test
  void aJsonDocumentIsSearchedForPrompts() throws IOException {
    Path file =
        write(
            "p.json",
            """
            {"text": "no", "cases": [{"prompt": "a", "ids": [1]}, {"in": [{"query": "b"}]}],
             "prompt": ["c", "d"]}
            """);

    assertThat(texts(file)).containsExactly("a", "b", "c d");
  }

  @Test
  void linesOfJsonUnderTheNameJsonAreRead() throws IOException {
    Path file = write("p.json", "{\"prompt\": \"a\"}\n{\"prompt\": \"b\"}\n");

    assertThat(texts(file)).containsExactly("a", "b");
  }

  @Test
  void aPackedFileIsUnpacked() throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(packed)) {
      gzip.write("{\"prompt\": \"a\"}\n".repeat(1000).getBytes(StandardCharsets.UTF_8));
    }
    Path file = dir.resolve("p.jsonl.gz");
    Files.write(file, packed.toByteArray());
    assertThat(PromptFile.read(file)).hasSize(1000);

    Files.write(file, Arrays.copyOf(packed.toByteArray(), packed.size() / 2));

    assertThatThrownBy(() -> PromptFile.read(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(file + ": cannot be read after line ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "p.jsonl | {\"prompt\": \"a\"}~{\"prompt\": | : line 2: not valid JSON at column",
        "p.jsonl | {\"prompt\": \"a\"}~~{\"label\": 1} | : line 3: no prompt (expected: a string, or",
        "p.jsonl | {\"prompt\": 7} | : line 1: no prompt (expected: a string, or an object with",
        "p.json | {\"cases\": []} | : no prompts (expected: at least one)",
        "p.json | {\"cases\": [ | : not valid JSON at line 1, column",
        "p.txt | ~~ | : no prompts (expected: at least one)"
      })
  void whatCannotBeReadIsRefusedWithFileAndLine(String name, String content, String message)
      throws IOException {
    Path file = write(name, content.replace('~', '\n'));

    assertThatThrownBy(() -> PromptFile.read(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(file + message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void bytesThatAreNoTextAreRefused() throws IOException {
    Path file = dir.resolve("p.txt");
    Files.write(file, new byte[] {'a', '\n', (byte) 0xff, (byte) 0xfe, '\n'});

    assertThatThrownBy(() -> PromptFile.read(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(file + ": not UTF-8 text after line ");
  }

  @Test
  void anUnknownKindAndAMissingFileAreRefused() {
    assertThatThrownBy(() -> PromptFile.read(dir.resolve("p.xml")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("p.xml (expected: a file ending in .jsonl, .json, .csv");
    assertThatThrownBy(() -> PromptFile.read(dir.resolve("p.txt")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(dir.resolve("p.txt") + ": no such file");
  }

  @Test
  void whatPeopleAnsweredIsKeptBesideThePrompt() throws IOException {
    Path file =
        write(
            "p.jsonl",
            """
            {"query": "q", "response": "r"}
            {"source": ["One.", "Two."], "target": ["first", " ", "second"]}
            {"prompt": "p", "summary": 7}
            """);

    assertThat(PromptFile.read(file))
        .containsExactly(
            new Example("q", List.of("r")),
            new Example("One. Two.", List.of("first", "second")),
            Example.of("p"));
  }

  private static List<String> texts(Path file) {
    return PromptFile.read(file).stream().map(Example::text).toList();
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(dir.resolve(name), content);
  }

  @Test
  void preferencesAndUnpairedCompletionsArePromptsWithWhatIsGoodOfThem(@TempDir Path temporary)
      throws IOException {
    Path file =
        Files.writeString(
            temporary.resolve("trl.jsonl"),
            """
            {"prompt": "a", "chosen": "b", "rejected": "c"}
            {"chosen": "\\n\\nHuman: d\\n\\nAssistant: e", "rejected": "\\n\\nHuman: d\\n\\nAssistant: f"}
            {"prompt": "g", "completion": "h", "label": true}
            {"prompt": "i", "completion": "j", "label": false}
            """);

    assertThat(PromptFile.read(file))
        .containsExactly(
            new Example("a", List.of("b")),
            new Example("\n\nHuman: d\n\nAssistant:", List.of(" e")),
            new Example("g", List.of("h")),
            Example.of("i"));
  }

  @Test
  void aTableIsReadByTheNamesItsColumnsAreGiven(@TempDir Path temporary) throws IOException {
    Path file = Files.writeString(temporary.resolve("a.tsv"), "text\tasked\tsaid\nno\tyes\tso\n");

    assertThat(
            PromptFile.read(
                file, Columns.parse("--column", List.of("prompt=asked", "reference=said"))))
        .containsExactly(new Example("yes", List.of("so")));
  }

  @Test
  void listsOfTurnsAreConversationsWithTheAnswersThatAreGood(@TempDir Path temporary)
      throws IOException {
    String user = "{\"role\": \"user\", \"content\": \"a\"}";
    String assistant = "{\"role\": \"assistant\", \"content\": \"b\"}";
    Path file =
        Files.writeString(
            temporary.resolve("chat.jsonl"),
            """
            {"messages": [%1$s, %2$s]}
            {"prompt": [%1$s], "completion": [%2$s]}
            {"chosen": [%1$s, %2$s], "rejected": [%1$s, %2$s]}
            {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}
            """
                .formatted(user, assistant));
    Conversation asked = new Conversation(List.of(new Turn("user", "a")));
    Conversation answered =
        new Conversation(List.of(new Turn("user", "a"), new Turn("assistant", "b")));

    assertThat(PromptFile.read(file))
        .containsExactly(
            Example.of(answered, List.of()),
            Example.of(asked, List.of("b")),
            Example.of(asked, List.of("b")),
            Example.of(answered, List.of()));
  }
}

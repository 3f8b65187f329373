package plaudit.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import plaudit.chat.Conversation;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

/**
 * Reads the prompts of one file, in order.
 *
 * <ul>
 *   <li>{@code .txt}: one a line, blank lines aside.
 *   <li>{@code .jsonl}, {@code .csv}, {@code .tsv}, {@code .parquet}: one a row, a string or an
 *       object with one of {@link #KEYS}; or with {@code chosen} and {@code rejected}, whose common
 *       beginning is the prompt.
 *   <li>{@code .json}: an array of such, or any document, of which every string under {@code
 *       prompt} or {@code query} counts, however deep.
 * </ul>
 *
 * All but Parquet may be packed as {@code .gz}. An object may also hold what people answered, under
 * one of {@link #REFERENCE_KEYS}; a {@code completion} whose {@code label} is false is none. A file
 * is read whole.
 */
public final class PromptFile {

  /** Where an object's prompt is looked for; the first that is there counts. */
  public static final List<String> KEYS =
      List.of("prompt", "query", "question", "text", "content", "document", "article", "source");

  /** Where an object's answer is looked for; an array holds several. */
  public static final List<String> REFERENCE_KEYS =
      List.of(
          "reference",
          "references",
          "response",
          "completion",
          "summary",
          "target",
          "highlights",
          "chosen");

  private static final List<String> CONVERSATION_KEYS =
      List.of("prompt", "messages", "conversations", "conversation");

  private static final Set<String> NESTED_KEYS = Set.of("prompt", "query");
  private static final String EXPECTED =
      "a string, or an object with one of "
          + String.join(", ", KEYS)
          + "; another column is named by --column prompt=COLUMN";

  private PromptFile() {}

  /** The prompts of {@code file}, at least one; the message of a refusal names the line. */
  public static List<Example> read(Path file) {
    return read(file, Columns.SAME);
  }

  /** The same, with other names of the columns. */
  public static List<Example> read(Path file, Columns columns) {
    String name = TextFile.fileName(file);
    if (!Rows.mayBe(name)) {
      throw InvalidInputException.of("prompts", file, Rows.EXPECTED + ", also with .gz");
    }
    List<Example> prompts =
        TextFile.kind(name).equals("json") && columns.isEmpty()
            ? readDocument(file)
            : readRows(file, columns);
    if (prompts.isEmpty()) {
      throw new InvalidInputException(file + ": no prompts (expected: at least one)");
    }
    return prompts;
  }

  /** The prompts alone. */
  public static List<String> texts(Path file) {
    return read(file).stream().map(Example::text).toList();
  }

  private static List<Example> readRows(Path file, Columns columns) {
    List<Example> prompts = new ArrayList<>();
    try (Rows rows = Rows.open(file, columns)) {
      while (rows.hasNext()) {
        Rows.Row row = rows.next();
        prompts.add(
            exampleOf(row.value())
                .orElseThrow(
                    () ->
                        new InvalidInputException(
                            row.place() + ": no prompt (expected: " + EXPECTED + ")")));
      }
    }
    return prompts;
  }

  /** A JSON document, or several one after the other as some call it. */
  private static List<Example> readDocument(Path file) {
    StringJoiner whole = new StringJoiner("\n");
    try (TextFile text = TextFile.open(file)) {
      for (String line = text.readLine(); line != null; line = text.readLine()) {
        whole.add(line);
      }
    }
    List<Example> prompts = new ArrayList<>();
    try (JsonParser documents = JsonFiles.SEQUENCE.createParser(whole.toString())) {
      while (documents.nextToken() != null) {
        collect(JsonFiles.SEQUENCE.readTree(documents), prompts);
      }
    } catch (JsonProcessingException e) {
      throw JsonFiles.notJson(file.toString(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return prompts;
  }

  private static void collect(JsonNode document, List<Example> prompts) {
    if (document.isArray()) {
      for (JsonNode element : document) {
        exampleOf(element).ifPresentOrElse(prompts::add, () -> collectNested(element, prompts));
      }
    } else {
      collectNested(document, prompts);
    }
  }

  private static void collectNested(JsonNode node, List<Example> prompts) {
    for (var field : node.properties()) {
      if (NESTED_KEYS.contains(field.getKey()) && text(field.getValue()).isPresent()) {
        text(field.getValue()).map(Example::of).ifPresent(prompts::add);
      } else {
        collectNested(field.getValue(), prompts);
      }
    }
    if (node.isArray()) {
      for (JsonNode element : node) {
        collectNested(element, prompts);
      }
    }
  }

  private static Optional<Example> exampleOf(JsonNode node) {
    if (node.isTextual()) {
      return text(node).map(Example::of);
    }
    Optional<Example> conversation = conversation(node);
    if (conversation.isPresent()) {
      return conversation;
    }
    return KEYS.stream()
        .flatMap(key -> text(node.path(key)).stream())
        .findFirst()
        .map(text -> new Example(text, references(node)))
        .or(() -> pair(node));
  }

  /** Turns under one of {@link #CONVERSATION_KEYS}, or what two answers begin with. */
  private static Optional<Example> conversation(JsonNode node) {
    for (String key : CONVERSATION_KEYS) {
      Optional<Conversation> turns = Conversation.of(node.path(key));
      if (turns.isPresent()) {
        return Optional.of(Example.of(turns.get(), answers(node)));
      }
    }
    return Conversation.of(node.path("chosen"))
        .filter(chosen -> chosen.turns().size() > 1 && chosen.isAnswered())
        .map(
            chosen ->
                Example.of(
                    chosen.first(chosen.turns().size() - 1), List.of(chosen.last().content())));
  }

  /** Answers as texts, or as the last turn of a conversation. */
  private static List<String> answers(JsonNode node) {
    List<String> answers = new ArrayList<>(references(node));
    for (String key : List.of("completion", "chosen")) {
      if (!key.equals("completion") || !isBad(node.path("label"))) {
        Conversation.of(node.path(key))
            .filter(Conversation::isAnswered)
            .ifPresent(turns -> answers.add(turns.last().content()));
      }
    }
    return answers;
  }

  /** What two answers begin with, the chosen one as reference. */
  private static Optional<Example> pair(JsonNode node) {
    JsonNode chosen = node.path("chosen");
    JsonNode rejected = node.path("rejected");
    if (!chosen.isTextual() || !rejected.isTextual()) {
      return Optional.empty();
    }
    String query = Transcript.sharedQuery(chosen.textValue(), rejected.textValue());
    return Optional.of(query)
        .filter(text -> !text.isBlank())
        .map(text -> new Example(text, List.of(chosen.textValue().substring(text.length()))));
  }

  private static List<String> references(JsonNode node) {
    List<String> references = new ArrayList<>();
    for (String key : REFERENCE_KEYS) {
      if (key.equals("completion") && isBad(node.path("label"))) {
        continue;
      }
      JsonNode value = node.path(key);
      for (JsonNode one : value.isArray() ? value : List.of(value)) {
        if (one.isTextual() && !one.textValue().isBlank()) {
          references.add(one.textValue());
        }
      }
    }
    return references;
  }

  private static boolean isBad(JsonNode label) {
    return label.isBoolean() ? !label.booleanValue() : label.isInt() && label.intValue() == 0;
  }

  /** A string that is not blank, or sentences in an array. */
  private static Optional<String> text(JsonNode node) {
    if (node.isTextual()) {
      return Optional.of(node.textValue()).filter(text -> !text.isBlank());
    }
    if (!node.isArray() || node.isEmpty()) {
      return Optional.empty();
    }
    StringJoiner sentences = new StringJoiner(" ");
    for (JsonNode sentence : node) {
      if (!sentence.isTextual()) {
        return Optional.empty();
      }
      sentences.add(sentence.textValue().strip());
    }
    return Optional.of(sentences.toString()).filter(text -> !text.isBlank());
  }
}

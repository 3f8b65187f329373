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
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

/**
 * Reads the prompts of one file, in order.
 *
 * <ul>
 *   <li>{@code .txt}: one a line, blank lines aside.
 *   <li>{@code .jsonl}: one a line, a string or an object with one of {@link #KEYS}.
 *   <li>{@code .json}: an array of such, or any document, of which every string under {@code
 *       prompt} or {@code query} counts, however deep.
 * </ul>
 *
 * Each may be packed as {@code .gz}. An object may also hold what people answered, under one of
 * {@link #REFERENCE_KEYS}. A file is read whole.
 */
public final class PromptFile {

  /** Where an object's prompt is looked for; the first that is there counts. */
  public static final List<String> KEYS =
      List.of("prompt", "query", "question", "text", "content", "document", "article", "source");

  /** Where an object's answer is looked for; an array holds several. */
  public static final List<String> REFERENCE_KEYS =
      List.of(
          "reference", "references", "response", "completion", "summary", "target", "highlights");

  private static final Set<String> NESTED_KEYS = Set.of("prompt", "query");
  private static final String EXPECTED =
      "a string, or an object with one of " + String.join(", ", KEYS);

  private PromptFile() {}

  /** The prompts of {@code file}, at least one; the message of a refusal names the line. */
  public static List<Example> read(Path file) {
    List<Example> prompts =
        switch (TextFile.kind(TextFile.fileName(file))) {
          case "txt" -> readText(file);
          case "jsonl" -> readLines(file);
          case "json" -> readDocument(file);
          default ->
              throw InvalidInputException.of(
                  "prompts", file, "a file ending in .txt, .jsonl or .json, also with .gz");
        };
    if (prompts.isEmpty()) {
      throw new InvalidInputException(file + ": no prompts (expected: at least one)");
    }
    return prompts;
  }

  /** The prompts alone. */
  public static List<String> texts(Path file) {
    return read(file).stream().map(Example::text).toList();
  }

  private static List<Example> readText(Path file) {
    List<Example> prompts = new ArrayList<>();
    try (TextFile text = TextFile.open(file)) {
      for (String line = text.readLine(); line != null; line = text.readLine()) {
        if (!line.isBlank()) {
          prompts.add(Example.of(line.stripTrailing()));
        }
      }
    }
    return prompts;
  }

  private static List<Example> readLines(Path file) {
    List<Example> prompts = new ArrayList<>();
    try (TextFile text = TextFile.open(file)) {
      for (String line = text.readLine(); line != null; line = text.readLine()) {
        if (!line.isBlank()) {
          String place = text.place();
          prompts.add(
              exampleOf(JsonFiles.parseLine(line, place))
                  .orElseThrow(
                      () ->
                          new InvalidInputException(
                              place + ": no prompt (expected: " + EXPECTED + ")")));
        }
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
    return KEYS.stream()
        .flatMap(key -> text(node.path(key)).stream())
        .findFirst()
        .map(text -> new Example(text, references(node)));
  }

  private static List<String> references(JsonNode node) {
    List<String> references = new ArrayList<>();
    for (String key : REFERENCE_KEYS) {
      JsonNode value = node.path(key);
      for (JsonNode one : value.isArray() ? value : List.of(value)) {
        if (one.isTextual() && !one.textValue().isBlank()) {
          references.add(one.textValue());
        }
      }
    }
    return references;
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

package plaudit.model;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import plaudit.input.InvalidInputException;

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
 * Each may be packed as {@code .gz}.
 */
public final class PromptFile {

  /** Where an object's prompt is looked for; the first that is there counts. */
  public static final List<String> KEYS =
      List.of("prompt", "query", "question", "text", "content", "document", "article", "source");

  /** Takes what follows a document for the next one. */
  private static final JsonMapper SEQUENCE = new JsonMapper();

  private static final Set<String> NESTED_KEYS = Set.of("prompt", "query");
  private static final String EXPECTED =
      "a string, or an object with one of " + String.join(", ", KEYS);

  private PromptFile() {}

  /** The prompts of {@code file}, at least one; the message of a refusal names the line. */
  public static List<String> read(Path file) {
    List<String> prompts =
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

  private static List<String> readText(Path file) {
    List<String> prompts = new ArrayList<>();
    try (TextFile text = TextFile.open(file)) {
      for (String line = text.readLine(); line != null; line = text.readLine()) {
        if (!line.isBlank()) {
          prompts.add(line.stripTrailing());
        }
      }
    }
    return prompts;
  }

  private static List<String> readLines(Path file) {
    List<String> prompts = new ArrayList<>();
    try (TextFile text = TextFile.open(file)) {
      for (String line = text.readLine(); line != null; line = text.readLine()) {
        if (!line.isBlank()) {
          String place = text.place();
          prompts.add(
              promptOf(parse(line, place))
                  .orElseThrow(
                      () ->
                          new InvalidInputException(
                              place + ": no prompt (expected: " + EXPECTED + ")")));
        }
      }
    }
    return prompts;
  }

  private static JsonNode parse(String line, String place) {
    try {
      return JsonFiles.MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw JsonFiles.notJsonLine(place, e);
    }
  }

  /** A JSON document, or several one after the other as some call it. */
  private static List<String> readDocument(Path file) {
    StringJoiner whole = new StringJoiner("\n");
    try (TextFile text = TextFile.open(file)) {
      for (String line = text.readLine(); line != null; line = text.readLine()) {
        whole.add(line);
      }
    }
    List<String> prompts = new ArrayList<>();
    try (JsonParser documents = SEQUENCE.createParser(whole.toString())) {
      while (documents.nextToken() != null) {
        collect(SEQUENCE.readTree(documents), prompts);
      }
    } catch (JsonProcessingException e) {
      throw JsonFiles.notJson(file.toString(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return prompts;
  }

  private static void collect(JsonNode document, List<String> prompts) {
    if (document.isArray()) {
      for (JsonNode element : document) {
        promptOf(element).ifPresentOrElse(prompts::add, () -> collectNested(element, prompts));
      }
    } else {
      collectNested(document, prompts);
    }
  }

  private static void collectNested(JsonNode node, List<String> prompts) {
    for (var field : node.properties()) {
      if (NESTED_KEYS.contains(field.getKey()) && text(field.getValue()).isPresent()) {
        text(field.getValue()).ifPresent(prompts::add);
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

  private static Optional<String> promptOf(JsonNode node) {
    if (node.isTextual()) {
      return text(node);
    }
    return KEYS.stream().flatMap(key -> text(node.path(key)).stream()).findFirst();
  }

  /** A string that says something, or sentences in an array. */
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

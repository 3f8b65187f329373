package plaudit.eval.texts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import plaudit.data.TextFile;
import plaudit.input.InvalidInputException;

/**
 * One line of a {@code .jsonl} file.
 *
 * @param place file and line, for messages
 * @param value what it holds
 */
public record JsonRow(String place, JsonNode value) {

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /** Reads a file, packed as {@code .gz} or not; blank lines are passed over. */
  public static List<JsonRow> read(Path file) {
    List<JsonRow> rows = new ArrayList<>();
    try (TextFile lines = TextFile.open(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank()) {
          rows.add(new JsonRow(lines.place(), parse(line, lines.place())));
        }
      }
    }
    if (rows.isEmpty()) {
      throw InvalidInputException.of(file.toString(), "no lines", "at least one line of JSON");
    }
    return rows;
  }

  private static JsonNode parse(String line, String place) {
    try {
      return MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      String why = e.getOriginalMessage().lines().findFirst().orElse("");
      throw new InvalidInputException("%s: not valid JSON (%s)".formatted(place, why), e);
    }
  }

  /** What stands under the first of {@code names} that is there and not null. */
  public Optional<JsonNode> first(List<String> names) {
    return names.stream()
        .map(value::path)
        .filter(node -> !node.isMissingNode() && !node.isNull())
        .findFirst();
  }

  /** The text under the first of {@code names} that is there; without one the line is refused. */
  public String text(List<String> names) {
    return first(names)
        .filter(JsonNode::isTextual)
        .map(JsonNode::textValue)
        .orElseThrow(() -> expected("a text under " + String.join(" or ", names)));
  }

  /** A refusal of this line. */
  public InvalidInputException expected(String what) {
    String shown = value.toString();
    return InvalidInputException.of(
        place, shown.length() <= 60 ? shown : shown.substring(0, 60) + "...", what);
  }
}

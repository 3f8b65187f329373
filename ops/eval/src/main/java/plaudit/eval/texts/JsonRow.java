package plaudit.eval.texts;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import plaudit.data.Rows;
import plaudit.input.InvalidInputException;

/**
 * One row of a file.
 *
 * @param place file and line, for messages
 * @param value what it holds
 */
public record JsonRow(String place, JsonNode value) {

  /** Reads a file in any form that {@link Rows} reads. */
  public static List<JsonRow> read(Path file) {
    try (Rows rows = Rows.open(file)) {
      List<JsonRow> all = rows.stream().map(row -> new JsonRow(row.place(), row.value())).toList();
      if (all.isEmpty()) {
        throw InvalidInputException.of(file.toString(), "no lines", "at least one line of JSON");
      }
      return all;
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

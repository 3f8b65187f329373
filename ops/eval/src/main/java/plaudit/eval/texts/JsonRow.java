package plaudit.eval.texts;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import plaudit.data.TextFile;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

/**
 * One line of a {@code .jsonl} file.
 *
 * @param place file and line, for messages
 * @param value what it holds
 */
public record JsonRow(String place, JsonNode value) {

  /** Reads a file, packed as {@code .gz} or not; blank lines are passed over. */
  public static List<JsonRow> read(Path file) {
    List<JsonRow> rows = new ArrayList<>();
    try (TextFile lines = TextFile.open(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank()) {
          rows.add(new JsonRow(lines.place(), JsonFiles.parseLine(line, lines.place())));
        }
      }
    }
    if (rows.isEmpty()) {
      throw InvalidInputException.of(file.toString(), "no lines", "at least one line of JSON");
    }
    return rows;
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

package plaudit.labelfile;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import plaudit.input.InvalidInputException;

/**
 * Which rows belong together and are held out together.
 *
 * @param field whose value names the group; the query itself if empty
 * @param end the value counts up to the first of this, as a whole if empty
 */
public record Grouping(Optional<String> field, Optional<String> end) {

  /** Rows of one query belong together. */
  public static final Grouping BY_QUERY = new Grouping(Optional.empty(), Optional.empty());

  /**
   * Reads {@code FIELD} or {@code FIELD/END}.
   *
   * @param text {@code topic/_} takes what stands before the first low line of the topic
   */
  public static Grouping parse(String text) {
    int slash = text.indexOf('/');
    String field = slash < 0 ? text : text.substring(0, slash);
    String end = slash < 0 ? "" : text.substring(slash + 1);
    if (field.isEmpty()) {
      throw InvalidInputException.of("group-by", text, "FIELD or FIELD/END");
    }
    return new Grouping(Optional.of(field), Optional.of(end).filter(e -> !e.isEmpty()));
  }

  /** The group of a row, empty if the query decides. */
  Optional<String> of(JsonNode row, String place) {
    return field.map(
        name -> {
          JsonNode value = row.get(name);
          if (value == null || !value.isValueNode() || value.isNull()) {
            throw new InvalidInputException(
                "%s: no %s (expected: the field to group by)".formatted(place, name));
          }
          String text = value.asText();
          int at = end.map(text::indexOf).orElse(-1);
          return at < 0 ? text : text.substring(0, at);
        });
  }
}

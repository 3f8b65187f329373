package plaudit.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import plaudit.input.InvalidInputException;

/**
 * Other names for the columns of a data set: {@code prompt=question} lets what is called {@code
 * question} in the file be read as {@code prompt}. A source may lie deeper: {@code
 * reference=answers.text.0} is the first of the texts of the answers.
 *
 * @param sources the name in the file by the name it is read under
 */
public record Columns(Map<String, String> sources) {

  /** Every column under its own name. */
  public static final Columns SAME = new Columns(Map.of());

  private static final String EXPECTED = "NAME=COLUMN, such as prompt=question";

  public Columns {
    sources = Collections.unmodifiableMap(new LinkedHashMap<>(sources));
  }

  /**
   * Reads {@code NAME=COLUMN} of each.
   *
   * @param key names the setting in the message of a refusal
   */
  public static Columns parse(String key, Collection<String> mappings) {
    Map<String, String> sources = new LinkedHashMap<>();
    for (String mapping : mappings) {
      int equals = mapping.indexOf('=');
      String name = equals < 0 ? "" : mapping.substring(0, equals).strip();
      String source = equals < 0 ? "" : mapping.substring(equals + 1).strip();
      if (name.isEmpty() || source.isEmpty()) {
        throw InvalidInputException.of(key, mapping, EXPECTED);
      }
      if (sources.put(name, source) != null) {
        throw InvalidInputException.of(key, mapping, "one column for " + name);
      }
    }
    return new Columns(sources);
  }

  /** Whether nothing has another name. */
  public boolean isEmpty() {
    return sources.isEmpty();
  }

  /** The row with the new names beside its own; refuses one that lacks a column. */
  Rows.Row named(Rows.Row row) {
    if (sources.isEmpty()) {
      return row;
    }
    if (!(row.value() instanceof ObjectNode object)) {
      throw InvalidInputException.of(row.place(), row.value(), "an object with named columns");
    }
    ObjectNode named = object.deepCopy();
    sources.forEach(
        (name, source) -> {
          JsonNode value = at(object, source);
          if (value.isMissingNode()) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            throw InvalidInputException.of(
                row.place(), "no column " + source, "one of " + String.join(", ", names));
          }
          named.set(name, value);
        });
    return new Rows.Row(row.place(), named);
  }

  private static JsonNode at(ObjectNode row, String source) {
    if (row.has(source)) {
      return row.get(source);
    }
    JsonNode value = row;
    for (String part : source.split("\\.", -1)) {
      value =
          value.isArray() && part.matches("\\d{1,6}")
              ? value.path(Integer.parseInt(part))
              : value.isObject() ? value.path(part) : MissingNode.getInstance();
    }
    return value;
  }
}

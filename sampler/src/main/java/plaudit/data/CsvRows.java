package plaudit.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

/**
 * A table as text, its first line the names of the columns; cells in quotation marks may hold line
 * breaks. A cell is a text, but under the names of numbers and judgments ({@link #VALUES}) it is
 * what it says in JSON ({@code 3}, {@code 0.5}, {@code true} also as {@code True}), and an array or
 * object of JSON is one under any name; empty under {@code VALUES} it is not there.
 */
final class CsvRows implements Rows.Source {

  private static final CsvFactory CSV =
      CsvFactory.builder().enable(CsvParser.Feature.SKIP_EMPTY_LINES).build();

  private static final Set<String> VALUES =
      Set.of(
          "best",
          "score",
          "difference",
          "margin",
          "ranking",
          "label",
          "choice",
          "choices",
          "score_chosen",
          "score_rejected");

  private final Path file;
  private final CsvParser parser;
  private final String[] names;
  private List<String> cells = List.of();
  private int line;
  private boolean more;

  CsvRows(Path file, char separator) {
    this.file = file;
    InputStream bytes = TextFile.bytes(file);
    try {
      this.parser =
          CSV.createParser(new InputStreamReader(bytes, StandardCharsets.UTF_8.newDecoder()));
      parser.setSchema(CsvSchema.emptySchema().withColumnSeparator(separator));
      advance();
      this.names = cells.toArray(String[]::new);
      if (more) {
        advance();
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    if (names.length > 0 && names[0].startsWith("\ufeff")) {
      names[0] = names[0].substring(1);
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < names.length; i++) {
      names[i] = names[i].strip();
      if (names[i].isEmpty() && i == 0) {
        names[i] = "index"; // as pandas writes it
      } else if (names[i].isEmpty() || !seen.add(names[i])) {
        throw InvalidInputException.of(
            file + ": line 1: column " + (i + 1), "'" + names[i] + "'", "a name of its own");
      }
    }
  }

  /** Reads the cells of the next line that has any. */
  private void advance() throws IOException {
    more = parser.nextToken() == JsonToken.START_ARRAY;
    List<String> read = new ArrayList<>();
    while (more && parser.nextToken() == JsonToken.VALUE_STRING) {
      line = read.isEmpty() ? parser.currentTokenLocation().getLineNr() : line;
      read.add(parser.getText());
    }
    cells = read;
  }

  @Override
  public boolean hasNext() {
    return more;
  }

  @Override
  public Rows.Row next() {
    if (!more) {
      throw new NoSuchElementException("no row after the last");
    }
    String place = file + ": line " + line;
    List<String> own = cells;
    try {
      advance();
    } catch (IOException e) {
      more = false;
      throw unreadable(e);
    }
    if (own.size() != names.length) {
      throw InvalidInputException.of(
          place, own.size() + " cells", names.length + ", as many as line 1 has names");
    }
    ObjectNode row = JsonFiles.newObject();
    for (int i = 0; i < names.length; i++) {
      JsonNode value = value(own.get(i), VALUES.contains(names[i]));
      if (value != null) {
        row.set(names[i], value);
      } else if (!VALUES.contains(names[i]) || !own.get(i).isBlank()) {
        row.put(names[i], own.get(i));
      }
    }
    return new Rows.Row(place, row);
  }

  /** What the cell says in JSON, or null where it is a text. */
  private static @Nullable JsonNode value(String cell, boolean any) {
    String text = cell.strip();
    if (!any && !text.startsWith("[") && !text.startsWith("{")) {
      return null;
    }
    if (text.equals("True") || text.equals("False")) {
      text = text.equals("True") ? "true" : "false";
    }
    try {
      JsonNode value = JsonFiles.MAPPER.readTree(text);
      return value.isMissingNode() ? null : value;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private InvalidInputException unreadable(IOException e) {
    if (e instanceof JsonProcessingException csv) {
      String at = csv.getLocation() == null ? "" : ": line " + csv.getLocation().getLineNr();
      return new InvalidInputException(
          "%s%s: not CSV (%s)"
              .formatted(file, at, csv.getOriginalMessage().lines().findFirst().orElse("")),
          e);
    }
    return new InvalidInputException(
        e instanceof CharacterCodingException
            ? file + ": not UTF-8 text"
            : "%s: cannot be read (%s)".formatted(file, e.getMessage()),
        e);
  }

  @Override
  public void close() {
    try {
      parser.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

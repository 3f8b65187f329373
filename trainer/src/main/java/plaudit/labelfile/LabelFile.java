package plaudit.labelfile;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.model.Tokenizer;

/**
 * Reads label files: a JSON array of rows, or rows one after another, also packed as {@code .gz}. A
 * row is one of
 *
 * <ul>
 *   <li>{@code query}, {@code sample0} to {@code sample<n-1>} and {@code best}: an index from 0, an
 *       array of equally good ones, {@code "tie"}, or {@code null} or {@code "none"} if none is
 *       acceptable; or {@code ranking}, the place of each sample; or, of two samples, {@code
 *       difference}, by how much sample1 is better;
 *   <li>{@code query}, {@code sample} and {@code score};
 *   <li>{@code prompt}, {@code chosen} and {@code rejected}; or the last two alone, whose common
 *       beginning is the query;
 *   <li>{@code topic}, {@code a1}, {@code a2} and {@code label}, {@code a1} or {@code a2}.
 * </ul>
 *
 * Queries and samples are texts, or arrays of token ids padded with {@value RowReader#PAD} to one
 * length in a file, as the release has them. Further fields are passed over.
 */
public final class LabelFile {

  private static final ObjectReader ROWS =
      JsonFiles.SEQUENCE.with(
          JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS); // so that NaN gets a better message

  private LabelFile() {}

  /** What becomes of rows that say just what an earlier row said. */
  public enum Duplicates {
    /** They count again: another person said the same. */
    KEEP,
    /** They are left out and counted. */
    DROP,
    /** They are an error. */
    REFUSE
  }

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

  /**
   * What some files hold.
   *
   * @param rows all of them, in order
   * @param duplicates rows that say what an earlier row said
   * @param noneAcceptable rows without a target
   */
  public record Contents(List<LabelRow> rows, long duplicates, long noneAcceptable) {
    public Contents {
      rows = List.copyOf(rows);
    }
  }

  /** Reads {@code files} and keeps duplicates. */
  public static Contents read(
      List<Path> files, Tokenizer tokenizer, int vocabulary, Grouping grouping, String separator) {
    return read(files, tokenizer, vocabulary, grouping, separator, Duplicates.KEEP);
  }

  /**
   * Reads {@code files}.
   *
   * @param vocabulary ids are below it
   * @param separator put behind each query that is a text
   * @param policy for duplicates
   * @throws InvalidInputException of one line that names the file and the row
   */
  public static Contents read(
      List<Path> files,
      Tokenizer tokenizer,
      int vocabulary,
      Grouping grouping,
      String separator,
      Duplicates policy) {
    List<LabelRow> rows = new ArrayList<>();
    for (Path file : files) {
      read(file, new RowReader(tokenizer, vocabulary, grouping, separator), rows);
    }
    Map<List<Object>, String> seen = new HashMap<>();
    List<LabelRow> kept = new ArrayList<>();
    long duplicates = 0;
    for (LabelRow row : rows) {
      String earlier =
          seen.putIfAbsent(List.of(row.query(), row.responses(), row.target()), row.place());
      if (earlier != null && policy == Duplicates.REFUSE) {
        throw InvalidInputException.of(
            row.place(), "the same as " + earlier, "each row once; see --duplicates");
      }
      duplicates += earlier == null ? 0 : 1;
      if (earlier == null || policy == Duplicates.KEEP) {
        kept.add(row);
      }
    }
    long none = kept.stream().filter(row -> row.target().isEmpty()).count();
    return new Contents(kept, duplicates, none);
  }

  private static void read(Path file, RowReader reader, List<LabelRow> rows) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(file + ": no such file");
    }
    int row = 0;
    try (InputStream bytes = open(file);
        JsonParser parser = ROWS.createParser(bytes)) {
      JsonToken first = parser.nextToken();
      boolean array = first == JsonToken.START_ARRAY;
      JsonToken token = array ? parser.nextToken() : first;
      while (token != null && token != JsonToken.END_ARRAY) {
        row++;
        rows.add(reader.read(ROWS.readTree(parser), file + ": row " + row));
        token = parser.nextToken();
      }
      if (token != null && (!array || parser.nextToken() != null)) {
        throw new InvalidInputException(
            "%s: more after row %d (expected: one array, or rows alone)".formatted(file, row));
      }
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          "%s: row %d: not valid JSON (%s)"
              .formatted(
                  file, Math.max(1, row), e.getOriginalMessage().lines().findFirst().orElse("")),
          e);
    } catch (IOException e) {
      throw new InvalidInputException(
          "%s: cannot be read after row %d (%s)".formatted(file, row, e.getMessage()), e);
    }
    if (row == 0) {
      throw new InvalidInputException(file + ": no rows (expected: at least one)");
    }
  }

  private static InputStream open(Path file) throws IOException {
    InputStream bytes = new BufferedInputStream(Files.newInputStream(file));
    if (!file.toString().toLowerCase(Locale.ROOT).endsWith(".gz")) {
      return bytes;
    }
    try {
      return new GZIPInputStream(bytes, 1 << 16);
    } catch (IOException e) {
      bytes.close();
      throw e;
    }
  }
}

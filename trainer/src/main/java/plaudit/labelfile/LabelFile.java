package plaudit.labelfile;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import plaudit.data.Columns;
import plaudit.data.Rows;
import plaudit.input.InvalidInputException;
import plaudit.model.Tokenizer;

/**
 * Reads label files in any form that {@link Rows} reads: JSON lines, a JSON array, CSV, Parquet; of
 * a folder all such files, those aside whose names mark them as held out. A row is one of
 *
 * <ul>
 *   <li>{@code query}, {@code sample0} to {@code sample<n-1>} and {@code best}: an index from 0, an
 *       array of equally good ones, {@code "tie"}, or {@code null} or {@code "none"} if none is
 *       acceptable; or {@code ranking}, the place of each sample; or, of two samples, {@code
 *       difference}, by how much sample1 is better;
 *   <li>{@code query}, {@code sample} and {@code score};
 *   <li>{@code prompt}, {@code chosen} and {@code rejected}, perhaps with {@code margin}, by how
 *       much the chosen is better; or without {@code prompt}: the common beginning is the query;
 *   <li>{@code prompt}, {@code completion} and {@code label}, true if it is good: a score of 1 or
 *       0;
 *   <li>{@code topic}, {@code a1}, {@code a2} and {@code label}, {@code a1} or {@code a2}.
 * </ul>
 *
 * Queries and samples are texts, or arrays of token ids padded with {@value RowReader#PAD} to one
 * length in a file, as the release has them. Rows whose {@value #PURPOSE} is {@value #EVALUATION}
 * measured a run and are no labels; they and further fields are passed over.
 */
public final class LabelFile {

  /** The field that says what an answer was for. */
  public static final String PURPOSE = "purpose";

  /** An answer that measured a run at its end; nothing is trained on it. */
  public static final String EVALUATION = "evaluation";

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

  /** What becomes of rows that cannot be used: an empty response, say, or another type of label. */
  public enum BadRows {
    /** The first is an error. */
    REFUSE,
    /** They are left out and named. Text that is no row at all is an error all the same. */
    SKIP
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
   * @param skipped why each bad row was left out, with its place
   */
  public record Contents(
      List<LabelRow> rows, long duplicates, long noneAcceptable, List<String> skipped) {
    public Contents {
      rows = List.copyOf(rows);
      skipped = List.copyOf(skipped);
    }
  }

  /** Reads {@code files} and keeps duplicates. */
  public static Contents read(
      List<Path> files, Tokenizer tokenizer, int vocabulary, Grouping grouping, String separator) {
    return read(files, tokenizer, vocabulary, grouping, separator, Duplicates.KEEP, Columns.SAME);
  }

  /** Reads {@code files} and refuses bad rows. */
  public static Contents read(
      List<Path> files,
      Tokenizer tokenizer,
      int vocabulary,
      Grouping grouping,
      String separator,
      Duplicates policy,
      Columns columns) {
    return read(files, tokenizer, vocabulary, grouping, separator, policy, columns, BadRows.REFUSE);
  }

  /**
   * Reads {@code files}.
   *
   * @param vocabulary ids are below it
   * @param separator put behind each query that is a text
   * @param policy for duplicates
   * @param columns other names of the files' columns
   * @param bad for rows that cannot be used
   * @throws InvalidInputException of one line that names the file and the row
   */
  public static Contents read(
      List<Path> files,
      Tokenizer tokenizer,
      int vocabulary,
      Grouping grouping,
      String separator,
      Duplicates policy,
      Columns columns,
      BadRows bad) {
    List<LabelRow> rows = new ArrayList<>();
    List<String> skipped = new ArrayList<>();
    for (Path file : expanded(files)) {
      RowReader reader = new RowReader(tokenizer, vocabulary, grouping, separator);
      skipped.addAll(read(file, columns, reader, bad, rows));
    }
    Map<List<Object>, String> seen = new HashMap<>();
    Map<List<Object>, String> groups = new HashMap<>();
    List<LabelRow> kept = new ArrayList<>();
    long duplicates = 0;
    for (LabelRow read : rows) {
      // The same texts are held out together, whatever the field to group by says.
      String group = groups.putIfAbsent(read.texts(), read.group());
      LabelRow row = group == null ? read : read.inGroup(group);
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
    return new Contents(kept, duplicates, none, skipped);
  }

  /** The files themselves, and those with rows to learn from in folders. */
  private static List<Path> expanded(List<Path> files) {
    return files.stream().flatMap(file -> Rows.filesToLearnFrom(file).stream()).toList();
  }

  /** Adds the file's rows to {@code rows}, and answers why others were left out. */
  private static List<String> read(
      Path file, Columns columns, RowReader reader, BadRows bad, List<LabelRow> rows) {
    List<String> skipped = new ArrayList<>();
    int before = rows.size();
    try (Rows source = Rows.open(file, columns)) {
      if (!source.hasNext()) {
        throw new InvalidInputException(file + ": no rows (expected: at least one)");
      }
      while (source.hasNext()) {
        Rows.Row row = source.next();
        if (EVALUATION.equals(row.value().path(PURPOSE).asText())) {
          continue;
        }
        try {
          rows.add(reader.read(row.value(), row.place()));
        } catch (InvalidInputException e) {
          if (bad == BadRows.REFUSE) {
            throw e;
          }
          skipped.add(String.valueOf(e.getMessage()));
        }
      }
    }
    if (rows.size() == before && skipped.isEmpty()) {
      throw new InvalidInputException(
          file + ": answers of an evaluation alone (expected: a label)");
    }
    if (rows.size() == before) {
      throw new InvalidInputException(
          "%s: none of %d rows can be used, such as: %s"
              .formatted(file, skipped.size(), skipped.get(0)));
    }
    return skipped;
  }
}

package plaudit.labelfile;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import plaudit.input.InvalidInputException;
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
 *   <li>{@code prompt}, {@code chosen} and {@code rejected};
 *   <li>{@code topic}, {@code a1}, {@code a2} and {@code label}, {@code a1} or {@code a2}.
 * </ul>
 *
 * Queries and samples are texts, or arrays of token ids padded with {@value RowReader#PAD} to one
 * length in a file, as the release has them. Further fields are passed over.
 */
public final class LabelFile {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS) // so that NaN gets a better message
          .build();

  private LabelFile() {}

  /**
   * What some files hold.
   *
   * @param rows all of them, in order
   * @param duplicates rows that say what an earlier row said; they count twice
   * @param noneAcceptable rows without a target
   */
  public record Contents(List<LabelRow> rows, long duplicates, long noneAcceptable) {
    public Contents {
      rows = List.copyOf(rows);
    }
  }

  /**
   * Reads {@code files}.
   *
   * @param vocabulary ids are below it
   * @param separator put behind each query that is a text
   * @throws InvalidInputException of one line that names the file and the row
   */
  public static Contents read(
      List<Path> files, Tokenizer tokenizer, int vocabulary, Grouping grouping, String separator) {
    List<LabelRow> rows = new ArrayList<>();
    for (Path file : files) {
      read(file, new RowReader(tokenizer, vocabulary, grouping, separator), rows);
    }
    Set<List<Object>> seen = new HashSet<>();
    long duplicates =
        rows.stream()
            .filter(row -> !seen.add(List.of(row.query(), row.responses(), row.target())))
            .count();
    long none = rows.stream().filter(row -> row.target().isEmpty()).count();
    return new Contents(rows, duplicates, none);
  }

  private static void read(Path file, RowReader reader, List<LabelRow> rows) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(file + ": no such file");
    }
    int row = 0;
    try (InputStream bytes = open(file);
        JsonParser parser = MAPPER.createParser(bytes)) {
      JsonToken first = parser.nextToken();
      boolean array = first == JsonToken.START_ARRAY;
      JsonToken token = array ? parser.nextToken() : first;
      while (token != null && token != JsonToken.END_ARRAY) {
        row++;
        rows.add(reader.read(MAPPER.readTree(parser), file + ": row " + row));
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

package plaudit.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

/**
 * The rows of one file, whatever its form, one in memory:
 *
 * <ul>
 *   <li>{@code .jsonl}, {@code .json}: a value a line, values one after another, or one array;
 *   <li>{@code .csv}, {@code .tsv}: the first line names the columns; see {@link CsvRows};
 *   <li>{@code .parquet}: see {@link ParquetRows};
 *   <li>{@code .txt}: a text a line.
 * </ul>
 *
 * All but Parquet may be packed as {@code .gz}. Blank lines are passed over. A row that is no row
 * (a line of broken JSON, a line of CSV with too many cells) is refused when it is asked for, with
 * the file and the line; where lines part the rows, the row after it can be asked for then.
 */
public final class Rows implements Iterator<Rows.Row>, AutoCloseable {

  /**
   * One row.
   *
   * @param place the file, and the line (of Parquet the row, of a JSON array also the element), for
   *     messages
   * @param value what it holds: an object by the names of its columns, or a value alone
   */
  public record Row(String place, JsonNode value) {}

  /** Kinds of files with rows. */
  private static final Set<String> KINDS = Set.of("jsonl", "json", "csv", "tsv", "parquet", "txt");

  /** What may be handed in. */
  public static final String EXPECTED =
      "a file ending in .jsonl, .json, .csv, .tsv, .parquet or .txt";

  private static final byte[] PARQUET = {'P', 'A', 'R', '1'};
  private static final byte[] ARROW_FILE = {'A', 'R', 'R', 'O', 'W', '1'};
  private static final byte[] ARROW_STREAM = {-1, -1, -1, -1};

  private final Source source;
  private final Columns columns;

  private Rows(Source source, Columns columns) {
    this.source = source;
    this.columns = columns;
  }

  /** What gives the rows of one form. */
  interface Source extends Iterator<Row>, AutoCloseable {
    @Override
    void close();
  }

  /** Opens {@code file}; its rows have the names they have there. */
  public static Rows open(Path file) {
    return open(file, Columns.SAME);
  }

  /** Opens {@code file}; its rows have also the names that {@code columns} gives. */
  public static Rows open(Path file, Columns columns) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(file + ": no such file");
    }
    return new Rows(source(file), columns);
  }

  /** Whether a file of that name could hold rows. */
  public static boolean mayBe(String fileName) {
    return KINDS.contains(TextFile.kind(fileName)) && !TextFile.isAbout(fileName);
  }

  /**
   * The file itself, or of a folder all files with rows but those whose names, or whose folders'
   * names, mark them as held out; at least one.
   */
  public static List<Path> filesToLearnFrom(Path path) {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    List<Path> tree = TextFile.tree(path);
    refuseArrow(tree);
    List<Path> files =
        tree.stream()
            .filter(file -> mayBe(TextFile.fileName(file)))
            .filter(file -> !PromptSet.isOther(TextFile.fileName(file)))
            .toList();
    List<Path> training = FileRole.Split.of(path, files).training();
    if (training.isEmpty()) {
      throw InvalidInputException.of("files in " + path, "none to learn from", EXPECTED);
    }
    return training;
  }

  /** Refuses a data set that {@code save_to_disk} has written. */
  static void refuseArrow(List<Path> files) {
    files.stream()
        .filter(file -> TextFile.kind(TextFile.fileName(file)).equals("arrow"))
        .findFirst()
        .ifPresent(Rows::source);
  }

  private static Source source(Path file) {
    byte[] begin = begin(file);
    if (startsWith(begin, PARQUET)) {
      return new ParquetRows(file);
    }
    String kind = TextFile.kind(TextFile.fileName(file));
    if (kind.equals("arrow") || startsWith(begin, ARROW_FILE) || startsWith(begin, ARROW_STREAM)) {
      throw InvalidInputException.of(
          file.toString(),
          "an Arrow file",
          "Parquet or JSON lines: datasets.load_from_disk(DIR)[SPLIT].to_parquet(FILE) writes it");
    }
    return switch (kind) {
      case "csv" -> new CsvRows(file, ',');
      case "tsv" -> new CsvRows(file, '\t');
      case "txt" -> new Lines(file, true);
      case "jsonl" -> isArray(file) ? new Elements(file) : new Lines(file, false);
      case "parquet" -> throw InvalidInputException.of(file.toString(), "no Parquet", "Parquet");
      default -> isLines(file) ? new Lines(file, false) : new Elements(file);
    };
  }

  /**
   * Whether the file is one array: a first line that is one, with more lines behind it, is a row.
   */
  private static boolean isArray(Path file) {
    try (TextFile text = TextFile.open(file)) {
      String line = nextLine(text);
      return line != null
          && line.stripLeading().startsWith("[")
          && !(isJson(line) && nextLine(text) != null);
    }
  }

  /** Whether the first line is a value by itself and no array. */
  private static boolean isLines(Path file) {
    try (TextFile text = TextFile.open(file)) {
      String line = nextLine(text);
      return line != null && !line.stripLeading().startsWith("[") && isJson(line);
    }
  }

  private static boolean isJson(String line) {
    try {
      JsonFiles.MAPPER.readTree(line);
      return true;
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  private static @Nullable String nextLine(TextFile text) {
    String line = text.readLine();
    while (line != null && line.isBlank()) {
      line = text.readLine();
    }
    return line;
  }

  private static byte[] begin(Path file) {
    try (InputStream bytes = Files.newInputStream(file)) {
      return bytes.readNBytes(ARROW_FILE.length);
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private static boolean startsWith(byte[] bytes, byte[] with) {
    return bytes.length >= with.length
        && Arrays.equals(bytes, 0, with.length, with, 0, with.length);
  }

  @Override
  public boolean hasNext() {
    return source.hasNext();
  }

  /**
   * The next row.
   *
   * @throws InvalidInputException of one line that begins with the place
   */
  @Override
  public Row next() {
    return columns.named(source.next());
  }

  /** The rows that are left; to be closed after use, which closes the file. */
  public Stream<Row> stream() {
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED | Spliterator.NONNULL),
            false)
        .onClose(this::close);
  }

  /** All rows of {@code file}, at least one. */
  public static List<Row> read(Path file, Columns columns) {
    try (Stream<Row> rows = open(file, columns).stream()) {
      List<Row> all = rows.toList();
      if (all.isEmpty()) {
        throw InvalidInputException.of(file.toString(), "no rows", "at least one");
      }
      return all;
    }
  }

  @Override
  public void close() {
    source.close();
  }

  /** A row a line. */
  private static final class Lines implements Source {
    private final TextFile text;
    private final boolean plain;
    private @Nullable String next;
    private String place = "";

    Lines(Path file, boolean plain) {
      this.text = TextFile.open(file);
      this.plain = plain;
      try {
        advance();
      } catch (RuntimeException e) {
        text.close();
        throw e;
      }
    }

    private void advance() {
      next = nextLine(text);
      place = text.place();
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public Row next() {
      String line = next;
      String at = place;
      if (line == null) {
        throw new java.util.NoSuchElementException("no row after the last");
      }
      advance();
      return new Row(
          at, plain ? TextNode.valueOf(line.stripTrailing()) : JsonFiles.parseLine(line, at));
    }

    @Override
    public void close() {
      text.close();
    }
  }

  /** The elements of an array, or values over several lines. */
  private static final class Elements implements Source {
    private final JsonElements elements;

    Elements(Path file) {
      this.elements = new JsonElements(file);
    }

    @Override
    public boolean hasNext() {
      return elements.hasNext();
    }

    @Override
    public Row next() {
      JsonNode value = elements.next();
      return new Row(elements.place(), value);
    }

    @Override
    public void close() {
      elements.close();
    }
  }
}

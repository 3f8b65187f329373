package plaudit.eval.texts;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plaudit.data.TextFile;
import plaudit.input.InvalidInputException;

/**
 * Reads texts, in order.
 *
 * <ul>
 *   <li>{@code .jsonl}: one a line, a string or an object with one of the fields; an array of
 *       strings is several texts in one entry.
 *   <li>A folder: one a file, in the order of their names, line breaks kept; notices and files
 *       whose name begins with a dot are passed over.
 *   <li>Any other file but {@code .json}: one a line.
 * </ul>
 *
 * Files may be packed as {@code .gz}.
 *
 * @param fields of an object; the first that is there counts
 * @param allowEmpty whether a blank text is one, or a mistake
 */
public record TextList(List<String> fields, boolean allowEmpty) {

  public TextList {
    fields = List.copyOf(fields);
  }

  /** Texts under {@code field}, or without one under the first of {@code names}. */
  public static TextList of(@Nullable String field, boolean allowEmpty, String names) {
    return new TextList(field == null ? List.of(names.split(" ", -1)) : List.of(field), allowEmpty);
  }

  /** The texts of {@code path}, at least one. */
  public List<Entry> read(Path path) {
    List<Entry> entries;
    if (Files.isDirectory(path)) {
      entries = readFolder(path);
    } else {
      entries =
          switch (TextFile.kind(TextFile.fileName(path))) {
            case "jsonl" -> JsonRow.read(path).stream().map(this::entry).toList();
            case "json" ->
                throw InvalidInputException.of(
                    "texts", path, "a .jsonl file, a .txt file or a folder");
            default -> readLines(path);
          };
    }
    if (entries.isEmpty()) {
      throw InvalidInputException.of(path.toString(), "no texts", "at least one");
    }
    if (!allowEmpty) {
      entries.forEach(TextList::requireText);
    }
    return entries;
  }

  /**
   * Refuses two lists that do not belong together: of different lengths, or two folders whose files
   * have different names.
   */
  public static void requirePairs(
      Path onePath, List<Entry> one, Path otherPath, List<Entry> other) {
    if (one.size() != other.size()) {
      throw new InvalidInputException(
          "%s has %d texts and %s has %d (expected: as many)"
              .formatted(onePath, one.size(), otherPath, other.size()));
    }
    for (int i = 0; i < one.size(); i++) {
      String name = one.get(i).name();
      String otherName = other.get(i).name();
      if (!name.isEmpty() && !otherName.isEmpty() && !name.equals(otherName)) {
        throw new InvalidInputException(
            "%s and %s (expected: files of the same name in both folders)"
                .formatted(one.get(i).place(), other.get(i).place()));
      }
    }
  }

  private static List<Entry> readFolder(Path folder) {
    List<Entry> entries = new ArrayList<>();
    for (Path file : TextFile.list(folder)) {
      String name = TextFile.fileName(file);
      if (!TextFile.isAbout(name)) {
        entries.add(new Entry(file.toString(), name, List.of(whole(file))));
      }
    }
    return entries;
  }

  private static String whole(Path file) {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(file + ": not UTF-8 text", e);
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private static List<Entry> readLines(Path file) {
    List<Entry> entries = new ArrayList<>();
    try (TextFile lines = TextFile.open(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        entries.add(new Entry(lines.place(), "", List.of(line)));
      }
    }
    return entries;
  }

  private Entry entry(JsonRow row) {
    JsonNode value =
        row.value().isObject()
            ? row.first(fields)
                .orElseThrow(() -> row.expected("an object with " + String.join(" or ", fields)))
            : row.value();
    List<String> values = new ArrayList<>();
    if (value.isTextual()) {
      values.add(value.textValue());
    } else if (value.isArray() && !value.isEmpty()) {
      for (JsonNode part : value) {
        if (!part.isTextual()) {
          throw row.expected("a string or an array of strings");
        }
        values.add(part.textValue());
      }
    } else {
      throw row.expected("a string or an array of strings");
    }
    return new Entry(row.place(), "", values);
  }

  private static void requireText(Entry entry) {
    if (entry.values().stream().anyMatch(String::isBlank)) {
      throw InvalidInputException.of(entry.place(), "blank", "a text");
    }
  }

  /**
   * One text, or several that mean the same, such as the references of one summary.
   *
   * @param place file and line, for messages
   * @param name the file's name where each text has a file of its own, else empty
   * @param values at least one
   */
  public record Entry(String place, String name, List<String> values) {

    public Entry {
      values = List.copyOf(values);
    }

    /** The text; the parts of several are its lines. */
    public String text() {
      return String.join("\n", values);
    }
  }
}

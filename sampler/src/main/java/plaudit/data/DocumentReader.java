package plaudit.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import plaudit.input.InvalidInputException;
import plaudit.model.JsonFiles;

/** Splits one text file into documents while reading it. */
final class DocumentReader implements Iterator<String>, AutoCloseable {

  /** Parts documents in a file of running text, as GPT-2 was trained. */
  private static final String END_OF_TEXT = "<|endoftext|>";

  /** A file without marks is cut at a line's end once a document has this many characters. */
  private static final int MAX_DOCUMENT = 16 << 20;

  private final TextFile file;
  private final boolean jsonLines;
  private @Nullable String next;

  DocumentReader(TextFile file) {
    this.file = file;
    this.jsonLines = TextFile.kind(file.name()).equals("jsonl");
    this.next = read();
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public String next() {
    String document = next;
    if (document == null) {
      throw new NoSuchElementException("no document after the last");
    }
    next = read();
    return document;
  }

  @Override
  public void close() {
    file.close();
  }

  private @Nullable String read() {
    return jsonLines ? readJsonLine() : readText();
  }

  private @Nullable String readText() {
    StringBuilder text = new StringBuilder();
    String line = file.readLine();
    if (line == null) {
      return null;
    }
    for (; line != null && !line.strip().equals(END_OF_TEXT); line = file.readLine()) {
      text.append(line).append('\n');
      if (text.length() >= MAX_DOCUMENT) {
        break;
      }
    }
    return text.toString();
  }

  private @Nullable String readJsonLine() {
    String line = file.readLine();
    while (line != null && line.isBlank()) {
      line = file.readLine();
    }
    return line == null ? null : textOf(line);
  }

  private String textOf(String line) {
    JsonNode json = JsonFiles.parseLine(line, file.place());
    JsonNode text = json.isTextual() ? json : json.path("text");
    if (!text.isTextual()) {
      throw new InvalidInputException(
          file.place() + ": no text (expected: a string, or an object with text)");
    }
    return text.textValue();
  }
}

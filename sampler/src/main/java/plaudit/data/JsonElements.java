package plaudit.data;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

/**
 * The elements of a JSON file one after the other, with one of them in memory: those of an array,
 * or values in sequence such as a line each. Whatever goes wrong names the file, the line and the
 * element.
 */
final class JsonElements implements Iterator<JsonNode>, AutoCloseable {

  private final Path file;
  private final JsonParser parser;
  private @Nullable JsonNode next;
  private boolean inArray;
  private long element;
  private int line;
  private int lineRead;

  /** Opens {@code file}, unpacking it if it ends in {@code .gz}. */
  JsonElements(Path file) {
    this.file = file;
    try {
      this.parser = JsonFiles.SEQUENCE.createParser(TextFile.bytes(file));
    } catch (IOException e) {
      throw unreadable(e);
    }
    try {
      if (parser.nextToken() == JsonToken.START_ARRAY) {
        inArray = true;
        parser.nextToken();
      }
      next = read();
    } catch (IOException e) {
      close();
      throw broken(e);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Where the element last handed out stands, for messages. */
  String place() {
    return "%s: line %d, element %d".formatted(file, line, element);
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public JsonNode next() {
    JsonNode current = next;
    if (current == null) {
      throw new NoSuchElementException("no element after the last");
    }
    element++;
    line = lineRead;
    try {
      parser.nextToken();
      next = read();
    } catch (IOException e) {
      throw broken(e);
    }
    return current;
  }

  @Override
  public void close() {
    try {
      parser.close();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The element that begins at the current token, or null if there is none. */
  private @Nullable JsonNode read() throws IOException {
    if (inArray && parser.currentToken() == JsonToken.END_ARRAY) {
      if (parser.nextToken() != null) {
        throw new InvalidInputException(
            "%s: line %d: something after the array (expected: its end)"
                .formatted(file, parser.currentTokenLocation().getLineNr()));
      }
      return null;
    }
    if (parser.currentToken() == null) {
      return null;
    }
    JsonLocation at = parser.currentTokenLocation();
    lineRead = at.getLineNr();
    return JsonFiles.SEQUENCE.readTree(parser);
  }

  private InvalidInputException broken(IOException e) {
    return e instanceof JsonProcessingException json
        ? JsonFiles.notJson(file.toString(), json)
        : unreadable(e);
  }

  private InvalidInputException unreadable(IOException e) {
    return new InvalidInputException(
        "%s: cannot be read after element %d (%s)".formatted(file, element, e.getMessage()), e);
  }
}

package plaudit.json;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import plaudit.input.InvalidInputException;

/**
 * JSON in files and in texts: the one mapper, which refuses repeated names and text after the end,
 * and plain messages for what users hand in.
 */
public final class JsonFiles {

  /** Reads one value, strictly; writes compactly. */
  public static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Reads values one after the other. */
  public static final ObjectReader SEQUENCE =
      MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** Names the source, which the parser does not know by its name. */
  private static final Pattern START_MARKER = Pattern.compile(" \\(start marker at .*");

  private JsonFiles() {}

  /** An object without fields. */
  public static ObjectNode newObject() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** The object in {@code file}; anything else is refused. */
  public static ObjectNode readObject(Path file) {
    return parseObject(readString(file), file.toString());
  }

  /** The object in {@code json}; {@code origin} names it in messages. */
  public static ObjectNode parseObject(String json, String origin) {
    try {
      JsonNode node = MAPPER.readTree(json);
      if (node instanceof ObjectNode object) {
        return object;
      }
      throw InvalidInputException.of(origin, node.getNodeType(), "a JSON object");
    } catch (JsonProcessingException e) {
      throw notJson(origin, e);
    }
  }

  /** The JSON on one line of a file; {@code place} names file and line in messages. */
  public static JsonNode parseLine(String line, String place) {
    try {
      return MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw notJsonLine(place, e);
    }
  }

  /** One line with the place in a document where the JSON breaks. */
  public static InvalidInputException notJson(String origin, JsonProcessingException e) {
    JsonLocation at = e.getLocation();
    String where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
    return notJson(origin, where, e);
  }

  /** The same for a document on one line, which {@code place} names already. */
  private static InvalidInputException notJsonLine(String place, JsonProcessingException e) {
    JsonLocation at = e.getLocation();
    return notJson(place, at == null ? "" : " at column " + at.getColumnNr(), e);
  }

  private static InvalidInputException notJson(
      String origin, String where, JsonProcessingException e) {
    String why = e.getOriginalMessage().lines().findFirst().orElse("");
    why = START_MARKER.matcher(why).replaceFirst("");
    return new InvalidInputException("%s: not valid JSON%s (%s)".formatted(origin, where, why), e);
  }

  /** The text of {@code file}; one that is missing or cannot be read is the user's to mend. */
  public static String readString(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(file + ": no such file");
    }
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /** {@code value} on one line, without a line break. */
  public static String line(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no JSON for " + value.getClass().getName(), e);
    }
  }

  /** {@code value} indented, with a line break at the end. */
  public static String indented(Object value) {
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no JSON for " + value.getClass().getName(), e);
    }
  }
}

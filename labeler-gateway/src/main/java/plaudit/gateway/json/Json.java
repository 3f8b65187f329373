package plaudit.gateway.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import plaudit.tokens.Tokens;

/** The one JSON mapper: strict on what it reads, RFC 3339 times, absent instead of null. */
public final class Json {

  private static final int MAX_DEPTH = 16;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .build())
          .addModule(new JavaTimeModule())
          .addModule(tokens())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              config -> {
                config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                config.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
                config.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
              })
          .withCoercionConfig(
              LogicalType.DateTime,
              config -> {
                config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                config.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
              })
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .disable(MapperFeature.SORT_CREATOR_PROPERTIES_FIRST)
          .serializationInclusion(JsonInclude.Include.NON_NULL)
          .build();

  private Json() {}

  /** Token ids are an array of numbers. */
  private static SimpleModule tokens() {
    SimpleModule module = new SimpleModule("tokens");
    module.addSerializer(
        Tokens.class,
        new StdSerializer<>(Tokens.class) {
          @Override
          public void serialize(Tokens tokens, JsonGenerator out, SerializerProvider provider)
              throws IOException {
            out.writeArray(tokens.toArray(), 0, tokens.length());
          }
        });
    module.addDeserializer(
        Tokens.class,
        new StdDeserializer<>(Tokens.class) {
          @Override
          public Tokens deserialize(JsonParser in, DeserializationContext context)
              throws IOException {
            return Tokens.of(context.readValue(in, int[].class));
          }
        });
    return module;
  }

  /**
   * Reads a {@code type} from UTF-8 {@code bytes}.
   *
   * @throws MalformedJsonException with a pointer to the first fault
   */
  public static <T> T read(byte[] bytes, Class<T> type) {
    T value;
    try {
      value = MAPPER.readValue(bytes, type);
    } catch (IOException e) {
      throw fault(e);
    }
    if (value == null) {
      throw new MalformedJsonException("", "null (expected: an object)");
    }
    return value;
  }

  /** Reads a {@code type} from text; see {@link #read(byte[], Class)}. */
  public static <T> T read(String text, Class<T> type) {
    return read(text.getBytes(StandardCharsets.UTF_8), type);
  }

  /** Reads any JSON value. */
  public static JsonNode tree(String text) {
    return read(text, JsonNode.class);
  }

  /** Turns a part of a tree into a {@code type}, as strictly as {@link #read(byte[], Class)}. */
  public static <T> T convert(JsonNode node, Class<T> type) {
    T value;
    try {
      value = MAPPER.treeToValue(node, type);
    } catch (IOException e) {
      throw fault(e);
    }
    if (value == null) {
      throw new MalformedJsonException("", "null (expected: an object)");
    }
    return value;
  }

  /** Writes {@code value}: properties in alphabetical order, so equal values give equal text. */
  public static String write(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not writable as JSON: " + value.getClass(), e);
    }
  }

  private static MalformedJsonException fault(IOException e) {
    String pointer = "";
    if (e instanceof JsonMappingException mapping) {
      pointer =
          mapping.getPath().stream()
              .map(r -> r.getFieldName() == null ? String.valueOf(r.getIndex()) : r.getFieldName())
              .map(step -> "/" + step.replace("~", "~0").replace("/", "~1"))
              .collect(Collectors.joining());
    }
    return new MalformedJsonException(pointer, explanation(e));
  }

  /** In the words of the API, not in those of the parser's configuration. */
  private static String explanation(IOException e) {
    if (e instanceof UnrecognizedPropertyException unknown) {
      return "field: %s (expected: one of %s)"
          .formatted(
              unknown.getPropertyName(),
              unknown.getKnownPropertyIds().stream()
                  .map(String::valueOf)
                  .sorted()
                  .collect(Collectors.joining(", ")));
    }
    if (e instanceof MismatchedInputException mismatch) {
      return mismatch.getOriginalMessage().startsWith("Trailing token")
          ? "text after the end (expected: one value)"
          : "another kind of value (expected: %s)".formatted(kind(mismatch.getTargetType()));
    }
    String message =
        e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
    return String.valueOf(message).lines().findFirst().orElse("");
  }

  private static String kind(@Nullable Class<?> type) {
    if (type == null || type.isRecord()) {
      return "an object";
    }
    if (type.isEnum()) {
      return Stream.of(type.getEnumConstants())
          .map(String::valueOf)
          .collect(Collectors.joining(", ", "one of ", ""));
    }
    if (type == Integer.class || type == Long.class || type == int.class || type == long.class) {
      return "a whole number";
    }
    if (type == Instant.class) {
      return "a time as in RFC 3339";
    }
    if (type == List.class) {
      return "an array";
    }
    return type == String.class ? "a string" : "a value as documented";
  }
}

package plaudit.node.config;

import com.typesafe.config.Config;
import java.util.Optional;
import plaudit.input.InvalidInputException;

/**
 * What the policy is asked to do: {@code plaudit.task}, where each number has its reason.
 *
 * @param queryLength tokens at most
 * @param queryMinLength tokens at least; shorter ones are left out
 * @param responseLength tokens, always
 * @param startText a query begins after its first occurrence
 * @param endText a query ends after its last occurrence
 * @param prefix put before each query, may be empty
 * @param suffix put between query and response, may be empty
 * @param truncateToken text of the token that ends a response
 * @param endOfText whether a response ends at the model's end-of-text token instead
 * @param truncateAfter first index, from 0, at which it does
 * @param penalty score of a response without it
 * @param temperature what logits are divided by
 */
public record TaskSettings(
    int queryLength,
    int queryMinLength,
    int responseLength,
    Optional<String> startText,
    Optional<String> endText,
    String prefix,
    String suffix,
    Optional<String> truncateToken,
    boolean endOfText,
    int truncateAfter,
    float penalty,
    float temperature) {

  public TaskSettings {
    require(queryLength >= 1, "query-length", queryLength, ">= 1");
    require(
        queryMinLength >= 1 && queryMinLength <= queryLength,
        "query-min-length",
        queryMinLength,
        "1 to " + queryLength + ", the query-length");
    require(responseLength >= 1, "response-length", responseLength, ">= 1");
    require(
        truncateAfter >= 0 && truncateAfter < responseLength,
        "truncate-after",
        truncateAfter,
        "0 to " + (responseLength - 1) + ", within the response");
    require(Float.isFinite(penalty), "penalty", penalty, "a finite number");
    require(temperature > 0 && Float.isFinite(temperature), "temperature", temperature, "> 0");
  }

  /** Reads {@code plaudit.task} of the whole configuration. */
  public static TaskSettings from(Config config) {
    Config own = config.getConfig("plaudit.task");
    return new TaskSettings(
        own.getInt("query-length"),
        own.getInt("query-min-length"),
        own.getInt("response-length"),
        text(own, "start-text"),
        text(own, "end-text"),
        own.getString("prefix"),
        own.getString("suffix"),
        text(own, "truncate-token"),
        own.getBoolean("end-of-text"),
        own.getInt("truncate-after"),
        (float) own.getDouble("penalty"),
        (float) own.getDouble("temperature"));
  }

  private static Optional<String> text(Config own, String key) {
    return Optional.of(own.getString(key)).filter(text -> !text.isEmpty());
  }

  private static void require(boolean holds, String key, Object value, String expected) {
    if (!holds) {
      throw InvalidInputException.of("plaudit.task." + key, value, expected);
    }
  }
}

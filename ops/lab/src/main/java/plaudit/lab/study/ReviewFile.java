package plaudit.lab.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plaudit.data.TextFile;
import plaudit.input.InvalidInputException;

/**
 * Reads reviews: a JSON object a line with {@code text} and {@code label}, which is 1 for a review
 * that likes and 0 for one that does not; packed as {@code .gz} or not.
 */
public final class ReviewFile {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ReviewFile() {}

  /**
   * All reviews of {@code file}, without line breaks of HTML.
   *
   * @param fewest of each kind
   * @throws InvalidInputException when there is no such file, a line is no review, or one kind has
   *     too few
   */
  public static List<Review> read(Path file, int fewest) {
    List<Review> reviews = new ArrayList<>();
    try (TextFile lines = TextFile.open(file)) {
      long number = 0;
      for (@Nullable String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank()) {
          reviews.add(review(line, "%s:%d".formatted(file, number)));
        }
      }
    }
    long positive = reviews.stream().filter(Review::positive).count();
    require(file, "positive reviews", positive, fewest);
    require(file, "negative reviews", reviews.size() - positive, fewest);
    return reviews;
  }

  private static void require(Path file, String what, long count, int fewest) {
    if (count < fewest) {
      throw InvalidInputException.of(file + ": " + what, count, "at least " + fewest);
    }
  }

  private static Review review(String line, String place) {
    JsonNode node;
    try {
      node = MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          place + ": no JSON (expected: an object with text and label)", e);
    }
    JsonNode label = node.path("label");
    if (!(label.isInt() && (label.intValue() == 0 || label.intValue() == 1))) {
      throw InvalidInputException.of(
          place + ": label", label.isMissingNode() ? "missing" : label, "0 or 1");
    }
    String text = node.path("text").asText("").replaceAll("<br\\s*/?>", " ").strip();
    if (!node.path("text").isTextual() || text.isEmpty()) {
      throw InvalidInputException.of(place + ": text", "none", "a text that is not empty");
    }
    return new Review(text.replaceAll("\\s+", " "), label.intValue() == 1);
  }
}

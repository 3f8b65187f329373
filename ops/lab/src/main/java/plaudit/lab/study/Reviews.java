package plaudit.lab.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import plaudit.data.TextFile;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.model.Tokenizer;
import plaudit.tokens.Tokens;

/**
 * Reviews that a classifier is trained on: a JSON object a line with {@code text} and {@code
 * label}, which is 1 for a positive review and 0 for a negative one; packed as {@code .gz} or not.
 */
record Reviews(List<Review> all) {

  Reviews {
    all = List.copyOf(all);
  }

  /** A text and the opinion of its author. */
  record Review(String text, boolean positive) {}

  /** Equally many token windows of each label. */
  record Labelled(List<Tokens> positive, List<Tokens> negative) {
    Labelled {
      positive = List.copyOf(positive);
      negative = List.copyOf(negative);
    }

    /** All, the positive first. */
    List<Tokens> all() {
      List<Tokens> all = new ArrayList<>(positive);
      all.addAll(negative);
      return all;
    }
  }

  /**
   * Windows of different reviews.
   *
   * @param training what the classifier learns from
   * @param scale windows of other reviews that set the scale of the log-odds
   * @param test windows of yet other reviews that only measure
   */
  record Windows(Labelled training, Labelled scale, Labelled test) {}

  /**
   * All reviews of {@code file}, without line breaks of HTML.
   *
   * @param fewest of each label
   * @throws InvalidInputException when there is no such file, a line is no review, or one label has
   *     too few
   */
  static Reviews read(Path file, int fewest) {
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
    return new Reviews(reviews);
  }

  private static void require(Path file, String what, long count, int fewest) {
    if (count < fewest) {
      throw InvalidInputException.of(file + ": " + what, count, "at least " + fewest);
    }
  }

  private static Review review(String line, String place) {
    JsonNode node;
    try {
      node = JsonFiles.MAPPER.readTree(line);
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

  /**
   * Draws one window of each review at random, as long as the texts that will be judged: a
   * classifier that has only seen whole reviews cannot judge thirty tokens. Shorter reviews are
   * left out.
   *
   * @param tokens of a window
   * @param training windows wanted; fewer if the reviews do not give so many
   * @param measured windows wanted for scale and test together, likewise; at most half of the
   *     reviews of a label are kept for them
   */
  Windows windows(Tokenizer tokenizer, int tokens, int training, int measured, long seed) {
    List<List<Tokens>> drawn = new ArrayList<>();
    for (boolean positive : new boolean[] {true, false}) {
      Random random = new Random(seed * 2 + (positive ? 1 : 0));
      List<Review> own =
          new ArrayList<>(all.stream().filter(r -> r.positive() == positive).toList());
      Collections.shuffle(own, random);
      List<Tokens> windows = new ArrayList<>();
      for (Review review : own) {
        if (windows.size() == (training + measured + 1) / 2) {
          break;
        }
        Tokens whole = tokenizer.encode(review.text());
        if (whole.length() >= tokens) {
          int from = random.nextInt(whole.length() - tokens + 1);
          windows.add(whole.slice(from, from + tokens));
        }
      }
      drawn.add(windows);
    }
    int each = Math.min(drawn.get(0).size(), drawn.get(1).size());
    if (each < 4) {
      throw InvalidInputException.of(
          "reviews of at least %d tokens".formatted(tokens), each, "at least 4 of each kind");
    }
    int kept = Math.min(measured / 2, each / 2);
    int half = kept / 2;
    return new Windows(
        labelled(drawn, kept, each), labelled(drawn, 0, half), labelled(drawn, half, kept));
  }

  private static Labelled labelled(List<List<Tokens>> drawn, int from, int to) {
    return new Labelled(drawn.get(0).subList(from, to), drawn.get(1).subList(from, to));
  }
}

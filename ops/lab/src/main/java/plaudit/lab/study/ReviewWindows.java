package plaudit.lab.study;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import plaudit.input.InvalidInputException;
import plaudit.model.Tokenizer;
import plaudit.tokens.Tokens;

/**
 * Pieces of reviews as long as the texts that will be judged, drawn at random: a classifier that
 * has only seen whole reviews would not know what to make of thirty tokens. Reviews that are
 * shorter are left out. Both kinds come in equal numbers.
 *
 * @param training pieces by kind
 * @param scale pieces of other reviews that set the scale
 * @param test pieces of yet other reviews that only measure
 */
record ReviewWindows(Kinds training, Kinds scale, Kinds test) {

  /** Equally many pieces of each kind. */
  record Kinds(List<Tokens> positive, List<Tokens> negative) {
    Kinds {
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
   * Draws.
   *
   * @param tokens of a piece
   * @param training pieces wanted; fewer if the reviews do not give so many
   * @param measured pieces wanted for scale and test together, likewise; of the reviews of a kind
   *     at most half are kept for them
   */
  static ReviewWindows of(
      List<Review> reviews,
      Tokenizer tokenizer,
      int tokens,
      int training,
      int measured,
      long seed) {
    List<List<Tokens>> drawn = new ArrayList<>();
    for (boolean positive : new boolean[] {true, false}) {
      Random random = new Random(seed * 2 + (positive ? 1 : 0));
      List<Review> own =
          new ArrayList<>(reviews.stream().filter(r -> r.positive() == positive).toList());
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
    return new ReviewWindows(
        kinds(drawn, kept, each), kinds(drawn, 0, half), kinds(drawn, half, kept));
  }

  private static Kinds kinds(List<List<Tokens>> drawn, int from, int to) {
    return new Kinds(drawn.get(0).subList(from, to), drawn.get(1).subList(from, to));
  }
}

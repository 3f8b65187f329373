package plaudit.optim;

import com.typesafe.config.Config;
import java.util.List;
import java.util.function.ToIntFunction;
import plaudit.input.InvalidInputException;
import plaudit.model.LengthGroups;

/**
 * What one forward and backward pass takes at most. Sequences of about one length are taken
 * together ({@link LengthGroups}); the gradients of all passes add up to the whole's.
 *
 * @param rows sequences
 * @param tokens of them with padding, 0 for no bound; a sequence that has more is taken alone
 */
public record MicroBatch(int rows, int tokens) {

  public MicroBatch {
    if (rows < 1 || tokens < 0) {
      throw new IllegalArgumentException(
          "rows %d, tokens %d (expected: >= 1, >= 0)".formatted(rows, tokens));
    }
  }

  /**
   * Reads {@code micro-batch} and {@code tokens-per-micro-batch} of the learner at {@code path}.
   */
  public static MicroBatch from(Config learner, String path) {
    int rows = learner.getInt("micro-batch");
    if (rows < 1) {
      throw InvalidInputException.of(path + ".micro-batch", rows, ">= 1");
    }
    int tokens = learner.getInt("tokens-per-micro-batch");
    if (tokens < 0) {
      throw InvalidInputException.of(
          path + ".tokens-per-micro-batch", tokens, ">= 0, 0 for no bound");
    }
    return new MicroBatch(rows, tokens);
  }

  /** So many sequences, of any length. */
  public static MicroBatch ofRows(int rows) {
    return new MicroBatch(rows, 0);
  }

  /**
   * Parts items, none of which is torn.
   *
   * @param sequences of each item
   * @param before tokens of an item's longest sequence before the column at which all meet
   * @param after those after it
   * @return numbers of items, each in one part
   */
  public <T> List<List<Integer>> parts(
      List<T> items, int sequences, ToIntFunction<T> before, ToIntFunction<T> after) {
    return LengthGroups.of(
        items.stream().mapToInt(before).toArray(),
        items.stream().mapToInt(after).toArray(),
        Math.max(1, rows / sequences),
        tokens == 0 ? Integer.MAX_VALUE : tokens / sequences);
  }
}

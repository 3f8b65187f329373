package plaudit.language;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import plaudit.data.TextCorpus;
import plaudit.input.InvalidInputException;
import plaudit.model.Tokenizer;
import plaudit.tokens.Tokens;

/** A long text as token ids: where language-model training takes its windows from. */
public final class TokenStream {

  /** One block of so many characters in each hundred is held out, so that all books have a part. */
  private static final int BLOCK = 20_000;

  private static final int BLOCKS_PER_HELD_OUT = 100;

  private final int[] ids;

  /**
   * Wraps the ids without copying.
   *
   * @throws InvalidInputException if there are fewer than two
   */
  public TokenStream(int[] ids) {
    if (ids.length < 2) {
      throw InvalidInputException.of("tokens of the training text", ids.length, "at least 2");
    }
    this.ids = ids;
  }

  /**
   * A corpus as tokens.
   *
   * @param training what is trained on
   * @param heldOut one part in a hundred, never trained on
   */
  public record Split(TokenStream training, TokenStream heldOut) {}

  /** Encodes the whole corpus; documents end with {@code end}. */
  public static TokenStream of(TextCorpus corpus, Tokenizer tokenizer, int end) {
    IntStream.Builder all = IntStream.builder();
    corpus.forEach(
        document -> {
          add(document, tokenizer, all);
          all.add(end);
        });
    return new TokenStream(all.build().toArray());
  }

  /** Encodes the whole corpus and holds a part of it out; documents end with {@code end}. */
  public static Split split(TextCorpus corpus, Tokenizer tokenizer, int end) {
    IntStream.Builder training = IntStream.builder();
    IntStream.Builder heldOut = IntStream.builder();
    corpus.forEach(
        document -> {
          int block = 0;
          for (int from = 0; from < document.length(); block++) {
            int newline = document.indexOf('\n', Math.min(from + BLOCK, document.length() - 1));
            int to = newline < 0 ? document.length() : newline + 1;
            IntStream.Builder side =
                block % BLOCKS_PER_HELD_OUT == BLOCKS_PER_HELD_OUT / 4 ? heldOut : training;
            add(document.substring(from, to), tokenizer, side);
            from = to;
          }
          training.add(end);
        });
    return new Split(
        new TokenStream(training.build().toArray()), new TokenStream(heldOut.build().toArray()));
  }

  /** How many tokens. */
  public int length() {
    return ids.length;
  }

  /**
   * The whole text as demonstrations of {@code context} tokens, each the continuation of its first
   * token; they overlap by one, so that every token but the first is learned once.
   */
  public List<Demonstration> demonstrations(int context) {
    List<Demonstration> windows = new ArrayList<>();
    for (int from = 0; from + 1 < ids.length; from += context - 1) {
      int to = Math.min(from + context, ids.length);
      windows.add(
          new Demonstration(
              Tokens.of(ids[from]), Tokens.of(Arrays.copyOfRange(ids, from + 1, to))));
    }
    return windows;
  }

  /** {@code width} tokens from a place on, fewer at the end. */
  Tokens window(int from, int width) {
    return Tokens.of(Arrays.copyOfRange(ids, from, Math.min(from + width, ids.length)));
  }

  /** Adds a text, a line at a time: the tokenizer's time grows faster than its text. */
  private static void add(String text, Tokenizer tokenizer, IntStream.Builder ids) {
    text.lines().forEach(line -> tokenizer.encode(line + "\n").stream().forEach(ids::add));
  }
}

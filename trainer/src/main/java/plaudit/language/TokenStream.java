package plaudit.language;

import java.nio.charset.StandardCharsets;
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

  /** Of a hundred blocks of so many characters of a document one is held out. */
  private static final int BLOCK = 20_000;

  private static final int BLOCKS_PER_HELD_OUT = 100;

  /** Tokens of a corpus that is learned and measured: two of each. */
  private static final int SMALLEST = 4;

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
   * @param heldOut about one part in a hundred, never trained on
   * @param heldOutText the same as text
   */
  public record Split(TokenStream training, TokenStream heldOut, String heldOutText) {

    /** What a loss of so many nats a token of the held-out text is in bits a byte of it. */
    public double bitsPerByte(double natsPerToken) {
      int bytes = heldOutText.getBytes(StandardCharsets.UTF_8).length;
      return natsPerToken * heldOut.length() / bytes / Math.log(2);
    }
  }

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

  /**
   * Encodes the whole corpus and holds a part of it out: a block in a hundred, or of a corpus
   * without such a block the last hundredth of its lines. Documents end with {@code end}.
   */
  public static Split split(TextCorpus corpus, Tokenizer tokenizer, int end) {
    IntStream.Builder training = IntStream.builder();
    IntStream.Builder heldOut = IntStream.builder();
    StringBuilder heldOutText = new StringBuilder();
    corpus.forEach(
        document -> {
          int block = 0;
          for (int from = 0; from < document.length(); block++) {
            int newline = document.indexOf('\n', Math.min(from + BLOCK, document.length() - 1));
            int to = newline < 0 ? document.length() : newline + 1;
            String text = document.substring(from, to);
            if (block % BLOCKS_PER_HELD_OUT == BLOCKS_PER_HELD_OUT / 4) {
              add(text, tokenizer, heldOut);
              heldOutText.append(text);
            } else {
              add(text, tokenizer, training);
            }
            from = to;
          }
          training.add(end);
        });
    int[] learned = training.build().toArray();
    int[] measured = heldOut.build().toArray();
    if (measured.length > 0) {
      return new Split(new TokenStream(learned), new TokenStream(measured), heldOutText.toString());
    }
    if (learned.length < SMALLEST) {
      throw InvalidInputException.of(
          "tokens of the text", learned.length, "at least " + SMALLEST + ", to train and measure");
    }
    int cut = learned.length - Math.max(2, learned.length / BLOCKS_PER_HELD_OUT);
    TokenStream last = new TokenStream(Arrays.copyOfRange(learned, cut, learned.length));
    return new Split(
        new TokenStream(Arrays.copyOf(learned, cut)), last, tokenizer.decode(Tokens.of(last.ids)));
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

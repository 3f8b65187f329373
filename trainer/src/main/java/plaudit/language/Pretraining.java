package plaudit.language;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import plaudit.data.TextCorpus;
import plaudit.experience.Tokens;
import plaudit.model.Compute;
import plaudit.model.ModelConfig;
import plaudit.model.Tokenizer;
import plaudit.optim.AdamSettings;
import plaudit.optim.TrainedNet;

/**
 * Makes a language model from nothing but text: a byte-level BPE tokenizer, then GPT-2 from random
 * weights.
 */
public final class Pretraining {

  /** Every so many characters one block is held out, so that all books are represented. */
  private static final int BLOCK = 20_000;

  private static final int BLOCKS_PER_HELD_OUT = 100;

  /** Decoupled decay and clipping: not the paper's, which starts from a trained model. */
  private static final AdamSettings ADAM = new AdamSettings(0.9, 0.95, 1e-8, 0.1, 1.0);

  private Pretraining() {}

  /**
   * A corpus as tokens.
   *
   * @param training what is trained on
   * @param heldOut one part in a hundred, never trained on
   */
  public record Split(TokenStream training, TokenStream heldOut) {}

  /** Learns a vocabulary and writes its files into {@code dir}. */
  public static void trainTokenizer(TextCorpus corpus, int vocabulary, Path dir) {
    List<String> documents = new ArrayList<>();
    corpus.forEach(documents::add);
    BpeTrainer.train(documents.iterator(), BpeTrainer.Settings.ofSize(vocabulary)).write(dir);
  }

  /** Encodes the whole corpus; documents end with {@code end}. */
  public static Split encode(TextCorpus corpus, Tokenizer tokenizer, int end) {
    Ids training = new Ids();
    Ids heldOut = new Ids();
    corpus.forEach(
        document -> {
          int block = 0;
          for (int from = 0; from < document.length(); block++) {
            int newline = document.indexOf('\n', Math.min(from + BLOCK, document.length() - 1));
            int to = newline < 0 ? document.length() : newline + 1;
            Ids side = block % BLOCKS_PER_HELD_OUT == BLOCKS_PER_HELD_OUT / 4 ? heldOut : training;
            // A paragraph at a time: the tokenizer's time grows faster than its text.
            document
                .substring(from, to)
                .lines()
                .map(line -> line + "\n")
                .forEach(paragraph -> side.add(tokenizer.encode(paragraph)));
            from = to;
          }
          training.add(Tokens.of(end));
        });
    return new Split(training.stream(), heldOut.stream());
  }

  /** A network of random weights, ready to be trained. */
  public static TrainedNet start(ModelConfig config, long seed, Compute compute) {
    return TrainedNet.fresh(config, FreshWeights.of(config, seed, compute), ADAM, compute);
  }

  /** A growing array of ids. */
  private static final class Ids {
    private int[] ids = new int[1 << 16];
    private int size;

    void add(Tokens tokens) {
      if (size + tokens.length() > ids.length) {
        ids = Arrays.copyOf(ids, Math.max(2 * ids.length, size + tokens.length()));
      }
      System.arraycopy(tokens.toArray(), 0, ids, size, tokens.length());
      size += tokens.length();
    }

    TokenStream stream() {
      return new TokenStream(Arrays.copyOf(ids, size));
    }
  }
}

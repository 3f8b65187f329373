package plaudit.language;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import plaudit.data.TextCorpus;
import plaudit.model.Compute;
import plaudit.model.ModelConfig;
import plaudit.model.Tokenizer;
import plaudit.optim.AdamSettings;
import plaudit.optim.TrainedNet;
import plaudit.tokens.Tokens;

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
    TokenStream.Builder training = new TokenStream.Builder();
    TokenStream.Builder heldOut = new TokenStream.Builder();
    corpus.forEach(
        document -> {
          int block = 0;
          for (int from = 0; from < document.length(); block++) {
            int newline = document.indexOf('\n', Math.min(from + BLOCK, document.length() - 1));
            int to = newline < 0 ? document.length() : newline + 1;
            TokenStream.Builder side =
                block % BLOCKS_PER_HELD_OUT == BLOCKS_PER_HELD_OUT / 4 ? heldOut : training;
            side.add(document.substring(from, to), tokenizer);
            from = to;
          }
          training.add(Tokens.of(end));
        });
    return new Split(training.build(), heldOut.build());
  }

  /** Encodes the whole corpus with nothing held out; documents end with {@code end}. */
  public static TokenStream encodeAll(TextCorpus corpus, Tokenizer tokenizer, int end) {
    TokenStream.Builder all = new TokenStream.Builder();
    corpus.forEach(document -> all.add(document, tokenizer).add(Tokens.of(end)));
    return all.build();
  }

  /** A network of random weights, ready to be trained. */
  public static TrainedNet start(ModelConfig config, long seed, Compute compute) {
    return TrainedNet.fresh(config, FreshWeights.of(config, seed, compute), ADAM, compute);
  }
}

package plaudit.lab.language;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;
import plaudit.data.TextCorpus;
import plaudit.input.InvalidInputException;
import plaudit.language.BpeTrainer;
import plaudit.language.FreshWeights;
import plaudit.language.LanguageTrainer;
import plaudit.language.RandomWindows;
import plaudit.language.TokenStream;
import plaudit.model.Compute;
import plaudit.model.Dtype;
import plaudit.model.Gpt2Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ModelDirectory;
import plaudit.model.TensorSpec;
import plaudit.model.Tokenizer;
import plaudit.model.Weights;
import plaudit.optim.Adam;
import plaudit.optim.AdamSettings;
import plaudit.optim.Losses;
import plaudit.optim.Network;
import plaudit.training.TrainingObserver;

/**
 * Makes a language model from nothing but text: a byte-level BPE tokenizer, then GPT-2 from random
 * weights. The model is written now and then and at the end; an interrupt keeps the last one.
 *
 * @param text to learn from
 * @param out where the model goes
 * @param tokenizer a model directory whose tokenizer is used; empty to train one
 * @param vocabulary tokens of a trained tokenizer
 * @param architecture for so many tokens in the vocabulary
 * @param training steps, learning rate, seed
 * @param saveEvery time between two saves
 */
public record PretrainJob(
    Path text,
    Path out,
    Optional<Path> tokenizer,
    int vocabulary,
    IntFunction<ModelConfig> architecture,
    RandomWindows.Settings training,
    Compute compute,
    Duration saveEvery) {

  /** Decoupled decay and clipping: not the paper's, which starts from a trained model. */
  private static final AdamSettings ADAM = new AdamSettings(0.9, 0.95, 1e-8, 0.1, 1.0);

  private static final Duration SHOW_EVERY = Duration.ofSeconds(15);

  /** Held-out windows that measure the model at a save. */
  private static final int WINDOWS_AT_A_SAVE = 400;

  /**
   * Runs to the end.
   *
   * @param words told how it goes
   * @return mean nats a token on what was held out
   */
  public double run(PrintWriter words) throws IOException {
    TextCorpus corpus = TextCorpus.of(text);
    Path source = tokenizer.isPresent() ? tokenizer.get() : trainTokenizer(corpus, words);
    try (Tokenizer spelling = Tokenizer.open(source)) {
      int end =
          spelling
              .idOf(BpeTrainer.END_OF_TEXT)
              .orElseThrow(
                  () ->
                      InvalidInputException.of(
                          "tokenizer", source, "one with the token " + BpeTrainer.END_OF_TEXT));
      ModelConfig config = architecture.apply(spelling.vocabSize()).withEnds(end, end);
      words.println("Encoding ...");
      TokenStream.Split split = TokenStream.split(corpus, spelling, end);
      words.printf(
          Locale.ROOT,
          "%,d tokens to train on, %,d held out; %,d parameters%n",
          split.training().length(),
          split.heldOut().length(),
          config.parameters());
      return train(config, split, source, words);
    }
  }

  private Path trainTokenizer(TextCorpus corpus, PrintWriter words) throws IOException {
    words.println("Learning a vocabulary of " + vocabulary + " tokens ...");
    Path files = Files.createTempDirectory("plaudit-tokenizer");
    List<String> documents = new ArrayList<>();
    corpus.forEach(documents::add);
    BpeTrainer.train(documents.iterator(), BpeTrainer.Settings.ofSize(vocabulary)).write(files);
    return files;
  }

  private double train(
      ModelConfig config, TokenStream.Split split, Path spelling, PrintWriter words) {
    Weights weights = FreshWeights.of(config, training.seed(), compute);
    try (Adam optimizer = Adam.fresh(Network.of(config, Losses.LANGUAGE, weights, compute), ADAM)) {
      Network net = optimizer.network();
      long start = System.nanoTime();
      new LanguageTrainer(optimizer, new RandomWindows(split.training(), training))
          .train(
              new TrainingObserver() {
                private long shown = start;
                private long saved = start;
                private double mean = Double.NaN;

                @Override
                public void onStep(Step step) {
                  mean = Double.isNaN(mean) ? step.loss() : 0.98 * mean + 0.02 * step.loss();
                  long now = System.nanoTime();
                  if (now - shown > SHOW_EVERY.toNanos()) {
                    shown = now;
                    words.println(line(step, mean, (now - start) / 1e9));
                  }
                  if (now - saved > saveEvery.toNanos()) {
                    saved = now;
                    save(net, spelling);
                    measure(net, split.heldOut(), WINDOWS_AT_A_SAVE, words);
                  }
                }
              });
      save(net, spelling);
      return measure(net, split.heldOut(), Integer.MAX_VALUE, words);
    }
  }

  private double measure(Network net, TokenStream heldOut, int windows, PrintWriter words) {
    double nats =
        LanguageTrainer.measure(
                net, RandomWindows.measurement(heldOut, training.context(), windows), () -> false)
            .orElseThrow();
    words.printf(Locale.ROOT, "held out: %.4f nats a token%n", nats);
    return nats;
  }

  private String line(TrainingObserver.Step step, double loss, double seconds) {
    double tokensAStep = (double) training.batch() * training.context();
    double rate = (double) step.number() * tokensAStep / seconds;
    return String.format(
        Locale.ROOT,
        "step %,d/%,d  loss %.3f  %,.0f tokens/s  ETA %.0f min",
        step.number(),
        step.total(),
        loss,
        rate,
        (double) (step.total() - step.number()) * tokensAStep / rate / 60);
  }

  private void save(Network net, Path spelling) {
    List<TensorSpec> specs = Gpt2Layout.of(net.config());
    try {
      Files.createDirectories(out.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ModelDirectory.write(
        out,
        net.config(),
        spec -> net.weights().copy(specs.indexOf(spec)),
        List.of(),
        Dtype.F16,
        spelling);
  }
}

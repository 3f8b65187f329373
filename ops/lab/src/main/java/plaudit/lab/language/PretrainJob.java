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
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import plaudit.data.TextCorpus;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.language.BpeTrainer;
import plaudit.language.BpeVocabulary;
import plaudit.language.FreshWeights;
import plaudit.language.LanguageTrainer;
import plaudit.language.RandomWindows;
import plaudit.language.SupervisedCheckpoint;
import plaudit.language.TokenStream;
import plaudit.model.Compute;
import plaudit.model.Dtype;
import plaudit.model.Family;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ModelDirectory;
import plaudit.model.TensorSpec;
import plaudit.model.Tokenizer;
import plaudit.model.Weights;
import plaudit.node.run.OnInterrupt;
import plaudit.optim.Adam;
import plaudit.optim.AdamSettings;
import plaudit.optim.Losses;
import plaudit.optim.Network;
import plaudit.training.TrainingObserver;

/**
 * Makes a language model from nothing but text: a byte-level BPE tokenizer, then a decoder from
 * random weights. The model, and beside it in {@code OUT.training} what the training goes on from,
 * are written now and then, when it is interrupted and at the end; the same job goes on from there.
 *
 * @param text to learn from
 * @param out where the model goes
 * @param tokenizer a model directory whose tokenizer is used; empty to train one
 * @param vocabulary tokens of a trained tokenizer
 * @param architecture of the model
 * @param training steps, learning rate, seed
 * @param compute where and how it computes
 * @param saveEvery time between two saves
 */
public record PretrainJob(
    Path text,
    Path out,
    Optional<Path> tokenizer,
    int vocabulary,
    Architecture architecture,
    RandomWindows.Settings training,
    Compute compute,
    Duration saveEvery) {

  /** Decoupled decay and clipping: not the paper's, which starts from a trained model. */
  private static final AdamSettings ADAM = new AdamSettings(0.9, 0.95, 1e-8, 0.1, 1.0);

  private static final String JOB = "job.txt";
  private static final String CHECKPOINT = "checkpoint.safetensors";
  private static final String HELD_OUT = "heldout.txt";
  private static final int NAMED = 5;
  private static final long GRACE_SECONDS = 60;

  private static final Duration SHOW_EVERY = Duration.ofSeconds(15);

  /** Held-out windows that measure the model at a save. */
  private static final int WINDOWS_AT_A_SAVE = 400;

  /**
   * The sizes of a decoder, but for its vocabulary.
   *
   * @param keyHeads heads of keys and values, which heads of queries share
   */
  public record Architecture(
      Family family, int layers, int heads, int keyHeads, int width, int context) {

    ModelConfig config(int vocabulary) {
      return ModelConfig.fresh(family, layers, heads, keyHeads, width, context, vocabulary);
    }
  }

  /**
   * Runs to the end.
   *
   * @param words told how it goes
   * @return mean nats a token on what was held out; empty if it was interrupted
   */
  public OptionalDouble run(PrintWriter words) throws IOException {
    TextCorpus corpus = TextCorpus.of(text);
    if (!corpus.passedOver().isEmpty()) {
      words.println("Passed over, being no text: " + named(corpus.passedOver()));
    }
    requireSameJob();
    Path source = tokenizer.isPresent() ? tokenizer.get() : learnedTokenizer(corpus, words);
    try (Tokenizer spelling = Tokenizer.open(source)) {
      int end =
          spelling
              .idOf(BpeTrainer.END_OF_TEXT)
              .orElseThrow(
                  () ->
                      InvalidInputException.of(
                          "tokenizer", source, "one with the token " + BpeTrainer.END_OF_TEXT));
      ModelConfig config = architecture.config(spelling.vocabSize()).withEnds(end, end);
      words.println("Encoding ...");
      TokenStream.Split split = TokenStream.split(corpus, spelling, end);
      AtomicFile.write(state().resolve(HELD_OUT), split.heldOutText());
      words.printf(
          Locale.ROOT,
          "%,d tokens to train on, %,d held out; %,d parameters%n",
          split.training().length(),
          split.heldOut().length(),
          config.parameters());
      return train(config, split, source, words);
    }
  }

  /** What the training goes on from, beside the model. */
  private Path state() {
    return out.resolveSibling(out.getFileName() + ".training");
  }

  /** Refuses what a job with other settings left there. */
  private void requireSameJob() {
    String job =
        "text %s, tokenizer %s, vocabulary %d, %s, %s%n"
            .formatted(
                text.toAbsolutePath().normalize(),
                tokenizer.map(dir -> dir.toAbsolutePath().normalize().toString()).orElse("own"),
                vocabulary,
                architecture,
                training);
    Path file = state().resolve(JOB);
    try {
      if (Files.exists(file)) {
        String there = Files.readString(file);
        if (!there.equals(job)) {
          throw InvalidInputException.of(
              state().toString(),
              there.strip(),
              "the same settings as now, to go on; delete the folder to begin anew: "
                  + job.strip());
        }
      } else {
        Files.createDirectories(state());
        AtomicFile.write(file, job);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String named(List<Path> files) {
    String some =
        files.stream()
            .limit(NAMED)
            .map(file -> text.relativize(file).toString())
            .collect(Collectors.joining(", "));
    return files.size() > NAMED ? some + " and " + (files.size() - NAMED) + " more" : some;
  }

  /** The tokenizer of an earlier run of this job, or one that is trained now. */
  private Path learnedTokenizer(TextCorpus corpus, PrintWriter words) throws IOException {
    Path files = state();
    if (Files.exists(files.resolve("tokenizer.json"))) {
      return files;
    }
    words.println("Learning a vocabulary of " + vocabulary + " tokens ...");
    List<String> documents = new ArrayList<>();
    corpus.forEach(documents::add);
    BpeVocabulary learned =
        BpeTrainer.train(documents.iterator(), BpeTrainer.Settings.ofSize(vocabulary));
    Files.createDirectories(files);
    learned.write(files);
    return files;
  }

  private OptionalDouble train(
      ModelConfig config, TokenStream.Split split, Path spelling, PrintWriter words) {
    SupervisedCheckpoint checkpoint = new SupervisedCheckpoint(state().resolve(CHECKPOINT));
    AtomicBoolean interrupted = new AtomicBoolean();
    OnInterrupt interrupt = OnInterrupt.call(() -> interrupted.set(true), GRACE_SECONDS);
    try (Adam optimizer = begun(config, checkpoint)) {
      Network net = optimizer.network();
      long first = optimizer.steps();
      if (first > 0) {
        words.printf(Locale.ROOT, "Going on after step %,d%n", first);
      }
      LanguageTrainer trainer =
          new LanguageTrainer(optimizer, new RandomWindows(split.training(), training));
      long start = System.nanoTime();
      trainer.train(
          new TrainingObserver() {
            private long shown = start;
            private long saved = start;
            private double mean = Double.NaN;

            @Override
            public boolean stopped() {
              return interrupted.get();
            }

            @Override
            public void onStep(Step step) {
              mean = Double.isNaN(mean) ? step.loss() : 0.98 * mean + 0.02 * step.loss();
              long now = System.nanoTime();
              if (now - shown > SHOW_EVERY.toNanos()) {
                shown = now;
                words.println(line(step, mean, (now - start) / 1e9 / (step.number() - first)));
              }
              if (now - saved > saveEvery.toNanos()) {
                saved = now;
                save(net, spelling);
                checkpoint.write(optimizer, JOB);
                measure(net, split, WINDOWS_AT_A_SAVE, words);
              }
            }
          });
      save(net, spelling);
      checkpoint.write(optimizer, JOB);
      if (!trainer.complete()) {
        words.printf(
            Locale.ROOT, "Stopped after step %,d; the same command goes on%n", optimizer.steps());
        return OptionalDouble.empty();
      }
      return OptionalDouble.of(measure(net, split, Integer.MAX_VALUE, words));
    } finally {
      interrupt.over();
    }
  }

  private Adam begun(ModelConfig config, SupervisedCheckpoint checkpoint) {
    if (checkpoint.isOf(JOB)) {
      return checkpoint.resume(config, Losses.LANGUAGE, ADAM, compute);
    }
    Weights weights = FreshWeights.of(config, training.seed(), compute);
    return Adam.fresh(Network.of(config, Losses.LANGUAGE, weights, compute), ADAM);
  }

  private double measure(Network net, TokenStream.Split split, int windows, PrintWriter words) {
    double nats =
        LanguageTrainer.measure(
                net,
                RandomWindows.measurement(split.heldOut(), training.context(), windows),
                () -> false)
            .orElseThrow();
    words.printf(
        Locale.ROOT,
        "held out: %.4f nats a token, %.4f bits a byte%n",
        nats,
        split.bitsPerByte(nats));
    return nats;
  }

  private String line(TrainingObserver.Step step, double loss, double secondsAStep) {
    double tokensAStep = (double) training.batch() * training.context();
    return String.format(
        Locale.ROOT,
        "step %,d/%,d  loss %.3f  %,.0f tokens/s  ETA %.0f min",
        step.number(),
        step.total(),
        loss,
        tokensAStep / secondsAStep,
        (double) (step.total() - step.number()) * secondsAStep / 60);
  }

  private void save(Network net, Path spelling) {
    List<TensorSpec> specs = Layout.of(net.config());
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

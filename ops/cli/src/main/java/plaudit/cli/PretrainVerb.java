package plaudit.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.data.TextCorpus;
import plaudit.input.InvalidInputException;
import plaudit.language.LanguageSettings;
import plaudit.language.LanguageTrainer;
import plaudit.language.Pretraining;
import plaudit.model.Compute;
import plaudit.model.Dtype;
import plaudit.model.Gpt2Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ModelDirectory;
import plaudit.model.TensorSpec;
import plaudit.model.Tokenizer;
import plaudit.optim.TrainedNet;

/** {@code pretrain}: a language model from nothing but text. */
@Command(
    name = "pretrain",
    description = "Train a tokenizer and a GPT-2-layout language model from scratch on plain text.",
    footer = {
      "",
      "The model directory (Hugging Face layout) is written every few minutes and at the end.",
      "Interrupting keeps the last one written."
    })
public final class PretrainVerb extends Verb {

  private static final String END = "<|endoftext|>";

  @Option(
      names = "--text",
      required = true,
      paramLabel = "PATH",
      description = "Text to learn from: a .txt, .md, .gz or .zip file, or a folder of these.")
  private Path text;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where the model goes.")
  private Path out;

  @Option(
      names = "--tokenizer",
      paramLabel = "DIR",
      description = "Use this model directory's tokenizer instead of training one.")
  private @Nullable Path tokenizerDir;

  @Option(names = "--vocabulary", defaultValue = "4096", description = "Tokens in the vocabulary.")
  private int vocabulary;

  @Option(names = "--layers", defaultValue = "4", description = "Transformer layers.")
  private int layers;

  @Option(names = "--heads", defaultValue = "4", description = "Attention heads a layer.")
  private int heads;

  @Option(names = "--width", defaultValue = "256", description = "Channels.")
  private int width;

  @Option(names = "--context", defaultValue = "128", description = "Tokens of context.")
  private int context;

  @Option(
      names = "--tokens",
      defaultValue = "20000000",
      description = "Training tokens to see in all.")
  private long tokens;

  @Option(names = "--batch", defaultValue = "16", description = "Windows a step.")
  private int batch;

  @Option(names = "--learning-rate", defaultValue = "2e-3", description = "Peak learning rate.")
  private double learningRate;

  @Option(names = "--seed", defaultValue = "1", description = "Of weights and windows.")
  private long seed;

  @Option(names = "--threads", defaultValue = "2", description = "Threads an operation.")
  private int threads;

  @Option(names = "--save-minutes", defaultValue = "5", description = "Minutes between saves.")
  private int saveMinutes;

  @Override
  public Integer call() throws IOException {
    TextCorpus corpus = TextCorpus.of(text);
    Path files = Files.createTempDirectory("plaudit-tokenizer");
    Path source = tokenizerDir == null ? files : tokenizerDir;
    if (tokenizerDir == null) {
      err().println("Learning a vocabulary of " + vocabulary + " tokens ...");
      Pretraining.trainTokenizer(corpus, vocabulary, files);
    }
    try (Tokenizer tokenizer = Tokenizer.open(source)) {
      int end =
          tokenizer
              .idOf(END)
              .orElseThrow(
                  () -> InvalidInputException.of("tokenizer", source, "one with the token " + END));
      ModelConfig config =
          ModelConfig.gpt2(layers, heads, width, context, tokenizer.vocabSize()).withEnds(end, end);
      err().println("Encoding ...");
      Pretraining.Split split = Pretraining.encode(corpus, tokenizer, end);
      err()
          .printf(
              Locale.ROOT,
              "%,d tokens to train on, %,d held out; %,d parameters%n",
              split.training().length(),
              split.heldOut().length(),
              config.parameters());
      train(config, split, source);
    }
    return 0;
  }

  private void train(ModelConfig config, Pretraining.Split split, Path tokenizer) {
    LanguageSettings settings = new LanguageSettings(tokens, batch, context, learningRate, seed);
    try (TrainedNet net = Pretraining.start(config, seed, new Compute("cpu", threads))) {
      LanguageTrainer trainer = new LanguageTrainer(net, settings);
      long start = System.nanoTime();
      long[] shown = {start, start};
      double[] mean = {Double.NaN};
      trainer.train(
          split.training(),
          (step, loss) -> {
            mean[0] = Double.isNaN(mean[0]) ? loss : 0.98 * mean[0] + 0.02 * loss;
            long now = System.nanoTime();
            if (now - shown[0] > TimeUnit.SECONDS.toNanos(15)) {
              shown[0] = now;
              progress(step, settings.steps(), mean[0], (now - start) / 1e9);
            }
            if (now - shown[1] > TimeUnit.MINUTES.toNanos(saveMinutes)) {
              shown[1] = now;
              save(net, tokenizer);
              err()
                  .printf(
                      Locale.ROOT,
                      "held out: %.4f nats a token%n",
                      trainer.evaluate(split.heldOut(), 400));
            }
            return true;
          });
      save(net, tokenizer);
      double nats = trainer.evaluate(split.heldOut(), Integer.MAX_VALUE);
      err().printf(Locale.ROOT, "held out: %.4f nats a token%n", nats);
      say("%s  held-out nats/token %.4f", out, nats);
    }
  }

  private void progress(long step, long steps, double loss, double seconds) {
    double rate = (double) step * batch * context / seconds;
    err()
        .printf(
            Locale.ROOT,
            "step %,d/%,d  loss %.3f  %,.0f tokens/s  ETA %.0f min%n",
            step,
            steps,
            loss,
            rate,
            (double) (steps - step) * batch * context / rate / 60);
  }

  private void save(TrainedNet net, Path tokenizer) {
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
        tokenizer);
  }
}

package plaudit.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.input.InvalidInputException;
import plaudit.lab.language.PretrainJob;
import plaudit.language.RandomWindows;
import plaudit.model.Compute;
import plaudit.model.Family;
import plaudit.model.Precision;

/** {@code pretrain}: a language model from nothing but text. */
@Command(
    name = "pretrain",
    description = "Train a tokenizer and a language model from scratch on plain text.",
    footer = {
      "",
      "The model directory (Hugging Face layout) is written every few minutes and at the end, and",
      "beside it DIR.training: the same command goes on from there after an interrupt. A hundredth",
      "of the text is held out to measure on, and written to DIR.training/heldout.txt."
    })
public final class PretrainVerb extends Verb {

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

  @Option(
      names = "--layout",
      paramLabel = "FAMILY",
      defaultValue = "gpt2",
      description = "Family of the model, as config.json has it: gpt2 (default), llama, qwen3 ...")
  private String layout;

  @Option(names = "--layers", defaultValue = "4", description = "Transformer layers.")
  private int layers;

  @Option(names = "--heads", defaultValue = "4", description = "Attention heads a layer.")
  private int heads;

  @Option(
      names = "--key-heads",
      paramLabel = "N",
      description = "Heads of keys and values, which query heads share (default: as --heads).")
  private @Nullable Integer keyHeads;

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

  @Option(
      names = "--precision",
      defaultValue = "auto",
      description = "Of products with weights: exact, fp32, bf16 or auto (default).")
  private String precision;

  @Option(names = "--save-minutes", defaultValue = "5", description = "Minutes between saves.")
  private int saveMinutes;

  @Override
  public Integer call() throws IOException {
    Family family =
        Family.named(layout)
            .orElseThrow(() -> InvalidInputException.of("--layout", layout, Family.allNames()));
    int keys = keyHeads == null ? heads : keyHeads;
    PretrainJob job =
        new PretrainJob(
            text,
            out,
            Optional.ofNullable(tokenizerDir),
            vocabulary,
            new PretrainJob.Architecture(family, layers, heads, keys, width, context),
            new RandomWindows.Settings(tokens, batch, context, learningRate, seed),
            Compute.cpu(threads).with(Precision.of("--precision", precision)),
            Duration.ofMinutes(saveMinutes));
    OptionalDouble nats = job.run(err());
    nats.ifPresent(measured -> say("%s  held-out nats/token %.4f", out, measured));
    return nats.isPresent() ? 0 : 1;
  }
}

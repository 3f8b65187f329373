package plaudit.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import plaudit.data.Example;
import plaudit.data.PromptFile;
import plaudit.eval.Passage;
import plaudit.eval.Writer;
import plaudit.eval.texts.QueryResponse;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.Tokenizer;
import plaudit.node.config.Rendered;
import plaudit.node.run.ProgressLine;

/** How a model answers prompts when it is measured. */
final class WritingOptions {

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "24",
      description = "Tokens a model writes (default: ${DEFAULT-VALUE}).")
  private int maxNewTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0.7",
      description = "Divides a model's logits; 0 is greedy (default: ${DEFAULT-VALUE}).")
  private float temperature;

  @Option(
      names = "--query-tokens",
      paramLabel = "N",
      defaultValue = "64",
      description = "Longer prompts are cut to so many tokens (default: ${DEFAULT-VALUE}).")
  private int queryTokens;

  @Option(
      names = "--template",
      paramLabel = "TEXT",
      defaultValue = "{}",
      description = "Text around a prompt, which stands where {} is (default: the prompt alone).")
  private String template;

  @Option(
      names = "--end",
      paramLabel = "TOKEN",
      description = "Cut a response after this token (default: keep all tokens).")
  private Optional<String> end;

  @Option(
      names = "--end-after",
      paramLabel = "N",
      defaultValue = "0",
      description = "First index, from 0, at which --end may cut (default: ${DEFAULT-VALUE}).")
  private int endAfter;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Take only the first N prompts (default: all).")
  private Optional<Integer> limit;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Of everything random (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "Threads of one operation (default: ${DEFAULT-VALUE}).")
  private int threads;

  Writer.Settings writing() {
    return new Writer.Settings(
        queryTokens, template, maxNewTokens, temperature, end, endAfter, seed);
  }

  /** The prompts of {@code file} that are asked for, conversations as {@code model} reads them. */
  List<String> prompts(Path file, Path model) {
    List<Example> all = PromptFile.read(file);
    int most = limit.orElse(all.size());
    if (most < 1) {
      throw InvalidInputException.of("--limit", most, ">= 1");
    }
    List<Example> some = all.subList(0, Math.min(most, all.size()));
    if (some.stream().anyMatch(prompt -> prompt.conversation().isPresent())) {
      try (Tokenizer tokenizer = Tokenizer.open(model)) {
        some = Rendered.prompts(some, tokenizer);
      }
    }
    return some.stream().map(Example::text).toList();
  }

  /**
   * Texts to measure: of a model that answers prompts now, or read from a file.
   *
   * @param source a model directory, or a {@code .jsonl} file with queries and responses
   * @param prompts what a model answers
   * @param draws answers of a model to each
   * @param verb on whose terminal the progress of writing is shown
   * @return query after query, each with its responses
   */
  List<List<Passage>> texts(Path source, @Nullable Path prompts, int draws, Verb verb) {
    if (!Files.isDirectory(source)) {
      return QueryResponse.read(source).stream().map(Passage::of).map(List::of).toList();
    }
    if (prompts == null) {
      throw InvalidInputException.of("--prompts", "not given", "prompts for the model " + source);
    }
    List<String> all = prompts(prompts, source);
    try (Writer writer = Writer.open(source, writing(), compute());
        ProgressLine line = verb.progressLine()) {
      long count = (long) all.size() * draws;
      return writer.write(
          all, draws, Verb.counting(line, source + " writes", count, "texts")::accept);
    }
  }

  long seed() {
    return seed;
  }

  Compute compute() {
    return Compute.cpu(threads);
  }
}

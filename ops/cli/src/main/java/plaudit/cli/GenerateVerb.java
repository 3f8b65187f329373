package plaudit.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.ModelDirectory;
import plaudit.model.ReferenceModel;
import plaudit.model.Tokenizer;
import plaudit.model.TorchNet;
import plaudit.sampling.Generation;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

/** {@code generate}: how a model goes on. */
@Command(name = "generate", description = "Continue a prompt with a model.")
public final class GenerateVerb extends Verb {

  @Option(names = "--model", required = true, paramLabel = "DIR", description = "The model.")
  private Path model;

  @Option(names = "--prompt", required = true, paramLabel = "TEXT", description = "The prompt.")
  private String prompt;

  @Option(names = "--greedy", description = "Always take the likeliest token.")
  private boolean greedy;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "24",
      description = "Tokens to write (default: ${DEFAULT-VALUE}).")
  private int maxNewTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "1.0",
      description = "Divides the logits (default: ${DEFAULT-VALUE}).")
  private float temperature;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Of the sampling (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "Threads of one operation (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(names = "--json", description = "Print text, tokens and logprobs as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (maxNewTokens < 1) {
      throw InvalidInputException.of("--max-new-tokens", maxNewTokens, ">= 1");
    }
    if (!greedy && !(temperature > 0 && Float.isFinite(temperature))) {
      throw InvalidInputException.of("--temperature", temperature, "> 0, or --greedy");
    }
    ModelDirectory directory = ModelDirectory.open(model);
    try (Tokenizer tokenizer = directory.openTokenizer()) {
      Tokens query = tokenizer.encode(prompt);
      if (query.length() == 0) {
        throw InvalidInputException.of("--prompt", "'" + prompt + "'", "text with a token");
      }
      int context = directory.config().context();
      if (query.length() + maxNewTokens > context) {
        throw InvalidInputException.of(
            "prompt and new tokens",
            query.length() + " + " + maxNewTokens,
            "at most the model's context of " + context);
      }
      print(tokenizer, write(directory, query));
    }
    return 0;
  }

  private Rollout write(ModelDirectory directory, Tokens query) {
    Task task =
        new Task(
            Tokens.of(),
            Tokens.of(),
            maxNewTokens,
            greedy ? 0 : temperature,
            new TruncationRule(OptionalInt.empty(), 0, 0),
            true);
    try (TorchNet net = new ReferenceModel(directory).net(Compute.cpu(threads))) {
      return new Generation(task, seed).rollouts(net, 0, List.of(new Prompt(0, query)), 1).get(0);
    }
  }

  private void print(Tokenizer tokenizer, Rollout rollout) {
    String text = tokenizer.decode(rollout.response());
    if (!json) {
      out().println(text);
      return;
    }
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("text", text);
    object.put("tokens", rollout.response().toArray());
    object.put("logprobs", rollout.logprobs().toArray());
    printJson(object);
  }
}

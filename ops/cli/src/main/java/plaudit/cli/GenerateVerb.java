package plaudit.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.chat.Conversation;
import plaudit.data.Example;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.model.Compute;
import plaudit.model.ModelDirectory;
import plaudit.model.ReferenceModel;
import plaudit.model.Tokenizer;
import plaudit.model.TorchNet;
import plaudit.node.config.Rendered;
import plaudit.sampling.Generation;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

/** {@code generate}: how a model goes on. */
@Command(
    name = "generate",
    description = "Continue a prompt or a conversation with a model, up to one of its end tokens.")
public final class GenerateVerb extends Verb {

  @Option(names = "--model", required = true, paramLabel = "DIR", description = "The model.")
  private Path model;

  @ArgGroup(multiplicity = "1")
  private Asked asked;

  /** What the model is to go on from. */
  private static final class Asked {
    @Option(names = "--prompt", paramLabel = "TEXT", description = "The prompt.")
    private @Nullable String prompt;

    @Option(
        names = "--messages",
        paramLabel = "FILE",
        description =
            "A conversation for the model's chat template to make a prompt of: a JSON list of"
                + " {\"role\": ..., \"content\": ...}, or an object with it under messages.")
    private @Nullable Path messages;
  }

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
      String prompt = prompt(tokenizer);
      Tokens query = tokenizer.encode(prompt);
      if (query.length() == 0) {
        throw InvalidInputException.of("--prompt", "'" + prompt + "'", "text with a token");
      }
      if (asked.prompt != null && prompt.endsWith(" ")) {
        err().println("--prompt ends with a blank, which most models spell with the next word.");
      }
      int context = directory.config().context();
      if (query.length() + maxNewTokens > context) {
        throw InvalidInputException.of(
            "prompt and new tokens",
            query.length() + " + " + maxNewTokens,
            "at most the model's context of " + context);
      }
      Task task = task(directory);
      print(tokenizer, task, write(directory, task, query));
    }
    return 0;
  }

  private String prompt(Tokenizer tokenizer) {
    Path file = asked.messages;
    if (file == null) {
      return Objects.requireNonNull(asked.prompt, "one of the two is there");
    }
    JsonNode json = JsonFiles.parseLine(JsonFiles.readString(file), file.toString());
    Conversation conversation =
        Conversation.of(json.isObject() ? json.path("messages") : json)
            .orElseThrow(
                () ->
                    InvalidInputException.of(
                        "--messages", file, "a JSON list of {\"role\": ..., \"content\": ...}"));
    List<Example> one = List.of(Example.of(conversation, List.of()));
    return Rendered.prompts(one, tokenizer).get(0).text();
  }

  private Task task(ModelDirectory directory) {
    List<Integer> ends = directory.config().tokens().ends();
    return new Task(
        Tokens.of(),
        Tokens.of(),
        maxNewTokens,
        greedy ? 0 : temperature,
        new TruncationRule(ends, 0, 0, !ends.isEmpty()),
        false);
  }

  private Rollout write(ModelDirectory directory, Task task, Tokens query) {
    try (TorchNet net = new ReferenceModel(directory).net(Compute.cpu(threads))) {
      return new Generation(task, seed).rollouts(net, 0, List.of(new Prompt(0, query)), 1).get(0);
    }
  }

  private void print(Tokenizer tokenizer, Task task, Rollout rollout) {
    String text = tokenizer.decode(task.shown(rollout.response()));
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

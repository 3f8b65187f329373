package plaudit.ops.loop;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import plaudit.experience.Tokens;
import plaudit.input.InvalidInputException;
import plaudit.model.ModelDirectory;
import plaudit.model.PromptSet;
import plaudit.model.Query;
import plaudit.model.QueryBuilder;
import plaudit.model.QueryRules;
import plaudit.model.QueryRules.TooLong;
import plaudit.model.ReferenceModel;
import plaudit.model.Tokenizer;
import plaudit.ops.config.TaskSettings;
import plaudit.sampling.Task;
import plaudit.sampling.TruncationRule;

/**
 * What a user brings to a run, read and checked before anything starts: the model, its tokenizer,
 * the task and the prompts.
 *
 * @param prompts queries to train on, unpadded and without prefix and suffix
 * @param heldOut queries to measure on, never trained on
 */
public record RunInputs(
    ReferenceModel reference,
    Tokenizer tokenizer,
    Task task,
    List<Tokens> prompts,
    List<Tokens> heldOut)
    implements AutoCloseable {

  /** Without a held-out file, one prompt in so many is held out. */
  private static final int HELD_OUT_EVERY = 6;

  /** Reads what {@code plaudit.run.model}, {@code plaudit.run.data} and the task name. */
  public static RunInputs read(Config config) {
    Path model = path(config, "plaudit.run.model");
    Path data = path(config, "plaudit.run.data");
    ModelDirectory directory = ModelDirectory.open(model);
    Tokenizer tokenizer = Tokenizer.open(model);
    try {
      tokenizer.checkAgainst(directory.config());
      return read(TaskSettings.from(config), directory, tokenizer, data);
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  private static RunInputs read(
      TaskSettings settings, ModelDirectory directory, Tokenizer tokenizer, Path data) {
    QueryRules rules =
        new QueryRules(
            settings.prefix(),
            settings.suffix(),
            settings.queryLength(),
            TooLong.CUT_END,
            id(tokenizer, settings.startText(), "start-text"),
            id(tokenizer, settings.endText(), "end-text"));
    QueryBuilder builder =
        new QueryBuilder(tokenizer, rules, settings.responseLength(), directory.config().context());
    PromptSet texts = PromptSet.read(data);
    List<Query> training = new ArrayList<>(builder.buildAll(texts.training()).queries());
    List<Query> heldOut = new ArrayList<>();
    if (texts.heldOut().isEmpty()) {
      for (int i = training.size() - 1; i >= 0; i -= HELD_OUT_EVERY) {
        heldOut.add(training.remove(i));
      }
    } else {
      heldOut.addAll(builder.buildAll(texts.heldOut()).queries());
    }
    if (training.isEmpty() || heldOut.isEmpty()) {
      throw InvalidInputException.of(
          "prompts of " + data,
          training.size() + heldOut.size(),
          "at least 2, so that one can be held out");
    }
    Query any = training.get(0);
    return new RunInputs(
        new ReferenceModel(directory),
        tokenizer,
        task(settings, tokenizer, directory.config().endToken(), any),
        training.stream().map(Query::body).toList(),
        heldOut.stream().map(Query::body).toList());
  }

  private static Task task(
      TaskSettings settings, Tokenizer tokenizer, OptionalInt endOfText, Query any) {
    boolean marker =
        settings.endOfText()
            || settings
                .truncateToken()
                .filter(text -> settings.prefix().contains(text))
                .isPresent();
    return new Task(
        any.prefix(),
        any.suffix(),
        settings.responseLength(),
        settings.temperature(),
        settings.endOfText()
            ? stopsAt(endOfText, settings.penalty())
            : new TruncationRule(
                id(tokenizer, settings.truncateToken(), "truncate-token"),
                settings.truncateAfter(),
                settings.penalty()),
        !marker);
  }

  private static TruncationRule stopsAt(OptionalInt endOfText, float penalty) {
    if (endOfText.isEmpty()) {
      throw InvalidInputException.of(
          "plaudit.task.end-of-text", "on", "off: the model's config.json has no eos_token_id");
    }
    return new TruncationRule(endOfText, 0, penalty, true);
  }

  private static OptionalInt id(Tokenizer tokenizer, java.util.Optional<String> text, String key) {
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(
        tokenizer
            .idOf(text.get())
            .orElseThrow(
                () ->
                    InvalidInputException.of(
                        "plaudit.task." + key,
                        text.get(),
                        "a text that is one token of the model's vocabulary, or empty")));
  }

  private static Path path(Config config, String key) {
    String text = config.getString(key);
    if (text.isEmpty()) {
      throw InvalidInputException.of(key, "not set", "a path");
    }
    return Path.of(text);
  }

  /** Tokens as people read them. */
  public String text(Tokens tokens) {
    return tokenizer.decode(tokens).strip();
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}

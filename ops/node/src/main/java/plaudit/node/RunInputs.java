package plaudit.node;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.StringJoiner;
import java.util.TreeMap;
import plaudit.data.Example;
import plaudit.input.InvalidInputException;
import plaudit.model.ModelDirectory;
import plaudit.model.ReferenceModel;
import plaudit.model.Tokenizer;
import plaudit.node.config.DataSettings;
import plaudit.node.config.TaskSettings;
import plaudit.node.config.TaskTokens;
import plaudit.task.Query;
import plaudit.task.QueryBuilder;
import plaudit.task.QueryOutcome.Reason;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

/**
 * What a user brings to a run, read and checked before anything starts: the model, its tokenizer,
 * the task and the prompts.
 *
 * @param prompts queries to train on, unpadded and without prefix and suffix
 * @param heldOut queries to measure on, never trained on
 * @param origin the form of the data, and what was left out of it
 */
public record RunInputs(
    ReferenceModel reference,
    Tokenizer tokenizer,
    Task task,
    List<Tokens> prompts,
    List<Tokens> heldOut,
    String origin)
    implements AutoCloseable {

  /** Reads what {@code plaudit.run.model}, {@code plaudit.run.data} and the task name. */
  public static RunInputs read(Config config) {
    Path model = path(config, "plaudit.run.model");
    DataSettings data = DataSettings.from(config);
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

  /**
   * The same without prompts, which only the learner's node deals: {@code run.data} is not read.
   */
  public static RunInputs withoutPrompts(Config config) {
    Path model = path(config, "plaudit.run.model");
    ModelDirectory directory = ModelDirectory.open(model);
    Tokenizer tokenizer = Tokenizer.open(model);
    try {
      tokenizer.checkAgainst(directory.config());
      TaskSettings settings = TaskSettings.from(config);
      QueryBuilder builder = TaskTokens.queries(settings, tokenizer, directory.config().context());
      return new RunInputs(
          new ReferenceModel(directory),
          tokenizer,
          task(settings, tokenizer, directory.config().endToken(), builder.frame()),
          List.of(),
          List.of(),
          "none");
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  private static RunInputs read(
      TaskSettings settings, ModelDirectory directory, Tokenizer tokenizer, DataSettings data) {
    QueryBuilder builder = TaskTokens.queries(settings, tokenizer, directory.config().context());
    DataSettings.Texts texts = data.read();
    QueryBuilder.Batch training = builder.buildAll(plain(texts.training()));
    QueryBuilder.Batch heldOut = builder.buildAll(plain(texts.heldOut()));
    Query any = training.queries().get(0);
    return new RunInputs(
        new ReferenceModel(directory),
        tokenizer,
        task(settings, tokenizer, directory.config().endToken(), any),
        training.queries().stream().map(Query::body).toList(),
        heldOut.queries().stream().map(Query::body).toList(),
        origin(texts, training));
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
                TaskTokens.id(tokenizer, settings.truncateToken(), "truncate-token"),
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

  private static List<String> plain(List<Example> examples) {
    return examples.stream().map(Example::text).toList();
  }

  /** Such as {@code books, 12 of 480 texts left out (NO_END_TOKEN 12)}. */
  private static String origin(DataSettings.Texts texts, QueryBuilder.Batch training) {
    if (training.skipped().isEmpty()) {
      return texts.format().toString();
    }
    StringJoiner reasons = new StringJoiner(", ", " (", ")");
    int skipped = 0;
    for (Map.Entry<Reason, Integer> entry : new TreeMap<>(training.skipped()).entrySet()) {
      reasons.add(
          entry.getKey().name().toLowerCase(Locale.ROOT).replace('_', ' ')
              + " "
              + entry.getValue());
      skipped += entry.getValue();
    }
    return "%s, %d of %d texts left out%s"
        .formatted(texts.format(), skipped, texts.training().size(), reasons);
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

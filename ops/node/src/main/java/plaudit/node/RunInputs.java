package plaudit.node;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import plaudit.chat.ChatTemplate;
import plaudit.chat.TurnReader;
import plaudit.data.Example;
import plaudit.files.Sha256;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.ModelDirectory;
import plaudit.model.ReferenceModel;
import plaudit.model.Tokenizer;
import plaudit.node.config.DataSettings;
import plaudit.node.config.Rendered;
import plaudit.node.config.TaskSettings;
import plaudit.node.config.TaskTokens;
import plaudit.rewards.KnownAnswers;
import plaudit.rewards.RewardSources;
import plaudit.rewards.SourceMonitor;
import plaudit.rewards.SourceSettings;
import plaudit.task.Query;
import plaudit.task.QueryBuilder;
import plaudit.task.QueryOutcome;
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
 * @param answers that the data has for the prompts, if scores depend on them
 */
public record RunInputs(
    ReferenceModel reference,
    Tokenizer tokenizer,
    Task task,
    List<Tokens> prompts,
    List<Tokens> heldOut,
    String origin,
    KnownAnswers answers)
    implements AutoCloseable {

  /** Reads what {@code plaudit.run.model}, {@code plaudit.run.data} and the task name. */
  public static RunInputs read(Config config) {
    Path model = model(config);
    DataSettings data = DataSettings.from(config);
    ModelDirectory directory = ModelDirectory.open(model);
    Tokenizer tokenizer = Tokenizer.open(model);
    try {
      tokenizer.checkAgainst(directory.config());
      boolean answers = SourceSettings.from(config).readsAnswers();
      return read(TaskSettings.from(config), directory, tokenizer, data, answers);
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /**
   * The same without prompts, which only the learner's node deals: {@code run.data} is not read.
   */
  public static RunInputs withoutPrompts(Config config) {
    Path model = model(config);
    ModelDirectory directory = ModelDirectory.open(model);
    Tokenizer tokenizer = Tokenizer.open(model);
    try {
      tokenizer.checkAgainst(directory.config());
      TaskSettings settings = TaskSettings.from(config);
      QueryBuilder builder = TaskTokens.queries(settings, tokenizer, directory.config().context());
      return new RunInputs(
          new ReferenceModel(directory),
          tokenizer,
          task(settings, tokenizer, directory.config().tokens().ends(), builder.frame()),
          List.of(),
          List.of(),
          "none",
          KnownAnswers.NONE);
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  private static RunInputs read(
      TaskSettings settings,
      ModelDirectory directory,
      Tokenizer tokenizer,
      DataSettings data,
      boolean answers) {
    QueryBuilder builder = TaskTokens.queries(settings, tokenizer, directory.config().context());
    DataSettings.Texts texts = data.read();
    List<Example> learned = Rendered.prompts(texts.training(), tokenizer);
    QueryBuilder.Batch training =
        QueryBuilder.batch(learned.stream().map(it -> query(builder, it)).toList());
    List<Example> measured = Rendered.prompts(texts.heldOut(), tokenizer);
    QueryBuilder.Batch heldOut =
        QueryBuilder.batch(measured.stream().map(it -> query(builder, it)).toList());
    Query any = training.queries().get(0);
    return new RunInputs(
        new ReferenceModel(directory),
        tokenizer,
        task(settings, tokenizer, directory.config().tokens().ends(), any),
        training.queries().stream().map(Query::body).toList(),
        heldOut.queries().stream().map(Query::body).toList(),
        origin(texts, training),
        answers
            ? answers(Stream.concat(learned.stream(), measured.stream()).toList(), builder)
            : KnownAnswers.NONE);
  }

  private static KnownAnswers answers(List<Example> examples, QueryBuilder builder) {
    Map<Tokens, List<String>> answers = new HashMap<>();
    for (Example example : examples) {
      if (!example.references().isEmpty() && query(builder, example) instanceof Query query) {
        answers.merge(
            query.body(),
            example.references(),
            (before, more) -> Stream.concat(before.stream(), more.stream()).toList());
      }
    }
    return new KnownAnswers(answers);
  }

  private static Task task(
      TaskSettings settings, Tokenizer tokenizer, List<Integer> endOfText, Query any) {
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

  private static TruncationRule stopsAt(List<Integer> endOfText, float penalty) {
    if (endOfText.isEmpty()) {
      throw InvalidInputException.of(
          "plaudit.task.end-of-text", "on", "off: the model's config.json has no eos_token_id");
    }
    return new TruncationRule(endOfText, 0, penalty, true);
  }

  /** A conversation is never cut: what is left of it would be no conversation. */
  private static QueryOutcome query(QueryBuilder builder, Example example) {
    return example.conversation().isPresent()
        ? builder.whole(example.text())
        : builder.build(example.text());
  }

  /** Such as {@code books, 12 of 480 texts left out (no end token 12)}. */
  private static String origin(DataSettings.Texts texts, QueryBuilder.Batch training) {
    if (training.skipped().isEmpty()) {
      return texts.format() + texts.duplicates();
    }
    int skipped = training.skipped().values().stream().mapToInt(Integer::intValue).sum();
    return "%s, %d of %d texts left out (%s)%s"
        .formatted(
            texts.format(),
            skipped,
            texts.training().size(),
            training.reasons(),
            texts.duplicates());
  }

  /** Where the model is. */
  static Path model(Config config) {
    return path(config, "plaudit.run.model");
  }

  private static Path path(Config config, String key) {
    String text = config.getString(key);
    if (text.isEmpty()) {
      throw InvalidInputException.of(key, "not set", "a path");
    }
    return Path.of(text);
  }

  /** What nodes must have alike of their models, by name; see {@link #modelDigests(Path)}. */
  public Map<String, String> modelDigests() {
    return modelDigests(reference.directory().path());
  }

  /**
   * Digests of the model in {@code dir}: of its weights, its configuration and its tokenizer.
   *
   * @throws InvalidInputException if there is no model
   */
  public static Map<String, String> modelDigests(Path dir) {
    return ModelDirectory.open(dir).digests().entrySet().stream()
        .collect(Collectors.toMap(it -> "plaudit.run.model: " + it.getKey(), Map.Entry::getValue));
  }

  /** Digests of all that a run is begun with: of the model, and of the prompts in their order. */
  public Map<String, String> digests() {
    Map<String, String> digests = new TreeMap<>(modelDigests());
    digests.put("plaudit.run.data: prompts", Sha256.of(prompts.toString()).substring(0, 16));
    digests.put("plaudit.run.data: held out", Sha256.of(heldOut.toString()).substring(0, 16));
    return digests;
  }

  /** What makes sources of rewards for this task. */
  RewardSources sources(Compute compute, SourceMonitor monitor) {
    return new RewardSources(
        task, compute, () -> reference.directory().digests().get("tokenizer"), answers, monitor);
  }

  /** What reads the turns of a conversation back from its text, if the model has a template. */
  Optional<TurnReader> turnReader() {
    return turnReader(reference.directory().path());
  }

  /** The same for the model in {@code dir}. */
  static Optional<TurnReader> turnReader(Path dir) {
    return ChatTemplate.ifAny(dir).map(TurnReader::of);
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

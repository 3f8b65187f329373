package plaudit.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntConsumer;
import plaudit.eval.texts.QueryResponse;
import plaudit.experience.Prompt;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.ModelDirectory;
import plaudit.model.ReferenceModel;
import plaudit.model.Tokenizer;
import plaudit.model.TorchNet;
import plaudit.task.Query;
import plaudit.task.QueryBuilder;
import plaudit.task.QueryRules;
import plaudit.task.QueryRules.TooLong;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

/**
 * A model that answers prompts. The same seed gives two models the same randomness, so that what
 * differs is the models.
 */
public final class Writer implements AutoCloseable {

  /** Apart from the ids of a run's held-out prompts. */
  private static final long FIRST_ID = 2 * HeldOut.FIRST_ID;

  private final Tokenizer tokenizer;
  private final TorchNet net;
  private final QueryBuilder queries;
  private final Settings settings;

  private Writer(Tokenizer tokenizer, TorchNet net, QueryBuilder queries, Settings settings) {
    this.tokenizer = tokenizer;
    this.net = net;
    this.queries = queries;
    this.settings = settings;
  }

  /** Opens a model directory. */
  public static Writer open(Path model, Settings settings, Compute compute) {
    ModelDirectory directory = ModelDirectory.open(model);
    Tokenizer tokenizer = directory.openTokenizer();
    try {
      QueryRules rules =
          QueryRules.plain()
              .withTemplate(settings.template())
              .withMaxLength(settings.queryTokens(), TooLong.CUT_END);
      QueryBuilder queries =
          new QueryBuilder(
              tokenizer, rules, settings.responseTokens(), directory.config().context());
      return new Writer(tokenizer, new ReferenceModel(directory).net(compute), queries, settings);
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /**
   * Writes {@code draws} answers to each prompt.
   *
   * @param done told after each step how many answers are written
   * @return prompt after prompt, each with its answers
   */
  public List<List<Passage>> write(List<String> prompts, int draws, IntConsumer done) {
    List<Query> built = queries.buildAll(prompts).queries();
    if (built.size() < prompts.size()) {
      throw InvalidInputException.of(
          "prompts", prompts.size() - built.size() + " without a token", "a text in each");
    }
    List<Prompt> given = HeldOut.prompts(FIRST_ID, built.stream().map(Query::body).toList());
    List<HeldOut.Response> responses =
        new HeldOut(task(built.get(0)), given, settings.seed()).write(net, draws, done);
    List<List<Passage>> passages = new ArrayList<>();
    for (int from = 0; from < responses.size(); from += draws) {
      passages.add(responses.subList(from, from + draws).stream().map(this::passage).toList());
    }
    return passages;
  }

  private Passage passage(HeldOut.Response response) {
    Tokens query = response.rollout().query();
    Tokens kept = response.cut().kept();
    return new Passage(
        new QueryResponse(tokenizer.decode(query), tokenizer.decode(kept)),
        Optional.of(new Passage.Written(query, kept)));
  }

  private Task task(Query any) {
    return new Task(
        any.prefix(),
        any.suffix(),
        settings.responseTokens(),
        settings.temperature(),
        new TruncationRule(end(), settings.endAfter(), 0),
        true);
  }

  private OptionalInt end() {
    if (settings.end().isEmpty()) {
      return OptionalInt.empty();
    }
    String text = settings.end().get();
    return OptionalInt.of(
        tokenizer
            .idOf(text)
            .orElseThrow(
                () ->
                    InvalidInputException.of(
                        "--end", text, "a text that is one token of the model's vocabulary")));
  }

  @Override
  public void close() {
    net.close();
    tokenizer.close();
  }

  /**
   * How a model answers when it is measured; to compare with a run, what its task says.
   *
   * @param queryTokens longer prompts are cut to so many tokens
   * @param template text around a prompt, which stands where {@code {}} is
   * @param responseTokens tokens written
   * @param temperature divides the logits, 0 takes the likeliest token
   * @param end the token that ends a response; empty writes all tokens
   * @param endAfter the first index, from 0, at which it may
   * @param seed of the sampling
   */
  public record Settings(
      int queryTokens,
      String template,
      int responseTokens,
      float temperature,
      Optional<String> end,
      int endAfter,
      long seed) {

    public Settings {
      atLeast("--query-tokens", queryTokens, 1);
      atLeast("--max-new-tokens", responseTokens, 1);
      atLeast("--end-after", endAfter, 0);
      if (!(temperature >= 0 && Float.isFinite(temperature))) {
        throw InvalidInputException.of("--temperature", temperature, ">= 0");
      }
    }

    private static void atLeast(String option, int value, int least) {
      if (value < least) {
        throw InvalidInputException.of(option, value, ">= " + least);
      }
    }
  }
}

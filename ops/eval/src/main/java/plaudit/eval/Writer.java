package plaudit.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntConsumer;
import plaudit.eval.texts.QueryResponse;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.ModelDirectory;
import plaudit.model.ReferenceModel;
import plaudit.model.Tokenizer;
import plaudit.model.TorchNet;
import plaudit.sampling.Generation;
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

  /** Prompt ids far away from those of training, for randomness of their own. */
  private static final long FIRST_ID = 1L << 51;

  private static final long IDS_A_CHUNK = 1L << 32;
  private static final int ROWS_AT_ONCE = 64;

  private final Tokenizer tokenizer;
  private final TorchNet net;
  private final QueryBuilder queries;
  private final Writing writing;

  private Writer(Tokenizer tokenizer, TorchNet net, QueryBuilder queries, Writing writing) {
    this.tokenizer = tokenizer;
    this.net = net;
    this.queries = queries;
    this.writing = writing;
  }

  /** Opens a model directory. */
  public static Writer open(Path model, Writing writing, Compute compute) {
    ModelDirectory directory = ModelDirectory.open(model);
    Tokenizer tokenizer = directory.openTokenizer();
    try {
      QueryRules rules =
          QueryRules.plain()
              .withTemplate(writing.template())
              .withMaxLength(writing.queryTokens(), TooLong.CUT_END);
      QueryBuilder queries =
          new QueryBuilder(
              tokenizer, rules, writing.responseTokens(), directory.config().context());
      return new Writer(tokenizer, new ReferenceModel(directory).net(compute), queries, writing);
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
    List<List<Passage>> passages = new ArrayList<>();
    int promptsAtOnce = Math.max(1, ROWS_AT_ONCE / draws);
    for (int from = 0; from < built.size(); from += promptsAtOnce) {
      List<Query> part = built.subList(from, Math.min(from + promptsAtOnce, built.size()));
      passages.addAll(write(part, from, draws));
      done.accept(passages.size() * draws);
    }
    return passages;
  }

  /** Some prompts, or one prompt in several goes when many answers are wanted. */
  private List<List<Passage>> write(List<Query> part, int firstPrompt, int draws) {
    Generation generation = new Generation(task(part.get(0)), writing.seed());
    List<List<Passage>> passages = new ArrayList<>();
    part.forEach(query -> passages.add(new ArrayList<>()));
    int chunk = 0;
    for (int drawn = 0; drawn < draws; drawn += ROWS_AT_ONCE) {
      List<Prompt> prompts = new ArrayList<>();
      for (int i = 0; i < part.size(); i++) {
        prompts.add(
            new Prompt(FIRST_ID + chunk * IDS_A_CHUNK + firstPrompt + i, part.get(i).body()));
      }
      int now = Math.min(ROWS_AT_ONCE, draws - drawn);
      List<Rollout> rollouts = generation.rollouts(net, 0, prompts, now);
      for (int row = 0; row < rollouts.size(); row++) {
        passages.get(row / now).add(passage(generation.task(), rollouts.get(row)));
      }
      chunk++;
    }
    return passages;
  }

  private Passage passage(Task task, Rollout rollout) {
    Tokens kept = task.truncation().truncate(rollout.response()).kept();
    return new Passage(
        new QueryResponse(tokenizer.decode(rollout.query()), tokenizer.decode(kept)),
        Optional.of(new Passage.Written(rollout.query(), kept)));
  }

  private Task task(Query any) {
    return new Task(
        any.prefix(),
        any.suffix(),
        writing.responseTokens(),
        writing.temperature(),
        new TruncationRule(end(), writing.endAfter(), 0),
        true);
  }

  private OptionalInt end() {
    if (writing.end().isEmpty()) {
      return OptionalInt.empty();
    }
    String text = writing.end().get();
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
}

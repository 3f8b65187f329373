package plaudit.lab.language;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import plaudit.data.DataFormat;
import plaudit.data.Example;
import plaudit.language.Demonstration;
import plaudit.model.Tokenizer;
import plaudit.node.config.TaskSettings;
import plaudit.node.config.TaskTokens;
import plaudit.task.Query;
import plaudit.task.QueryBuilder;
import plaudit.task.QueryOutcome;
import plaudit.task.QueryRules;
import plaudit.task.QueryRules.TooLong;
import plaudit.tokens.Tokens;

/**
 * Makes demonstrations of texts and what people answered, in the very form the policy will see: the
 * task's query with prefix and suffix, then the answer.
 *
 * <ul>
 *   <li>An answer that begins with a letter, a digit or an opening mark gets a space before it
 *       unless the query ends in white space, since a byte-level vocabulary spells a word together
 *       with that space.
 *   <li>Where the task's responses end at a line break, an answer is one line and gets that end.
 *   <li>An answer is cut to the response length.
 *   <li>Posts and stories become queries by all rules of the task. A query that comes with its
 *       answer (format {@code prompts}) is not trimmed to start and end texts, for the answer
 *       continues it as it is; where nothing stands between the two, it loses its beginning if it
 *       is too long.
 * </ul>
 */
final class Demonstrator {

  private static final String OPENING = "\"'([{<$#@&\u201c\u2018";

  private final Tokenizer tokenizer;
  private final QueryBuilder queries;
  private final String textBefore;
  private final boolean oneLine;
  private final OptionalInt end;
  private final int responseLength;

  Demonstrator(TaskSettings task, DataFormat format, Tokenizer tokenizer, int context) {
    this.tokenizer = tokenizer;
    this.queries =
        format == DataFormat.PROMPTS
            ? asTheyAre(task, tokenizer, context)
            : TaskTokens.queries(task, tokenizer, context);
    this.textBefore = task.suffix();
    this.oneLine = task.truncateToken().filter("\n"::equals).isPresent();
    this.end =
        oneLine
            ? TaskTokens.id(tokenizer, task.truncateToken(), "truncate-token")
            : OptionalInt.empty();
    this.responseLength = task.responseLength();
  }

  private static QueryBuilder asTheyAre(TaskSettings task, Tokenizer tokenizer, int context) {
    QueryRules rules =
        new QueryRules(
            task.prefix(),
            task.suffix(),
            1,
            task.queryLength(),
            task.suffix().isEmpty() ? TooLong.CUT_START : TooLong.CUT_END,
            OptionalInt.empty(),
            OptionalInt.empty());
    return new QueryBuilder(tokenizer, rules, task.responseLength(), context);
  }

  /** The demonstrations of those examples that have an answer and make a query, in order. */
  List<Demonstration> all(List<Example> examples) {
    List<Demonstration> all = new ArrayList<>();
    for (Example example : examples) {
      of(example).ifPresent(all::add);
    }
    return all;
  }

  /**
   * The demonstration of one example; empty without an answer, or if no rule makes a query of it.
   */
  Optional<Demonstration> of(Example example) {
    if (example.reference().isEmpty() || !(queryOf(example) instanceof Query query)) {
      return Optional.empty();
    }
    String before = textBefore.isEmpty() ? example.text() : textBefore;
    Tokens response = response(before, example.reference().get());
    return response.length() == 0
        ? Optional.empty()
        : Optional.of(new Demonstration(query.tokens(), response));
  }

  private QueryOutcome queryOf(Example example) {
    return example.conversation().isPresent()
        ? queries.whole(example.text())
        : queries.build(example.text());
  }

  private Tokens response(String before, String answer) {
    String text = oneLine ? answer.strip().replaceAll("\\s+", " ") : answer.stripTrailing();
    if (text.isBlank()) {
      return Tokens.of();
    }
    Tokens tokens = tokenizer.encode((needsSpace(before, text) ? " " : "") + text);
    if (end.isPresent()) {
      tokens = tokens.concat(Tokens.of(end.getAsInt()));
    }
    return tokens.slice(0, Math.min(tokens.length(), responseLength));
  }

  private static boolean needsSpace(String before, String text) {
    int first = text.codePointAt(0);
    boolean apart = !before.isEmpty() && Character.isWhitespace(before.charAt(before.length() - 1));
    return !apart && (Character.isLetterOrDigit(first) || OPENING.indexOf(first) >= 0);
  }
}

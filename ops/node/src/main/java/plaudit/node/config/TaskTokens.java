package plaudit.node.config;

import java.util.Optional;
import java.util.OptionalInt;
import plaudit.input.InvalidInputException;
import plaudit.model.Tokenizer;
import plaudit.task.QueryBuilder;
import plaudit.task.QueryRules;
import plaudit.task.QueryRules.TooLong;

/** A task in the tokens of a model. */
public final class TaskTokens {

  private TaskTokens() {}

  /**
   * What makes queries of texts.
   *
   * @param context the most tokens the model takes
   */
  public static QueryBuilder queries(TaskSettings task, Tokenizer tokenizer, int context) {
    QueryRules rules =
        new QueryRules(
            task.prefix(),
            task.suffix(),
            task.queryMinLength(),
            task.queryLength(),
            TooLong.CUT_END,
            id(tokenizer, task.startText(), "start-text"),
            id(tokenizer, task.endText(), "end-text"));
    return new QueryBuilder(tokenizer, rules, task.responseLength(), context);
  }

  /**
   * The token that {@code text} is, if it is set.
   *
   * @param key the setting's name below {@code plaudit.task}
   */
  public static OptionalInt id(Tokenizer tokenizer, Optional<String> text, String key) {
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
}

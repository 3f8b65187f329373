package plaudit.task;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;
import plaudit.input.InvalidInputException;
import plaudit.model.Tokenizer;
import plaudit.task.QueryOutcome.Reason;
import plaudit.task.QueryOutcome.Skipped;
import plaudit.task.QueryRules.TooLong;
import plaudit.tokens.Tokens;

/**
 * Makes queries of texts (paper 3.1): encode, drop through the first start token, cut to the length
 * there is room for, cut after the last end token. Where there is no end token a text is cut
 * between two words, since an answer would begin with the rest of the word.
 *
 * <p>The parts are encoded one by one, as in the paper. Spaces at the end of the prefix go to the
 * body, since a byte-level vocabulary spells a word together with the space before it.
 */
public final class QueryBuilder {

  private static final int WORDS_SHOWN = 8;

  private final Tokenizer tokenizer;
  private final QueryRules rules;
  private final Tokens prefix;
  private final Tokens suffix;
  private final String spaces;
  private final int responseLength;
  private final int context;
  private final int free;
  private final int room;
  private final WordBounds words;

  /**
   * A builder for one task; refuses one whose response and template leave no room for a query.
   *
   * @param responseLength tokens that will be sampled after the query
   * @param context the most tokens the model takes
   */
  public QueryBuilder(Tokenizer tokenizer, QueryRules rules, int responseLength, int context) {
    String before = rules.prefix();
    int end = before.length();
    while (end > 0 && before.charAt(end - 1) == ' ') {
      end--;
    }
    this.tokenizer = tokenizer;
    this.words = new WordBounds(tokenizer);
    this.rules = rules;
    this.spaces = before.substring(end);
    this.prefix = tokenizer.encode(before.substring(0, end));
    this.suffix = tokenizer.encode(rules.suffix());
    this.responseLength = responseLength;
    this.context = context;
    this.free = context - responseLength - Query.length(prefix, suffix);
    if (free < 1) {
      throw InvalidInputException.of(
          "response length",
          responseLength,
          "<= %d, so that template and query fit into the model's context of %d"
              .formatted(context - Query.length(prefix, suffix) - 1, context));
    }
    this.room = Math.min(free, rules.maxLength());
  }

  /** The most tokens a body may have. */
  public int room() {
    return room;
  }

  /** A query without a body: what stands before and after each. */
  public Query frame() {
    return new Query(prefix, Tokens.of(), suffix);
  }

  /**
   * The query of {@code text}, or why there is none; refuses one that is too long if the rules say
   * so.
   */
  public QueryOutcome build(String text) {
    Tokens body = tokenizer.encode(spaces + text);
    if (rules.startToken().isPresent()) {
      int start = first(body, rules.startToken());
      if (start < 0) {
        return new Skipped(Reason.NO_START_TOKEN);
      }
      if (start + 1 < body.length()) { // paper 3.1: kept as it is if nothing follows
        body = body.slice(start + 1, body.length());
      }
    }
    if (body.length() > room) {
      if (rules.tooLong() == TooLong.SKIP) {
        return new Skipped(Reason.TOO_LONG);
      }
      body = cut(body, text);
    }
    if (rules.endToken().isPresent()) {
      int end = last(body, rules.endToken());
      if (end < 0) {
        return new Skipped(Reason.NO_END_TOKEN);
      }
      body = body.slice(0, end + 1);
    }
    if (body.length() == 0) {
      return new Skipped(Reason.EMPTY);
    }
    return body.length() < rules.minLength()
        ? new Skipped(Reason.TOO_SHORT)
        : new Query(prefix, body, suffix);
  }

  /**
   * The query of a text that means something else when it is cut, such as a conversation with its
   * template's marks: all of it, however long a query may be; none if the context does not hold it
   * and a response.
   */
  public QueryOutcome whole(String text) {
    Tokens body = tokenizer.encode(text);
    return body.length() == 0
        ? new Skipped(Reason.EMPTY)
        : body.length() > free ? new Skipped(Reason.TOO_LONG) : new Query(prefix, body, suffix);
  }

  /** The queries of many texts, and how many were left out for which reason. */
  public record Batch(List<Query> queries, Map<Reason, Integer> skipped) {
    public Batch {
      queries = List.copyOf(queries);
      skipped = Map.copyOf(skipped);
    }

    /** Such as {@code no end token 12, too long 3}. */
    public String reasons() {
      return new TreeMap<>(skipped)
          .entrySet().stream()
              .map(it -> it.getKey().words() + " " + it.getValue())
              .collect(Collectors.joining(", "));
    }
  }

  /** Builds all; refuses texts of which not one becomes a query. */
  public Batch buildAll(List<String> texts) {
    return batch(texts.stream().map(this::build).toList());
  }

  /** What became of many texts; refuses those of which not one became a query. */
  public static Batch batch(List<QueryOutcome> outcomes) {
    List<Query> queries = new ArrayList<>();
    Map<Reason, Integer> skipped = new EnumMap<>(Reason.class);
    for (QueryOutcome outcome : outcomes) {
      if (outcome instanceof Query query) {
        queries.add(query);
      } else if (outcome instanceof Skipped reason) {
        skipped.merge(reason.reason(), 1, Integer::sum);
      }
    }
    Batch batch = new Batch(queries, skipped);
    if (queries.isEmpty()) {
      throw InvalidInputException.of(
          "usable prompts",
          "none of " + outcomes.size() + " (" + batch.reasons() + ")",
          skipped.containsKey(Reason.TOO_LONG)
              ? "at least one that the task, and the model's context beside a response, have room for"
              : "at least one");
    }
    return batch;
  }

  private Tokens cut(Tokens body, String text) {
    return switch (rules.tooLong()) {
      case CUT_END ->
          // what ends at an end token needs no other end
          body.slice(0, rules.endToken().isPresent() ? room : words.endWithin(body, room));
      case CUT_START -> body.slice(words.startFrom(body, body.length() - room), body.length());
      case SKIP, REFUSE -> throw tooLong(body, text);
    };
  }

  private InvalidInputException tooLong(Tokens body, String text) {
    String why =
        room == rules.maxLength()
            ? "the query length"
            : "context %d less %d of the response and %d of the template"
                .formatted(context, responseLength, Query.length(prefix, suffix));
    return InvalidInputException.of(
        "prompt \"" + firstWords(text) + "\"",
        body.length() + " tokens",
        "<= " + room + ", " + why);
  }

  private static String firstWords(String text) {
    String[] words = text.strip().split("\\s+", WORDS_SHOWN + 1);
    return words.length <= WORDS_SHOWN
        ? String.join(" ", words)
        : String.join(" ", List.of(words).subList(0, WORDS_SHOWN)) + " ...";
  }

  private static int first(Tokens tokens, OptionalInt token) {
    for (int i = 0; i < tokens.length(); i++) {
      if (tokens.get(i) == token.getAsInt()) {
        return i;
      }
    }
    return -1;
  }

  private static int last(Tokens tokens, OptionalInt token) {
    for (int i = tokens.length() - 1; i >= 0; i--) {
      if (tokens.get(i) == token.getAsInt()) {
        return i;
      }
    }
    return -1;
  }
}

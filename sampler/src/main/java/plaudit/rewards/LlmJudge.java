package plaudit.rewards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import plaudit.json.JsonFiles;
import plaudit.rewards.HttpCalls.BadAnswer;
import plaudit.rewards.SourceSettings.Judge;
import plaudit.scoring.RewardSource;

/**
 * A language model as a judge, behind any endpoint that speaks OpenAI's chat completions. By a
 * rubric it gives each response a mark, which is brought to 0 to 1. In pairs it compares each
 * response with the next one of its group, and with the one before, each time in both orders; the
 * score is the share that it wins.
 *
 * <p>A reply that names neither mark nor winner counts as the lowest mark, or as a tie; a batch
 * without a single reply that does fails.
 */
final class LlmJudge implements RewardSource {

  private static final Pattern NAMED_MARK =
      Pattern.compile("(?i)score\\W{0,8}(-?\\d+(?:\\.\\d+)?)");
  private static final Pattern MARK = Pattern.compile("-?\\d+(?:\\.\\d+)?");
  private static final Pattern NAMED_WINNER = Pattern.compile("(?i)better\\W{0,8}([AB])\\b");
  private static final Pattern WINNER = Pattern.compile("\\b([AB])\\b");

  private final String name;
  private final Judge settings;
  private final HttpCalls calls;
  private final SourceMonitor monitor;

  LlmJudge(String name, Judge settings, HttpCalls calls, SourceMonitor monitor) {
    this.name = name;
    this.settings = settings;
    this.calls = calls;
    this.monitor = monitor;
  }

  @Override
  public void score(List<Response> responses, Receiver receiver) {
    if (settings.pairwise()) {
      compare(responses, receiver);
    } else {
      mark(responses, receiver);
    }
  }

  private void mark(List<Response> responses, Receiver receiver) {
    String task =
        "End with a line 'Score: N', where N is a number from %s (worst) to %s (best)."
            .formatted(number(settings.lowest()), number(settings.highest()));
    List<CompletableFuture<OptionalDouble>> marks =
        responses.stream()
            .map(
                it ->
                    ask(
                        task,
                        quoted("Query", it.queryText()) + quoted("Response", it.text()),
                        this::mark))
            .toList();
    Answered.when(
        marks,
        receiver,
        replies -> {
          refuseNonsense(replies);
          float[] scores = new float[replies.size()];
          for (int i = 0; i < scores.length; i++) {
            double mark = replies.get(i).orElse(settings.lowest());
            scores[i] =
                (float) ((mark - settings.lowest()) / (settings.highest() - settings.lowest()));
          }
          return scores;
        });
  }

  /** Two responses to one prompt, by their places in the batch. */
  private record Pair(int first, int second) {}

  private void compare(List<Response> responses, Receiver receiver) {
    List<Pair> pairs = pairs(responses);
    String task = "End with a line 'Better: A' or 'Better: B'.";
    List<CompletableFuture<OptionalDouble>> wins = new ArrayList<>();
    for (Pair pair : pairs) {
      String query = quoted("Query", responses.get(pair.first()).queryText());
      String first = responses.get(pair.first()).text();
      String second = responses.get(pair.second()).text();
      wins.add(
          ask(
              task,
              query + quoted("Response A", first) + quoted("Response B", second),
              reply -> winner(reply, "A")));
      wins.add(
          ask(
              task,
              query + quoted("Response A", second) + quoted("Response B", first),
              reply -> winner(reply, "B")));
    }
    Answered.when(
        wins,
        receiver,
        replies -> {
          refuseNonsense(replies);
          double[] won = new double[responses.size()];
          int[] judged = new int[responses.size()];
          for (int i = 0; i < replies.size(); i++) {
            Pair pair = pairs.get(i / 2);
            double share = replies.get(i).orElse(0.5);
            won[pair.first()] += share;
            won[pair.second()] += 1 - share;
            judged[pair.first()]++;
            judged[pair.second()]++;
          }
          float[] scores = new float[won.length];
          for (int i = 0; i < scores.length; i++) {
            scores[i] = judged[i] == 0 ? 0.5f : (float) (won[i] / judged[i]);
          }
          return scores;
        });
  }

  /** A ring through each group; of two, the one pair. */
  private static List<Pair> pairs(List<Response> responses) {
    Map<Long, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < responses.size(); i++) {
      groups.computeIfAbsent(responses.get(i).promptId(), id -> new ArrayList<>()).add(i);
    }
    List<Pair> pairs = new ArrayList<>();
    for (List<Integer> group : groups.values()) {
      int size = group.size();
      for (int i = 0; i < (size == 2 ? 1 : size); i++) {
        if (size > 1) {
          pairs.add(new Pair(group.get(i), group.get((i + 1) % size)));
        }
      }
    }
    return pairs;
  }

  private CompletableFuture<OptionalDouble> ask(
      String task, String texts, Function<String, OptionalDouble> read) {
    ObjectNode request = JsonFiles.newObject();
    request.put("model", settings.model());
    ArrayNode messages = request.putArray("messages");
    messages.addObject().put("role", "system").put("content", settings.rubric() + "\n\n" + task);
    messages.addObject().put("role", "user").put("content", texts);
    request.put("temperature", 0);
    request.put("max_tokens", settings.maxTokens());
    return calls.post(
        request,
        json -> {
          OptionalDouble score = read.apply(content(json));
          if (score.isEmpty()) {
            monitor.unreadable(name);
          }
          return score;
        });
  }

  private static String content(JsonNode json) {
    JsonNode content = json.path("choices").path(0).path("message").path("content");
    if (!content.isTextual()) {
      throw new BadAnswer(
          "choices[0].message.content: %s (expected: a text)".formatted(content.getNodeType()));
    }
    return content.textValue();
  }

  private void refuseNonsense(List<OptionalDouble> replies) {
    if (!replies.isEmpty() && replies.stream().noneMatch(OptionalDouble::isPresent)) {
      String words =
          "%d replies and not one with a %s"
              .formatted(replies.size(), settings.pairwise() ? "winner" : "score");
      monitor.failed(name, words);
      throw new IllegalStateException(words);
    }
  }

  private OptionalDouble mark(String reply) {
    String named = last(NAMED_MARK, reply, 1);
    String text = named.isEmpty() ? first(MARK, lastLine(reply)) : named;
    if (text.isEmpty()) {
      return OptionalDouble.empty();
    }
    double mark = Double.parseDouble(text);
    return mark < settings.lowest() || mark > settings.highest()
        ? OptionalDouble.empty()
        : OptionalDouble.of(mark);
  }

  /** 1 if the reply names {@code own}, 0 if the other one. */
  private static OptionalDouble winner(String reply, String own) {
    String named = last(NAMED_WINNER, reply, 1);
    String winner = named.isEmpty() ? last(WINNER, lastLine(reply), 1) : named;
    return winner.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(winner.equalsIgnoreCase(own) ? 1 : 0);
  }

  private static String lastLine(String reply) {
    return reply.strip().lines().reduce("", (before, line) -> line);
  }

  private static String last(Pattern pattern, String text, int group) {
    return pattern
        .matcher(text)
        .results()
        .map((MatchResult it) -> it.group(group))
        .reduce("", (before, one) -> one);
  }

  private static String first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group() : "";
  }

  private static String quoted(String title, String text) {
    return "%s:\n<<<\n%s\n>>>\n\n".formatted(title, text);
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  @Override
  public boolean repeats() {
    return false;
  }

  @Override
  public void close() {
    calls.close();
  }
}

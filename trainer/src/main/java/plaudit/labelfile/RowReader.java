package plaudit.labelfile;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import plaudit.chat.ChatTemplate;
import plaudit.chat.Conversation;
import plaudit.data.Transcript;
import plaudit.input.InvalidInputException;
import plaudit.labelfile.LabelFile.Grouping;
import plaudit.labelfile.LabelRow.Passage;
import plaudit.model.Tokenizer;
import plaudit.reward.Target;
import plaudit.tokens.Tokens;

/**
 * One JSON object to one row. Remembers the lengths of a file's first row of ids, since the release
 * pads all of them to the same (paper section 7).
 */
final class RowReader {

  /** What the release fills rows of ids up with; outside GPT-2's vocabulary. */
  static final int PAD = 50259;

  private static final String EXPECTED =
      "query and sample0, sample1, ... with best, ranking or difference; query and sample with"
          + " score; prompt, chosen and rejected; chosen and rejected that begin alike; prompt, completion"
          + " and label; or topic, a1, a2 and label";

  private final Tokenizer tokenizer;
  private final int vocabulary;
  private final Grouping grouping;
  private final String separator;
  private @Nullable Integer queryIds;
  private @Nullable Integer sampleIds;
  private @Nullable ChatTemplate template;

  RowReader(Tokenizer tokenizer, int vocabulary, Grouping grouping, String separator) {
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
    this.grouping = grouping;
    this.separator = separator;
  }

  /**
   * Reads one row.
   *
   * @throws InvalidInputException of one line that begins with {@code place}
   */
  LabelRow read(JsonNode row, String place) {
    if (!row.isObject()) {
      throw InvalidInputException.of(
          place, row.getNodeType().toString().toLowerCase(Locale.ROOT), "an object");
    }
    Optional<Conversation> chosen = Conversation.of(row.path("chosen"));
    Optional<Conversation> rejected = Conversation.of(row.path("rejected"));
    if (chosen.isPresent() && rejected.isPresent()) {
      return conversations(row, chosen.get(), rejected.get(), place);
    }
    Passage query;
    List<Passage> responses = new ArrayList<>();
    Optional<Target> target;
    if (!row.has("prompt") && row.has("chosen") && row.has("rejected")) {
      return pair(row, place);
    }
    if (row.has("chosen") || row.has("rejected")) {
      query = passage(row, "prompt", place, true);
      responses.add(passage(row, "chosen", place, false));
      responses.add(passage(row, "rejected", place, false));
      if (responses.get(0).equals(responses.get(1))) {
        throw InvalidInputException.of(place + ": rejected", "the same as chosen", "another text");
      }
      target = Optional.of(preferred(row, place));
    } else if (row.has("completion") && row.has("label")) {
      query = passage(row, "prompt", place, true);
      responses.add(passage(row, "completion", place, false));
      target = Optional.of(new Target.Score(isGood(row.get("label"), place) ? 1 : 0));
    } else if (row.has("a1") || row.has("a2")) {
      query = passage(row, "topic", place, true);
      responses.add(passage(row, "a1", place, false));
      responses.add(passage(row, "a2", place, false));
      target = Optional.of(Target.Best.only(argument(row, place)));
    } else {
      query = passage(row, "query", place, true);
      if (row.has("sample")) {
        responses.add(passage(row, "sample", place, false));
      } else {
        for (int i = 0; i < samples(row, place); i++) {
          responses.add(passage(row, "sample" + i, place, false));
        }
      }
      target = target(row, responses.size(), place);
    }
    String group = grouping.of(row, place).orElseGet(() -> query.tokens().toString());
    return new LabelRow(place, group, query, responses, target);
  }

  /** Two texts that contain their query, which is what they have in common. */
  private LabelRow pair(JsonNode row, String place) {
    String chosen = text(row, "chosen", place);
    String rejected = text(row, "rejected", place);
    if (chosen.equals(rejected)) {
      throw InvalidInputException.of(place + ": rejected", "the same as chosen", "another text");
    }
    String query = Transcript.sharedQuery(chosen, rejected);
    List<Passage> responses = new ArrayList<>();
    for (String whole : List.of(chosen, rejected)) {
      String response = whole.substring(query.length());
      responses.add(new Passage(tokenizer.encode(response), response));
    }
    Passage asked = new Passage(tokenizer.encode(query), query);
    String group = grouping.of(row, place).orElseGet(() -> asked.tokens().toString());
    return new LabelRow(place, group, asked, responses, Optional.of(preferred(row, place)));
  }

  /**
   * Two conversations that differ in the assistant's last turn, with or without a prompt's turns.
   */
  private LabelRow conversations(
      JsonNode row, Conversation chosen, Conversation rejected, String place) {
    Optional<Conversation> prompt = Conversation.of(row.path("prompt"));
    Conversation good =
        prompt.filter(p -> !begins(chosen, p)).map(p -> p.then(chosen)).orElse(chosen);
    Conversation bad =
        prompt.filter(p -> !begins(rejected, p)).map(p -> p.then(rejected)).orElse(rejected);
    int before = good.turns().size() - 1;
    if (before < 1
        || bad.turns().size() != before + 1
        || !good.first(before).equals(bad.first(before))
        || !good.isAnswered()
        || !bad.isAnswered()) {
      throw InvalidInputException.of(
          place + ": chosen and rejected",
          "conversations of %d and %d turns".formatted(before + 1, bad.turns().size()),
          "two that differ in the last turn alone, which is the assistant's");
    }
    if (good.equals(bad)) {
      throw InvalidInputException.of(place + ": rejected", "the same as chosen", "another text");
    }
    if (template == null) {
      template = tokenizer.chat();
    }
    String query = template.render(good.first(before), true);
    Passage asked = new Passage(tokenizer.encode(query), query);
    List<Passage> responses = new ArrayList<>();
    for (Conversation whole : List.of(good, bad)) {
      String answer = template.answer(whole, query);
      responses.add(new Passage(tokenizer.encode(answer), answer));
    }
    String group = grouping.of(row, place).orElseGet(() -> asked.tokens().toString());
    return new LabelRow(place, group, asked, responses, Optional.of(preferred(row, place)));
  }

  private static boolean begins(Conversation whole, Conversation with) {
    int turns = with.turns().size();
    return whole.turns().size() > turns && whole.first(turns).equals(with);
  }

  /** That the first is better, and by how much if the row says so. */
  private static Target preferred(JsonNode row, String place) {
    JsonNode margin = row.path("margin");
    if (margin.isMissingNode() || margin.isNull()) {
      return Target.Best.only(0);
    }
    double by = number(margin, place + ": margin");
    if (by < 0) {
      throw InvalidInputException.of(place + ": margin", by, ">= 0: the chosen is the better");
    }
    return new Target.Margin(by);
  }

  private static boolean isGood(JsonNode label, String place) {
    if (label.isBoolean() || (label.isInt() && (label.intValue() & ~1) == 0)) {
      return label.asBoolean();
    }
    throw InvalidInputException.of(place + ": label", label, "true, false, 1 or 0");
  }

  private static String text(JsonNode row, String name, String place) {
    JsonNode value = row.get(name);
    if (!value.isTextual() || value.textValue().isEmpty()) {
      throw InvalidInputException.of(place + ": " + name, value, "a text");
    }
    return value.textValue();
  }

  private static int argument(JsonNode row, String place) {
    String label = row.path("label").asText();
    return switch (label) {
      case "a1" -> 0;
      case "a2" -> 1;
      default -> throw InvalidInputException.of(place + ": label", row.path("label"), "a1 or a2");
    };
  }

  /** How many samples a row has: as many as the highest number says. */
  private static int samples(JsonNode row, String place) {
    int samples = 0;
    for (String name : (Iterable<String>) row::fieldNames) {
      if (name.matches("sample\\d{1,3}")) {
        samples = Math.max(samples, 1 + Integer.parseInt(name.substring("sample".length())));
      }
    }
    if (samples < 2) {
      throw new InvalidInputException(
          "%s: %s (expected: %s)"
              .formatted(place, samples == 0 ? "no samples" : "one sample", EXPECTED));
    }
    return samples;
  }

  private Passage passage(JsonNode row, String name, String place, boolean query) {
    JsonNode value = row.get(name);
    String at = place + ": " + name;
    if (value == null || value.isNull()) {
      throw new InvalidInputException("%s: no %s (expected: %s)".formatted(place, name, EXPECTED));
    }
    Passage passage;
    if (value.isTextual()) {
      String text = value.textValue() + (query ? separator : "");
      passage = new Passage(tokenizer.encode(text), text);
    } else if (value.isArray()) {
      checkLength(value.size(), at, query);
      Tokens tokens = ids(value, at);
      passage = new Passage(tokens, tokenizer.decode(tokens));
    } else {
      throw InvalidInputException.of(at, value, "a text or an array of token ids");
    }
    if (!query && passage.tokens().length() == 0) {
      throw InvalidInputException.of(at, "empty", "at least one token");
    }
    return passage;
  }

  private void checkLength(int length, String at, boolean query) {
    Integer first = query ? queryIds : sampleIds;
    if (first == null) {
      if (query) {
        queryIds = length;
      } else {
        sampleIds = length;
      }
    } else if (first != length) {
      throw InvalidInputException.of(
          at, length + " ids", first + ", as in the rows before: all are padded to one length");
    }
  }

  /** Ids without the padding at either end. */
  private Tokens ids(JsonNode array, String at) {
    int from = 0;
    int to = array.size();
    while (from < to && array.get(from).asInt(-1) == PAD) {
      from++;
    }
    while (to > from && array.get(to - 1).asInt(-1) == PAD) {
      to--;
    }
    int[] ids = new int[to - from];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = array.get(from + i);
      if (!id.isIntegralNumber() || id.asLong() < 0 || id.asLong() >= vocabulary) {
        throw InvalidInputException.of(
            "%s[%d]".formatted(at, from + i),
            id,
            "a token id, 0 to %d by the model's vocabulary, or %d at the ends"
                .formatted(vocabulary - 1, PAD));
      }
      ids[i] = id.asInt();
    }
    return Tokens.of(ids);
  }

  private static Optional<Target> target(JsonNode row, int samples, String place) {
    if (row.has("best")) {
      return best(row.get("best"), samples, place + ": best");
    } else if (row.has("ranking")) {
      List<Integer> places = integers(row.get("ranking"), place + ": ranking");
      if (places.size() != samples) {
        throw InvalidInputException.of(place + ": ranking", places, samples + " places");
      }
      return Optional.of(new Target.Ranking(places));
    } else if (row.has("score") && samples == 1) {
      return Optional.of(new Target.Score(number(row.get("score"), place + ": score")));
    } else if (row.has("difference") && samples == 2) {
      return Optional.of(
          new Target.Difference(number(row.get("difference"), place + ": difference")));
    }
    throw new InvalidInputException(
        "%s: nothing says which is best (expected: %s)".formatted(place, EXPECTED));
  }

  /** An index; several for a tie, or the word; null or the word if none is acceptable. */
  private static Optional<Target> best(JsonNode value, int samples, String at) {
    if (value.isNull() || value.asText().equals("none")) {
      return Optional.empty();
    }
    List<Integer> best;
    if (value.asText().equals("tie")) {
      best = IntStream.range(0, samples).boxed().toList();
    } else if (value.isArray()) {
      best = integers(value, at);
    } else if (value.isIntegralNumber()) {
      best = List.of(value.asInt());
    } else {
      throw InvalidInputException.of(at, value, "an index, several, tie or none");
    }
    if (best.isEmpty() || best.stream().anyMatch(index -> index < 0 || index >= samples)) {
      throw InvalidInputException.of(at, value, "0 to " + (samples - 1));
    }
    return Optional.of(new Target.Best(best));
  }

  private static List<Integer> integers(JsonNode array, String at) {
    List<Integer> integers = new ArrayList<>();
    for (JsonNode value : array) {
      if (!value.isIntegralNumber()) {
        throw InvalidInputException.of(at, array, "whole numbers");
      }
      integers.add(value.asInt());
    }
    return integers;
  }

  private static double number(JsonNode value, String at) {
    if (!value.isNumber() || !Double.isFinite(value.asDouble())) {
      throw InvalidInputException.of(
          at, value.isNumber() ? value.asText() : value, "a finite number");
    }
    return value.asDouble();
  }
}

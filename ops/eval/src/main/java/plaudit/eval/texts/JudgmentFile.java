package plaudit.eval.texts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import plaudit.eval.agreement.JudgedItem;
import plaudit.input.InvalidInputException;

/**
 * Judgments from a {@code .jsonl} file, one a line, gathered by comparison:
 *
 * <pre>{"comparisonId": "q7", "labeler": "ann", "choice": 2, "choices": 4}</pre>
 *
 * The choice counts from 0; null, {@code "TIE"} or {@code "NONE_ACCEPTABLE"} is no preference, and
 * {@code "CANNOT_JUDGE"} is passed over. Other names are taken too, see the lists below. Where no
 * id is given, lines with the same query and samples (the 2019 release's {@code query}, {@code
 * sample0}... and {@code best}) are one comparison. Where no labeler is given, each line of a
 * comparison is by another labeler.
 */
public final class JudgmentFile {

  private static final List<String> ID =
      List.of("comparisonId", "comparison_id", "comparison", "item", "id");
  private static final List<String> LABELER =
      List.of("labeler", "labelerId", "labeler_id", "worker", "annotator");
  private static final List<String> CHOICE = List.of("choice", "best", "verdict", "answer");
  private static final List<String> CHOICES = List.of("choices", "samples", "responses");
  private static final List<String> NO_PREFERENCE = List.of("TIE", "NONE_ACCEPTABLE", "NONE");
  private static final String CANNOT_JUDGE = "CANNOT_JUDGE";

  private JudgmentFile() {}

  /** Reads and gathers; of several answers of one labeler to one comparison the last counts. */
  public static List<JudgedItem> read(Path file) {
    Map<String, Gathered> items = new LinkedHashMap<>();
    for (JsonRow row : JsonRow.read(file)) {
      if (!row.value().isObject()) {
        throw row.expected("an object with comparisonId, labeler, choice and choices");
      }
      int choices = choices(row);
      Gathered item = items.computeIfAbsent(id(row), id -> new Gathered(choices));
      if (item.choices != choices) {
        throw row.expected(item.choices + " choices, as on an earlier line of this comparison");
      }
      item.add(row);
    }
    return items.values().stream().map(Gathered::item).toList();
  }

  /** A comparison while its lines come in. */
  private static final class Gathered {
    private final int choices;
    private final Map<String, Integer> answers = new LinkedHashMap<>();
    private int lines;

    Gathered(int choices) {
      this.choices = choices;
    }

    void add(JsonRow row) {
      lines++;
      String labeler = row.first(LABELER).map(JsonNode::asText).orElse("#" + lines);
      JsonNode choice = row.first(CHOICE).orElse(NullNode.getInstance());
      if (choice.isTextual() && choice.textValue().equals(CANNOT_JUDGE)) {
        return;
      }
      answers.put(labeler, answer(row, choice));
    }

    private int answer(JsonRow row, JsonNode choice) {
      if (choice.isNull() || (choice.isTextual() && NO_PREFERENCE.contains(choice.textValue()))) {
        if (choice.isNull() && CHOICE.stream().noneMatch(row.value()::has)) {
          throw row.expected("a choice");
        }
        return JudgedItem.NO_PREFERENCE;
      }
      if (!choice.isInt() || choice.intValue() < 0 || choice.intValue() >= choices) {
        throw row.expected("a choice from 0 to %d, null or TIE".formatted(choices - 1));
      }
      return choice.intValue();
    }

    JudgedItem item() {
      return new JudgedItem(choices, answers);
    }
  }

  private static String id(JsonRow row) {
    return row.first(ID)
        .map(JsonNode::asText)
        .or(() -> row.first(List.of("query")).map(query -> query + samples(row).toString()))
        .orElseThrow(() -> row.expected("a comparisonId, or a query with sample0, sample1, ..."));
  }

  private static int choices(JsonRow row) {
    int choices =
        row.first(CHOICES)
            .map(node -> node.isArray() ? node.size() : node.asInt())
            .orElseGet(() -> samples(row).size());
    if (choices < 2) {
      throw row.expected("choices: how many responses were shown, 2 or more");
    }
    return choices;
  }

  private static List<JsonNode> samples(JsonRow row) {
    List<JsonNode> samples = new ArrayList<>();
    while (row.value().has("sample" + samples.size())) {
      samples.add(row.value().get("sample" + samples.size()));
    }
    return samples;
  }

  /** Refuses judgments of which no comparison has two. */
  public static void requireRepeated(List<JudgedItem> items, Path source) {
    if (items.stream().noneMatch(item -> item.answers().size() > 1)) {
      throw InvalidInputException.of(
          source.toString(),
          items.size() + " comparisons with one judgment each at most",
          "some with several, see plaudit.gateway.store.repeats");
    }
  }
}

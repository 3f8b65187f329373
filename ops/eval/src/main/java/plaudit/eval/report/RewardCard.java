package plaudit.eval.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.labelfile.FileTraining;
import plaudit.labelfile.LabelFile;
import plaudit.labelfile.SequenceLimit.Fitted;
import plaudit.reward.RewardExample;
import plaudit.reward.RewardNet;
import plaudit.reward.RewardQuality;
import plaudit.reward.RewardScale;
import plaudit.reward.RewardSettings;
import plaudit.reward.RewardTraining;
import plaudit.stats.Agreement;
import plaudit.stats.Wilson;

/**
 * The description of a reward model that was trained on files: lines for the terminal, {@code
 * metrics.json}, and the model card.
 *
 * @param groupBy as asked for, null for by query
 */
public record RewardCard(
    Path model,
    List<Path> labels,
    @Nullable String groupBy,
    String separator,
    FileTraining training,
    LabelFile.Contents contents,
    FileTraining.Sides sides,
    Fitted learned,
    Fitted heldOut) {

  /** Names the numbers lie under, beside the model. */
  public static final String METRICS = "metrics.json";

  /** What the training will learn from. */
  public List<String> introduction() {
    return List.of(
        format(
            "Labels        %,d rows (%,d duplicates, %,d with none acceptable), %,d groups",
            contents.rows().size(),
            contents.duplicates(),
            contents.noneAcceptable(),
            sides.groups()),
        format(
            "Training      %,d rows; held out %,d rows in %,d groups",
            learned.examples().size(), heldOut.examples().size(), sides.heldOutGroups().size()),
        format(
            "Cut           %,d queries and %,d responses of %,d sequences to %d tokens",
            learned.queriesCut() + heldOut.queriesCut(),
            learned.responsesCut() + heldOut.responsesCut(),
            learned.sequences() + heldOut.sequences(),
            training.limit().tokens()));
  }

  /**
   * The finished model's numbers.
   *
   * @param metrics for {@code metrics.json}
   * @param lines for the terminal
   */
  public record Measured(Map<String, Object> metrics, List<String> lines, String card) {

    /** Texts to lie beside the model, by name. */
    public Map<String, String> files() {
      return Map.of(METRICS, JsonFiles.indented(metrics), "README.md", card);
    }
  }

  /** The same of a training that was ended early: there is no time to measure. */
  public RewardCard unmeasured() {
    Fitted none = training.limit().fit(List.of());
    return new RewardCard(
        model, labels, groupBy, separator, training, contents, sides, learned, none);
  }

  /** Measures the trained model on the rows held out. */
  public Measured measure(RewardNet net, RewardTraining.Outcome outcome, double seconds) {
    Map<String, Object> metrics = new LinkedHashMap<>(facts());
    metrics.put("complete", outcome.complete());
    metrics.put("rows_seen", outcome.seen());
    metrics.put("first_loss", outcome.firstLoss());
    metrics.put("last_loss", outcome.lastLoss());
    metrics.put("training_accuracy_before_learning", outcome.agreement().accuracy().share());
    metrics.put("seconds", seconds);
    metrics.put("gain", net.scale().gain());
    metrics.put("bias", net.scale().bias());
    List<String> lines = new ArrayList<>();
    lines.add(
        format(
            "Loss          %.4f over the first tenth of the rows, %.4f over the last; %.0f s",
            outcome.firstLoss(), outcome.lastLoss(), seconds));
    if (!heldOut.examples().isEmpty()) {
      RewardQuality written = quality(net, net.scale());
      RewardQuality trained = quality(net, outcome.trained());
      Map<String, Object> numbers = new LinkedHashMap<>(numbers(written, heldOut.longest()));
      numbers.put("loss_at_trained_scale", trained.loss());
      metrics.put("held_out", numbers);
      lines.add("Held out      " + line(written, heldOut.longest()));
    }
    return new Measured(metrics, lines, card(lines));
  }

  private RewardQuality quality(RewardNet net, RewardScale scale) {
    List<RewardExample> examples = heldOut.examples();
    return FileTraining.measure(
        training.settings().loss(),
        examples,
        sequences -> {
          float[] rewards = net.raw(sequences);
          for (int i = 0; i < rewards.length; i++) {
            rewards[i] = (float) scale.apply(rewards[i]);
          }
          return rewards;
        });
  }

  private Map<String, Object> facts() {
    RewardSettings settings = training.settings();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("model", model.toString());
    facts.put("labels", labels.stream().map(Path::toString).toList());
    facts.put("loss", settings.loss().configName());
    facts.put("centering", settings.centering());
    facts.put("learning_rate", settings.learningRate());
    facts.put("schedule", settings.shape().name().toLowerCase(Locale.ROOT));
    facts.put("batch", settings.batch());
    facts.put("epochs", settings.epochs());
    facts.put("seed", training.seed());
    facts.put("max_tokens", training.limit().tokens());
    facts.put("separator", separator);
    facts.put("group_by", groupBy == null ? "" : groupBy);
    facts.put("rows", contents.rows().size());
    facts.put("duplicates", contents.duplicates());
    facts.put("none_acceptable", contents.noneAcceptable());
    facts.put("training_rows", learned.examples().size());
    facts.put("groups", sides.groups());
    facts.put("held_out_groups", List.copyOf(sides.heldOutGroups()));
    facts.put("queries_cut", learned.queriesCut() + heldOut.queriesCut());
    facts.put("responses_cut", learned.responsesCut() + heldOut.responsesCut());
    return facts;
  }

  private String card(List<String> lines) {
    RewardSettings settings = training.settings();
    return """
        # Reward model

        A GPT-2-layout trunk with a scalar head (`reward_head`) and a scale (`reward_gain`,
        `reward_bias`): the reward is gain * head + bias at the last token of query and response.
        Mean 0 and deviation 1 on %d responses that the base model wrote to the training queries.

        | | |
        |---|---|
        | base model | %s |
        | labels | %s |
        | loss | %s |
        | learning rate | %s, %s |
        | batch, epochs | %d, %d |
        | tokens read | %d |
        | seed | %d |

        ```
        %s
        %s
        ```

        It says what the people behind these labels preferred among texts like these; it is not a
        measure of quality, and text optimised against it will find its faults. All numbers are in
        `metrics.json`. Measure it on other labels with `plaudit reward eval`.
        """
        .formatted(
            settings.normaliseSamples(),
            model,
            String.join(", ", labels.stream().map(Path::toString).toList()),
            settings.loss().configName(),
            settings.learningRate(),
            settings.shape().name().toLowerCase(Locale.ROOT),
            settings.batch(),
            settings.epochs(),
            training.limit().tokens(),
            training.seed(),
            String.join("\n", introduction()),
            String.join("\n", lines));
  }

  /** The numbers of a measurement, for machines. */
  public static Map<String, Object> numbers(RewardQuality quality, Agreement longest) {
    Map<String, Object> numbers = new LinkedHashMap<>();
    numbers.put("rows", quality.rows());
    numbers.put("loss", quality.loss());
    if (quality.agreement().judged() > 0) {
      Wilson accuracy = quality.agreement().accuracy();
      numbers.put("judged", quality.agreement().judged());
      numbers.put("accuracy", accuracy.share());
      numbers.put("accuracy_low", accuracy.low());
      numbers.put("accuracy_high", accuracy.high());
      numbers.put("chance", quality.chance());
      numbers.put("longest_accuracy", longest.accuracy().share());
    }
    quality.correlation().ifPresent(r -> numbers.put("correlation", r));
    if (!quality.byConfidence().isEmpty()) {
      numbers.put(
          "by_confidence",
          quality.byConfidence().stream()
              .map(
                  fifth ->
                      Map.of(
                          "confidence", fifth.confidence(),
                          "accuracy", fifth.agreement().accuracy().share(),
                          "rows", fifth.agreement().judged()))
              .toList());
    }
    return numbers;
  }

  /** The same for people, on one line. */
  public static String line(RewardQuality quality, Agreement longest) {
    String line = format("%,d rows", quality.rows());
    if (quality.agreement().judged() > 0) {
      Wilson accuracy = quality.agreement().accuracy();
      line +=
          format(
              ": %.1f %% right (95%% CI %.1f to %.1f %%; chance %.1f %%; longest response %.1f %%)",
              100 * accuracy.share(),
              100 * accuracy.low(),
              100 * accuracy.high(),
              100 * quality.chance(),
              100 * longest.accuracy().share());
    }
    line += format(", loss %.4f", quality.loss());
    return quality.correlation().isPresent()
        ? line + format(", correlation %.3f", quality.correlation().getAsDouble())
        : line;
  }

  /**
   * How a model was trained, as its metrics remember; a run's reward model has none and gives what
   * a run does.
   *
   * @param groupBy empty for by query
   */
  public record Memory(
      String loss, int maxTokens, String separator, String groupBy, Set<String> heldOut) {

    /** Reads what lies beside the model in {@code dir}. */
    public static Memory of(Path dir) {
      Path file = dir.resolve(METRICS);
      if (!Files.exists(file)) {
        return new Memory("best-of-n", Integer.MAX_VALUE, "", "", Set.of());
      }
      try {
        JsonNode node = JsonFiles.MAPPER.readTree(file.toFile());
        Set<String> heldOut = new TreeSet<>();
        node.path("held_out_groups").forEach(group -> heldOut.add(group.asText()));
        return new Memory(
            node.path("loss").asText("best-of-n"),
            node.path("max_tokens").asInt(Integer.MAX_VALUE),
            node.path("separator").asText(""),
            node.path("group_by").asText(""),
            heldOut);
      } catch (IOException e) {
        throw new InvalidInputException(file + ": cannot be read (" + e.getMessage() + ")", e);
      }
    }
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}

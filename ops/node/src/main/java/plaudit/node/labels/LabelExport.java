package plaudit.node.labels;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import plaudit.files.AtomicFile;
import plaudit.gateway.store.JdbcLabels;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.labelfile.LabelFile;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Label;
import plaudit.tokens.Tokens;

/**
 * Writes the labels of a run's store to a file, which appears whole or not at all; a page of them
 * is in memory at a time.
 */
public final class LabelExport {

  private static final int PAGE = 500;

  /** What the release fills rows up with. */
  private static final int PAD = 50259;

  private LabelExport() {}

  /** How rows are written. */
  public enum Format {
    /**
     * One JSON array as the 2019 release has it: token ids, padded to one length with 50259,
     * queries in front and samples behind; only choices, since it knows no ties.
     */
    RELEASE,
    /**
     * A line of JSON each: texts, who judged and when; {@code "tie"} and {@code "none"} too.
     * Answers that measured a run have {@code "purpose": "evaluation"}, and are not read back as
     * labels.
     */
    TEXT,
    /**
     * The preferences of TRL: {@code prompt}, {@code chosen} and {@code rejected}, a row for each
     * response that was not chosen, with who judged and when and which versions of the policy wrote
     * the two (0 is the base model); a line of JSON each, or Parquet by the file's name.
     */
    TRL
  }

  /**
   * What was written.
   *
   * @param rows in the file
   * @param left judgments the format has no word for: answers of an evaluation, too, where what is
   *     written is to be trained on
   */
  public record Exported(int rows, int left) {}

  /** All labels of {@code store}, in their order; of an amended judgment the newest. */
  public static Stream<Label> labels(JdbcLabels store) {
    return Stream.iterate(
            store.labelsAfter(0, PAGE),
            page -> !page.isEmpty(),
            page -> store.labelsAfter(page.get(page.size() - 1).sequence(), PAGE))
        .flatMap(List::stream);
  }

  /**
   * Writes labels to {@code file}, packed if its name ends in {@code .gz}.
   *
   * @param labels all of them in order, asked for once or twice
   */
  public static Exported write(Supplier<Stream<Label>> labels, Format format, Path file) {
    boolean parquet = file.toString().toLowerCase(Locale.ROOT).endsWith(".parquet");
    if (parquet && format != Format.TRL) {
      throw InvalidInputException.of("--format", format, "trl, whose rows are alike, for Parquet");
    }
    int[] longest = new int[2];
    if (format == Format.RELEASE) {
      labels.get().map(Label::comparison).forEach(comparison -> measure(comparison, longest));
    }
    int[] counted = new int[2];
    Stream<ObjectNode> rows =
        labels
            .get()
            .flatMap(
                label -> {
                  List<ObjectNode> own = rows(label, format, longest[0], longest[1]);
                  counted[own.isEmpty() ? 1 : 0] += Math.max(1, own.size());
                  return own.stream();
                });
    Iterator<ObjectNode> each = rows.iterator();
    if (!each.hasNext()) {
      throw InvalidInputException.of("labels to export", 0, "at least one");
    }
    if (parquet) {
      PreferenceTable.write(each, file);
    } else {
      AtomicFile.write(file, channel -> write(each, format, file, channel));
    }
    return new Exported(counted[0], counted[1]);
  }

  private static void measure(Comparison comparison, int[] longest) {
    longest[0] = Math.max(longest[0], comparison.query().length());
    for (Comparison.Sample sample : comparison.samples()) {
      longest[1] = Math.max(longest[1], sample.response().length());
    }
  }

  /** The rows of one label, none if the format has no word for it. */
  private static List<ObjectNode> rows(Label label, Format format, int query, int sample) {
    Choice choice = label.judgment().choice();
    boolean trains = !label.comparison().isEvaluation();
    Optional<Choice.Best> best =
        trains && choice instanceof Choice.Best one ? Optional.of(one) : Optional.empty();
    return switch (format) {
      case RELEASE ->
          best.map(one -> release(label.comparison(), one.index(), query, sample)).stream()
              .toList();
      case TEXT ->
          choice instanceof Choice.NoPreference none && none.reason() == Choice.Reason.CANNOT_JUDGE
              ? List.of()
              : List.of(text(label));
      case TRL -> best.map(one -> pairs(label, one.index())).orElse(List.of());
    };
  }

  private static void write(
      Iterator<ObjectNode> rows, Format format, Path file, FileChannel channel) throws IOException {
    OutputStream bytes = Channels.newOutputStream(channel);
    boolean array = format == Format.RELEASE;
    try (OutputStream packed =
            file.toString().endsWith(".gz") ? new GZIPOutputStream(bytes) : bytes;
        Writer out = new BufferedWriter(new OutputStreamWriter(packed, StandardCharsets.UTF_8))) {
      out.write(array ? "[" : "");
      while (rows.hasNext()) {
        out.write(JsonFiles.line(rows.next()));
        out.write(array && rows.hasNext() ? ",\n" : array ? "]\n" : "\n");
      }
    }
  }

  private static ObjectNode release(Comparison comparison, int best, int query, int sample) {
    ObjectNode row = JsonFiles.newObject();
    ArrayNode ids = row.putArray("query");
    pad(ids, query - comparison.query().length());
    comparison.query().stream().forEach(ids::add);
    for (int i = 0; i < comparison.samples().size(); i++) {
      Tokens response = comparison.samples().get(i).response();
      ArrayNode own = row.putArray("sample" + i);
      response.stream().forEach(own::add);
      pad(own, sample - response.length());
    }
    return row.put("best", best);
  }

  private static void pad(ArrayNode ids, int count) {
    for (int i = 0; i < count; i++) {
      ids.add(PAD);
    }
  }

  private static ObjectNode text(Label label) {
    Comparison comparison = label.comparison();
    ObjectNode row = JsonFiles.newObject().put("query", comparison.queryText());
    for (int i = 0; i < comparison.samples().size(); i++) {
      row.put("sample" + i, comparison.samples().get(i).text());
    }
    if (label.judgment().choice() instanceof Choice.Best best) {
      row.put("best", best.index());
    } else {
      boolean tie = ((Choice.NoPreference) label.judgment().choice()).reason() == Choice.Reason.TIE;
      row.put("best", tie ? "tie" : "none");
    }
    return withOrigin(row, label);
  }

  /** The chosen response against each other one. */
  private static List<ObjectNode> pairs(Label label, int best) {
    Comparison comparison = label.comparison();
    Comparison.Sample chosen = comparison.samples().get(best);
    List<ObjectNode> pairs = new ArrayList<>();
    for (int i = 0; i < comparison.samples().size(); i++) {
      Comparison.Sample rejected = comparison.samples().get(i);
      if (i != best) {
        ObjectNode row =
            JsonFiles.newObject()
                .put("prompt", comparison.queryText())
                .put("chosen", chosen.text())
                .put("rejected", rejected.text())
                .put("chosen_version", chosen.policyVersion())
                .put("rejected_version", rejected.policyVersion());
        pairs.add(withOrigin(row, label));
      }
    }
    return pairs;
  }

  private static ObjectNode withOrigin(ObjectNode row, Label label) {
    if (label.comparison().isEvaluation()) {
      row.put(LabelFile.PURPOSE, LabelFile.EVALUATION);
    }
    return row.put("comparison", label.comparison().id())
        .put("vendor", label.judgment().vendor())
        .put("labeler", label.judgment().labeler())
        .put("decided", label.judgment().decided().toString());
  }
}

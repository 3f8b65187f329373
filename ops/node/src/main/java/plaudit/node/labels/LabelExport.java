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
import java.util.List;
import java.util.zip.GZIPOutputStream;
import plaudit.files.AtomicFile;
import plaudit.gateway.store.JdbcLabels;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Label;
import plaudit.tokens.Tokens;

/** Writes the labels of a run's store to a file, which appears whole or not at all. */
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
    /** A line of JSON each: texts, who judged and when; {@code "tie"} and {@code "none"} too. */
    TEXT
  }

  /**
   * What was written.
   *
   * @param rows in the file
   * @param left judgments the format has no word for
   */
  public record Exported(int rows, int left) {}

  /** All labels of {@code store}, in their order; of an amended judgment the newest. */
  public static List<Label> labels(JdbcLabels store) {
    List<Label> all = new ArrayList<>();
    List<Label> page = store.labelsAfter(0, PAGE);
    while (!page.isEmpty()) {
      all.addAll(page);
      page = store.labelsAfter(all.get(all.size() - 1).sequence(), PAGE);
    }
    return all;
  }

  /** Writes {@code labels} to {@code file}, packed if its name ends in {@code .gz}. */
  public static Exported write(List<Label> labels, Format format, Path file) {
    List<ObjectNode> rows = new ArrayList<>();
    int queryLength =
        longest(labels.stream().map(Label::comparison).map(Comparison::query).toList());
    int sampleLength =
        longest(
            labels.stream()
                .flatMap(label -> label.comparison().samples().stream())
                .map(Comparison.Sample::response)
                .toList());
    for (Label label : labels) {
      Choice choice = label.judgment().choice();
      if (format == Format.RELEASE && choice instanceof Choice.Best best) {
        rows.add(release(label.comparison(), best.index(), queryLength, sampleLength));
      } else if (format == Format.TEXT
          && !(choice instanceof Choice.NoPreference none
              && none.reason() == Choice.Reason.CANNOT_JUDGE)) {
        rows.add(text(label));
      }
    }
    if (rows.isEmpty()) {
      throw InvalidInputException.of("labels to export", 0, "at least one");
    }
    AtomicFile.write(file, channel -> write(rows, format, file, channel));
    return new Exported(rows.size(), labels.size() - rows.size());
  }

  private static void write(List<ObjectNode> rows, Format format, Path file, FileChannel channel)
      throws IOException {
    OutputStream bytes = Channels.newOutputStream(channel);
    try (OutputStream packed =
            file.toString().endsWith(".gz") ? new GZIPOutputStream(bytes) : bytes;
        Writer out = new BufferedWriter(new OutputStreamWriter(packed, StandardCharsets.UTF_8))) {
      for (int i = 0; i < rows.size(); i++) {
        String row = JsonFiles.line(rows.get(i));
        String end = i == rows.size() - 1 ? "]\n" : ",\n";
        out.write(format == Format.RELEASE ? (i == 0 ? "[" : "") + row + end : row + "\n");
      }
    }
  }

  private static int longest(List<Tokens> texts) {
    return texts.stream().mapToInt(Tokens::length).max().orElse(0);
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
    return row.put("comparison", comparison.id())
        .put("vendor", label.judgment().vendor())
        .put("labeler", label.judgment().labeler())
        .put("decided", label.judgment().decided().toString());
  }
}

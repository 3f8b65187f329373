package plaudit.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.eval.copying.Copied;
import plaudit.eval.copying.CopyingReport;
import plaudit.eval.copying.CopyingReport.Share;
import plaudit.eval.copying.Preamble;
import plaudit.eval.report.Table;
import plaudit.eval.texts.TextList;
import plaudit.input.InvalidInputException;

/** {@code eval copying}: how much of the outputs is taken from the inputs. */
@Command(
    name = "copying",
    description = "How much of the outputs is copied from their inputs, as summarisers do.",
    footer = {
      "",
      "Texts are read from .txt (one a line), .jsonl (a string or an object a line) or",
      "a folder (one a file). Case, punctuation and spacing do not count.",
      "",
      "  plaudit eval copying --inputs test.jsonl --input-field source --outputs out.txt"
    })
public final class EvalCopyingVerb extends ResultVerb {

  @Option(names = "--inputs", required = true, paramLabel = "PATH", description = "What was given.")
  private Path inputs;

  @Option(
      names = "--outputs",
      required = true,
      paramLabel = "PATH",
      description = "What was written, in the same order.")
  private Path outputs;

  @Option(
      names = "--input-field",
      paramLabel = "NAME",
      description =
          "The field of .jsonl (default: the first of input, article, document, source, query,"
              + " prompt, text).")
  private @Nullable String inputField;

  @Option(
      names = "--output-field",
      paramLabel = "NAME",
      description =
          "The field of .jsonl (default: the first of output, summary, response, candidate,"
              + " text).")
  private @Nullable String outputField;

  @Option(
      names = "--start-words",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "An output copies the start when so many first words are the input's (default:"
              + " ${DEFAULT-VALUE}).")
  private int startWords;

  @Option(names = "--allow-empty", description = "Take a blank output for an empty text.")
  private boolean allowEmpty;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Of the bootstrap (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() {
    if (startWords < 1) {
      throw InvalidInputException.of("--start-words", startWords, ">= 1");
    }
    List<TextList.Entry> from =
        TextList.of(inputField, false, "input article document source query prompt text")
            .read(inputs);
    List<TextList.Entry> to =
        TextList.of(outputField, allowEmpty, "output summary response candidate text")
            .read(outputs);
    TextList.requirePairs(inputs, from, outputs, to);
    CopyingReport report =
        CopyingReport.of(
            from.stream().map(TextList.Entry::text).toList(),
            to.stream().map(TextList.Entry::text).toList(),
            startWords,
            seed);
    print(object(report), () -> tell(report));
    return 0;
  }

  private static Map<String, Object> object(CopyingReport report) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("outputs", report.outputs());
    object.put("novelSentences", report.novelSentences());
    object.put("wholeSentences", report.wholeSentences());
    object.put("everythingCopied", report.everything());
    object.put("startCopied", report.start());
    for (Preamble preamble : Preamble.values()) {
      String name =
          preamble.name().charAt(0) + preamble.name().substring(1).toLowerCase(Locale.ROOT);
      object.put("startCopiedAfter" + name, after(report, preamble));
    }
    for (int n = 1; n <= Copied.LONGEST_GRAM; n++) {
      object.put("novel" + n + "grams", report.novelGrams().get(n - 1));
    }
    return object;
  }

  private static Share after(CopyingReport report, Preamble preamble) {
    return Objects.requireNonNull(report.startAfter().get(preamble));
  }

  private record Line(String name, String share, String of) {
    Line(String name, Share share, String of) {
      this(name, share.of() == 0 ? "-" : Table.percent(share.share()), share.of() + " " + of);
    }
  }

  private void tell(CopyingReport report) {
    List<Line> lines = new ArrayList<>();
    lines.add(new Line("novel sentences", report.novelSentences(), "sentences"));
    lines.add(new Line("whole input sentences", report.wholeSentences(), "sentences"));
    lines.add(new Line("every sentence copied", report.everything(), "outputs"));
    lines.add(new Line("start copied", report.start(), "outputs"));
    lines.add(
        new Line("  input opens with a greeting", after(report, Preamble.GREETING), "outputs"));
    lines.add(new Line("  input has an early colon", after(report, Preamble.COLON), "outputs"));
    for (int n = 1; n <= Copied.LONGEST_GRAM; n++) {
      lines.add(
          new Line(
              "novel runs of " + n + (n == 1 ? " word" : " words"),
              Table.percent(report.novelGrams().get(n - 1)),
              report.outputs() + " outputs"));
    }
    Table.of(lines)
        .column("", Line::name)
        .column("% (95 % interval)", Line::share)
        .column("of", Line::of)
        .print(out());
  }
}

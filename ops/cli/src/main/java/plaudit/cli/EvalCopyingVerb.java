package plaudit.cli;

import java.nio.file.Path;
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
import plaudit.eval.copying.Preamble;
import plaudit.eval.copying.Share;
import plaudit.eval.texts.TextEntry;
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
public final class EvalCopyingVerb extends Verb {

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

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (startWords < 1) {
      throw InvalidInputException.of("--start-words", startWords, ">= 1");
    }
    List<String> inputFields =
        inputField == null
            ? List.of("input", "article", "document", "source", "query", "prompt", "text")
            : List.of(inputField);
    List<String> outputFields =
        outputField == null
            ? List.of("output", "summary", "response", "candidate", "text")
            : List.of(outputField);
    List<TextEntry> from = new TextList(inputFields, false).read(inputs);
    List<TextEntry> to = new TextList(outputFields, allowEmpty).read(outputs);
    TextList.requirePairs(inputs, from, outputs, to);
    CopyingReport report =
        CopyingReport.of(
            from.stream().map(TextEntry::text).toList(),
            to.stream().map(TextEntry::text).toList(),
            startWords,
            seed);
    if (json) {
      printJson(object(report));
    } else {
      print(report);
    }
    return 0;
  }

  private static Map<String, Object> object(CopyingReport report) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("outputs", report.outputs());
    object.put("novelSentences", share(report.novelSentences()));
    object.put("wholeSentences", share(report.wholeSentences()));
    object.put("everythingCopied", share(report.everything()));
    object.put("startCopied", share(report.start()));
    for (Preamble preamble : Preamble.values()) {
      String name =
          preamble.name().charAt(0) + preamble.name().substring(1).toLowerCase(Locale.ROOT);
      object.put("startCopiedAfter" + name, share(after(report, preamble)));
    }
    for (int n = 1; n <= Copied.LONGEST_GRAM; n++) {
      object.put("novel" + n + "grams", JsonNumbers.of(report.novelGrams().get(n - 1)));
    }
    return object;
  }

  private static Map<String, Object> share(Share share) {
    Map<String, Object> object = JsonNumbers.of(share.share());
    object.put("count", share.count());
    object.put("of", share.of());
    return object;
  }

  private static Share after(CopyingReport report, Preamble preamble) {
    return Objects.requireNonNull(report.startAfter().get(preamble));
  }

  private void print(CopyingReport report) {
    Columns table = new Columns("", "% (95 % interval)", "of");
    row(table, "novel sentences", report.novelSentences(), "sentences");
    row(table, "whole input sentences", report.wholeSentences(), "sentences");
    row(table, "every sentence copied", report.everything(), "outputs");
    row(table, "start copied", report.start(), "outputs");
    row(table, "  input opens with a greeting", after(report, Preamble.GREETING), "outputs");
    row(table, "  input has an early colon", after(report, Preamble.COLON), "outputs");
    for (int n = 1; n <= Copied.LONGEST_GRAM; n++) {
      table.row(
          "novel runs of " + n + (n == 1 ? " word" : " words"),
          Columns.percent(report.novelGrams().get(n - 1)),
          report.outputs() + " outputs");
    }
    table.print(out());
  }

  private static void row(Columns table, String name, Share share, String of) {
    table.row(name, share.of() == 0 ? "-" : Columns.percent(share.share()), share.of() + " " + of);
  }
}

package plaudit.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.eval.measure.Estimate;
import plaudit.eval.measure.Sentences;
import plaudit.eval.report.Table;
import plaudit.eval.rouge.Rouge;
import plaudit.eval.rouge.RougeReport;
import plaudit.eval.rouge.RougeReport.Item;
import plaudit.eval.rouge.RougeWords;
import plaudit.eval.rouge.SeveralReferences;
import plaudit.eval.texts.TextList;
import plaudit.input.InvalidInputException;

/** {@code eval rouge}: how much of the references stands in the candidates. */
@Command(
    name = "rouge",
    description = "ROUGE-1, ROUGE-2 and ROUGE-L as the program ROUGE-1.5.5 counts them.",
    footer = {
      "",
      "Texts are read from .txt (one a line), .jsonl (a string or an object a line) or",
      "a folder (one a file). Several references: give --references more than once,",
      "or an array in .jsonl.",
      "",
      "  plaudit eval rouge --candidates out.jsonl --references test.jsonl --stem"
    })
public final class EvalRougeVerb extends ResultVerb {

  private static final int RESAMPLES = 1_000;

  enum SentenceRule {
    LINES,
    TEXT
  }

  @Option(
      names = "--candidates",
      required = true,
      paramLabel = "PATH",
      description = "The texts to score.")
  private Path candidates;

  @Option(
      names = "--references",
      required = true,
      paramLabel = "PATH",
      description = "The texts to compare with, in the same order.")
  private List<Path> references;

  @Option(
      names = "--candidate-field",
      paramLabel = "NAME",
      description =
          "The field of .jsonl (default: the first of candidate, summary, response, output, text).")
  private @Nullable String candidateField;

  @Option(
      names = "--reference-field",
      paramLabel = "NAME",
      description =
          "The field of .jsonl (default: the first of references, reference, target, summary,"
              + " text).")
  private @Nullable String referenceField;

  @Option(names = "--stem", description = "Compare stems of words longer than 3 (ROUGE's -m).")
  private boolean stem;

  @Option(
      names = "--irregular",
      paramLabel = "PATH",
      description =
          "With --stem: a file or folder of WordNet's .exc files, which ROUGE-1.5.5 looks words up"
              + " in first: 'went go' on a line.")
  private @Nullable Path irregular;

  @Option(
      names = "--several",
      paramLabel = "HOW",
      defaultValue = "average",
      description =
          "With several references: ${COMPLETION-CANDIDATES}, in any case (default:"
              + " ${DEFAULT-VALUE}).")
  private SeveralReferences several;

  @Option(
      names = "--sentences",
      paramLabel = "RULE",
      defaultValue = "lines",
      description =
          "What ROUGE-L takes for a sentence: each line, or what reads like one"
              + " (${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}).")
  private SentenceRule sentences;

  @Option(
      names = "--allow-empty",
      description = "Take a blank candidate for an empty text, which scores 0.")
  private boolean allowEmpty;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Of the bootstrap (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() {
    RougeReport report = RougeReport.of(items(), several, RESAMPLES, seed);
    print(object(report), () -> tell(report));
    return 0;
  }

  private List<Item> items() {
    RougeWords words = words();
    List<TextList.Entry> texts =
        TextList.of(candidateField, allowEmpty, "candidate summary response output text")
            .read(candidates);
    TextList form = TextList.of(referenceField, false, "references reference target summary text");
    List<List<TextList.Entry>> others = new ArrayList<>();
    for (Path path : references) {
      List<TextList.Entry> entries = form.read(path);
      TextList.requirePairs(candidates, texts, path, entries);
      others.add(entries);
    }
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      List<List<List<String>>> own = new ArrayList<>();
      for (List<TextList.Entry> entries : others) {
        entries.get(i).values().forEach(text -> own.add(split(words, text)));
      }
      items.add(new Item(split(words, texts.get(i).text()), own));
    }
    return items;
  }

  private List<List<String>> split(RougeWords words, String text) {
    List<String> parts =
        sentences == SentenceRule.LINES ? Sentences.lines(text) : Sentences.of(text);
    return parts.stream().map(words::of).toList();
  }

  private RougeWords words() {
    if (irregular != null && !stem) {
      throw InvalidInputException.of("--irregular", irregular, "--stem with it");
    }
    if (!stem) {
      return RougeWords.plain();
    }
    return RougeWords.stemmed(irregular == null ? Map.of() : RougeWords.irregularForms(irregular));
  }

  private static Map<String, Object> object(RougeReport report) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("candidates", report.candidates());
    for (Rouge measure : Rouge.values()) {
      object.put(measure.key(), report.row(measure));
    }
    object.put("rAvg", report.average());
    return object;
  }

  private record Line(String name, String precision, String recall, String f1) {}

  private void tell(RougeReport report) {
    List<Line> lines = new ArrayList<>();
    for (Rouge measure : Rouge.values()) {
      RougeReport.Row row = report.row(measure);
      lines.add(
          new Line(
              measure.label(),
              Table.format("%.3f", 100 * row.precision().mean()),
              Table.format("%.3f", 100 * row.recall().mean()),
              f1(row.f1())));
    }
    lines.add(new Line("R-AVG", "", "", f1(report.average())));
    Table.of(lines)
        .column("", Line::name)
        .column("precision %", Line::precision)
        .column("recall %", Line::recall)
        .column("F1 % (95 % interval)", Line::f1)
        .print(out());
    say("%d candidates", report.candidates());
  }

  private static String f1(Estimate f1) {
    return Table.interval(3, 100, f1.mean(), f1.low(), f1.high());
  }
}

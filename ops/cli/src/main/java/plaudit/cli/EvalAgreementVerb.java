package plaudit.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.eval.agreement.AgreementReport;
import plaudit.eval.agreement.JudgedItem;
import plaudit.eval.panel.StoredLabels;
import plaudit.eval.report.Table;
import plaudit.eval.texts.JudgmentFile;
import plaudit.input.InvalidInputException;
import plaudit.node.config.RunConfig;
import plaudit.node.run.RunDirectory;

/** {@code eval agreement}: how far labelers agree with one another. */
@Command(
    name = "agreement",
    description = "How far labelers agree on comparisons that several of them judged.",
    footer = {
      "",
      "A line of FILE is one judgment; choices count from 0, null is no preference:",
      "  {\"comparisonId\": \"q7\", \"labeler\": \"ann\", \"choice\": 2, \"choices\": 4}",
      "",
      "  plaudit eval agreement --labels judgments.jsonl",
      "  plaudit eval agreement --run runs/quickstart-20260101-120000"
    })
public final class EvalAgreementVerb extends ResultVerb {

  @Option(names = "--labels", paramLabel = "FILE", description = "Judgments, one a line of .jsonl.")
  private @Nullable Path labels;

  @Option(
      names = "--run",
      paramLabel = "DIR",
      description = "The directory of a run, or of a panel of eval win-rate, that has ended.")
  private @Nullable Path run;

  @Override
  public Integer call() {
    AgreementReport report = AgreementReport.of(items());
    print(object(report), () -> tell(report));
    return 0;
  }

  private List<JudgedItem> items() {
    if (labels != null && run == null) {
      List<JudgedItem> items = JudgmentFile.read(labels);
      JudgmentFile.requireRepeated(items, labels);
      return items;
    }
    if (run != null && labels == null) {
      Path file = RunDirectory.labelsOf(run);
      if (!Files.isRegularFile(file)) {
        throw InvalidInputException.of("--run", run, "a directory with a labels.sqlite");
      }
      List<JudgedItem> items = StoredLabels.items(file, RunConfig.defaults(List.of()).config());
      JudgmentFile.requireRepeated(items, run);
      return items;
    }
    throw new InvalidInputException("eval agreement: expected either --labels or --run");
  }

  private static Map<String, Object> object(AgreementReport report) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("comparisons", report.comparisons());
    object.put("repeated", report.repeated());
    object.put("judgments", report.judgments());
    object.put("pairsAgreed", report.pairs());
    object.put("chance", report.chance());
    object.put("aboveChance", report.aboveChance());
    object.put("krippendorffAlpha", Double.isNaN(report.alpha()) ? null : report.alpha());
    object.put("votes", report.votes());
    object.put("labelers", report.labelers());
    return object;
  }

  private void tell(AgreementReport report) {
    new Table.Facts()
        .add("comparisons", report.comparisons())
        .add("judged more than once", report.repeated())
        .add("judgments of these", report.judgments())
        .add("pairs that agree %", Table.percent(report.pairs()))
        .add("chance %", Table.format("%.1f", 100 * report.chance()))
        .add("above chance", Table.format("%.3f", report.aboveChance()))
        .add(
            "Krippendorff's alpha",
            Double.isNaN(report.alpha()) ? "-" : Table.format("%.3f", report.alpha()))
        .print(out());
    out().println();
    Table.of(report.votes())
        .column("largest vote", vote -> vote.largest() + " of " + vote.of())
        .column("comparisons", AgreementReport.Vote::comparisons)
        .column("%", "%.1f", vote -> 100.0 * vote.comparisons() / report.repeated())
        .print(out());
    out().println();
    Table.of(report.labelers())
        .column("labeler", AgreementReport.LabelerAgreement::labeler)
        .column("comparisons", AgreementReport.LabelerAgreement::comparisons)
        .column("agrees with the rest %", labeler -> Table.percent(labeler.agreed()))
        .print(out());
  }
}

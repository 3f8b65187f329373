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
import plaudit.eval.texts.JudgmentFile;
import plaudit.input.InvalidInputException;
import plaudit.node.config.RunConfig;

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
public final class EvalAgreementVerb extends Verb {

  @Option(names = "--labels", paramLabel = "FILE", description = "Judgments, one a line of .jsonl.")
  private @Nullable Path labels;

  @Option(
      names = "--run",
      paramLabel = "DIR",
      description = "The directory of a run, or of a panel of eval win-rate, that has ended.")
  private @Nullable Path run;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    AgreementReport report = AgreementReport.of(items());
    if (json) {
      printJson(object(report));
    } else {
      print(report);
    }
    return 0;
  }

  private List<JudgedItem> items() {
    if (labels != null && run == null) {
      List<JudgedItem> items = JudgmentFile.read(labels);
      JudgmentFile.requireRepeated(items, labels);
      return items;
    }
    if (run != null && labels == null) {
      if (!Files.isRegularFile(run.resolve("labels.mv.db"))) {
        throw InvalidInputException.of("--run", run, "a directory with a labels.mv.db");
      }
      List<JudgedItem> items =
          StoredLabels.items(run.resolve("labels"), RunConfig.defaults(List.of()).config());
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
    object.put("pairsAgreed", JsonNumbers.of(report.pairs()));
    object.put("chance", report.chance());
    object.put("aboveChance", report.aboveChance());
    object.put("krippendorffAlpha", Double.isNaN(report.alpha()) ? null : report.alpha());
    object.put("votes", report.votes());
    object.put("labelers", report.labelers().stream().map(EvalAgreementVerb::labeler).toList());
    return object;
  }

  private static Map<String, Object> labeler(AgreementReport.LabelerAgreement labeler) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("labeler", labeler.labeler());
    object.put("comparisons", labeler.comparisons());
    object.put("agreed", JsonNumbers.of(labeler.agreed()));
    return object;
  }

  private void print(AgreementReport report) {
    Columns.ofFacts()
        .row("comparisons", Integer.toString(report.comparisons()))
        .row("judged more than once", Integer.toString(report.repeated()))
        .row("judgments of these", Integer.toString(report.judgments()))
        .row("pairs that agree %", Columns.percent(report.pairs()))
        .row("chance %", Columns.format("%.1f", 100 * report.chance()))
        .row("above chance", Columns.format("%.3f", report.aboveChance()))
        .row(
            "Krippendorff's alpha",
            Double.isNaN(report.alpha()) ? "-" : Columns.format("%.3f", report.alpha()))
        .print(out());
    out().println();
    Columns votes = new Columns("largest vote", "comparisons", "%");
    for (AgreementReport.Vote vote : report.votes()) {
      votes.row(
          vote.largest() + " of " + vote.of(),
          Integer.toString(vote.comparisons()),
          Columns.format("%.1f", 100.0 * vote.comparisons() / report.repeated()));
    }
    votes.print(out());
    out().println();
    Columns labelers = new Columns("labeler", "comparisons", "agrees with the rest %");
    for (AgreementReport.LabelerAgreement labeler : report.labelers()) {
      labelers.row(
          labeler.labeler(),
          Integer.toString(labeler.comparisons()),
          Columns.percent(labeler.agreed()));
    }
    labelers.print(out());
  }
}

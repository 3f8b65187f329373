package plaudit.node.labels;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import plaudit.data.Columns;
import plaudit.files.Sha256;
import plaudit.gateway.store.ImportedJudgment;
import plaudit.gateway.store.JdbcLabels;
import plaudit.input.InvalidInputException;
import plaudit.labelfile.LabelFile;
import plaudit.labelfile.LabelFile.BadRows;
import plaudit.labelfile.LabelFile.Grouping;
import plaudit.labelfile.LabelRow;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.model.Tokenizer;
import plaudit.reward.Target;
import plaudit.tokens.Tokens;

/**
 * Puts the rows of a label file into a run's label store, as if a labeler named "import" had judged
 * them: the reward model is then trained on them like on any others. Idempotent, since a row's id
 * is a digest of what it says.
 *
 * @param tokenizer of the run's model
 * @param vocabulary of the run's model
 * @param context tokens the reward model can read; longer queries lose their beginning
 */
public record LabelImport(Tokenizer tokenizer, int vocabulary, int context) {

  /** What ids of imported comparisons begin with; questions of a run have other letters. */
  public static final String PREFIX = "i";

  /** Characters of a comparison's id behind the prefix: 152 bits of the digest. */
  private static final int DIGITS = 38;

  /**
   * What became of a file's rows.
   *
   * @param rows in the file
   * @param fresh that were not in the store
   * @param preferences rows that name one best response; ties and rows with none acceptable are
   *     stored but train nothing
   * @param cut rows whose query lost its beginning, to fit into the model's context
   * @param skipped why each bad row was left out, with its place
   */
  public record Imported(int rows, int fresh, int preferences, int cut, List<String> skipped) {
    public Imported {
      skipped = List.copyOf(skipped);
    }
  }

  /**
   * Reads {@code file} whole, then stores it whole.
   *
   * @param columns other names of its columns
   * @param bad for rows that cannot be used, here also those of another type than best or ranking
   */
  public Imported read(Path file, Columns columns, JdbcLabels store, BadRows bad) {
    LabelFile.Contents contents =
        LabelFile.read(
            List.of(file),
            tokenizer,
            vocabulary,
            Grouping.BY_QUERY,
            "",
            LabelFile.Duplicates.KEEP,
            columns,
            bad);
    List<String> skipped = new ArrayList<>(contents.skipped());
    Map<String, ImportedJudgment> verdicts = new LinkedHashMap<>();
    int cut = 0;
    for (LabelRow row : contents.rows()) {
      try {
        ImportedJudgment verdict = verdict(row);
        verdicts.put(verdict.comparison().id(), verdict);
        cut += verdict.comparison().query().length() < row.query().tokens().length() ? 1 : 0;
      } catch (InvalidInputException e) {
        if (bad == BadRows.REFUSE) {
          throw e;
        }
        skipped.add(String.valueOf(e.getMessage()));
      }
    }
    int fresh = store.importJudgments(List.copyOf(verdicts.values()));
    long preferences =
        verdicts.values().stream().filter(v -> v.choice() instanceof Choice.Best).count();
    int rows = contents.rows().size() + contents.skipped().size();
    return new Imported(rows, fresh, Math.toIntExact(preferences), cut, skipped);
  }

  private ImportedJudgment verdict(LabelRow row) {
    if (row.responses().size() < 2 || row.target().filter(t -> !isChoice(t)).isPresent()) {
      throw InvalidInputException.of(
          row.place(),
          row.target().map(Target::name).orElse("one response"),
          "best or ranking: a run learns from choices");
    }
    int longest = row.responses().stream().mapToInt(r -> r.tokens().length()).max().orElse(0);
    if (longest > context) {
      throw InvalidInputException.of(
          row.place() + ": longest response",
          longest + " tokens",
          "<= " + context + ", the model's context");
    }
    Tokens whole = row.query().tokens();
    Tokens query = whole.slice(Math.max(0, whole.length() - (context - longest)), whole.length());
    List<Comparison.Sample> samples = new ArrayList<>();
    for (LabelRow.Passage response : row.responses()) {
      samples.add(new Comparison.Sample(response.tokens(), response.text(), 0));
    }
    return new ImportedJudgment(
        new Comparison(id(row), query, row.query().text(), samples), choice(row));
  }

  private static boolean isChoice(Target target) {
    return target instanceof Target.Best
        || target instanceof Target.Ranking
        || target instanceof Target.Margin;
  }

  private static Choice choice(LabelRow row) {
    if (row.target().isEmpty()) {
      return new Choice.NoPreference(Choice.Reason.NONE_ACCEPTABLE);
    }
    List<Integer> winners = row.target().get().winners(row.responses().size());
    return winners.size() == 1
        ? new Choice.Best(winners.get(0))
        : new Choice.NoPreference(Choice.Reason.TIE);
  }

  private static String id(LabelRow row) {
    StringBuilder content = new StringBuilder(row.query().tokens().toString());
    row.responses().forEach(response -> content.append('\n').append(response.tokens()));
    content.append('\n').append(choice(row));
    return PREFIX + Sha256.of(content.toString()).substring(0, DIGITS);
  }
}

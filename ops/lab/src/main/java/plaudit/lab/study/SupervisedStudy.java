package plaudit.lab.study;

import com.typesafe.config.ConfigRenderOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import plaudit.eval.copying.CopyingReport;
import plaudit.eval.measure.Estimate;
import plaudit.eval.measure.MeanDifference;
import plaudit.eval.measure.Sentences;
import plaudit.eval.report.Table;
import plaudit.eval.rouge.Rouge;
import plaudit.eval.rouge.RougeReport;
import plaudit.eval.rouge.RougeReport.Item;
import plaudit.eval.rouge.RougeWords;
import plaudit.eval.rouge.SeveralReferences;
import plaudit.files.AtomicFile;
import plaudit.files.FileTree;
import plaudit.files.Sha256;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.lab.language.SftJob;
import plaudit.model.Compute;
import plaudit.model.TorchNet;
import plaudit.node.Evaluation;
import plaudit.node.Job;
import plaudit.node.LexiconPreference;
import plaudit.node.RunInputs;
import plaudit.node.VendorPlan;
import plaudit.node.config.RunConfig;
import plaudit.rewards.KnownAnswers;

/**
 * The paper's rows of summaries (1.5, 5.3, 5.4): the base, a supervised model, and both fine-tuned
 * from preferences, each measured by ROUGE, copying and a scorer on held-out queries. Each model
 * that is done stays in the study's directory; a second call makes only what is missing.
 */
public final class SupervisedStudy {

  private static final String BASE = "base";
  private static final String SUPERVISED = "supervised";
  private static final int RESAMPLES = 1_000;
  private static final int START_WORDS = 3;
  private static final String SETTINGS = "study.json";

  private final RunConfig config;
  private final Path out;
  private final PrintWriter words;

  /**
   * A study.
   *
   * @param config of the runs, whose data has queries with references
   * @param out takes models, numbers and table
   * @param words hears how it goes
   */
  public SupervisedStudy(RunConfig config, Path out, PrintWriter words) {
    this.config = config;
    this.out = out.toAbsolutePath();
    this.words = words;
  }

  /** What a directory's results were made with. */
  record Settings(String sha256) {}

  /**
   * One model.
   *
   * @param rouge1 F1 of ROUGE-1, as all of these with a bootstrap interval over texts
   * @param rAverage mean of ROUGE-1, -2 and -L
   * @param copied share of sentences that are runs of words of the query
   * @param startCopied share of texts that begin as the query does
   * @param score mean score by the hidden preference, null without one
   * @param ahead of the base, null for the base and without a preference
   */
  public record Row(
      String model,
      int texts,
      Estimate rouge1,
      Estimate rouge2,
      Estimate rougeL,
      Estimate rAverage,
      double copied,
      double startCopied,
      @Nullable Double score,
      @Nullable Estimate ahead) {}

  /** Where a model that is done lies. */
  private record Done(String model) {}

  /**
   * Makes what is missing and measures all four.
   *
   * @return empty if it was interrupted
   */
  public Optional<List<Row>> run() throws InterruptedException {
    requireOwn();
    Path base = Path.of(config.config().getString("plaudit.run.model"));
    Path supervised = out.resolve(SUPERVISED);
    if (!Files.isDirectory(supervised)) {
      RunConfig own =
          config
              .with("plaudit.sft.out", supervised.toString())
              .with("plaudit.run.directory", out.resolve("runs").toString());
      if (!new SftJob(own, words).start().complete()) {
        return Optional.empty();
      }
    }
    Optional<Path> baseTuned = tuned(BASE, base);
    Optional<Path> supervisedTuned = baseTuned.flatMap(it -> tunedQuietly(supervised));
    if (supervisedTuned.isEmpty()) {
      return Optional.empty();
    }
    List<Written> written =
        List.of(
            written(BASE, base),
            written(SUPERVISED, supervised),
            written("base + fine-tuned", baseTuned.get()),
            written("supervised + fine-tuned", supervisedTuned.get()));
    List<Row> rows = written.stream().map(it -> row(it, written.get(0))).toList();
    AtomicFile.write(out.resolve("supervised.json"), JsonFiles.indented(rows));
    AtomicFile.write(out.resolve("supervised.md"), markdown(rows));
    return Optional.of(rows);
  }

  private void requireOwn() {
    String asked =
        Sha256.of(
            config
                .with("plaudit.run.directory", "")
                .config()
                .getConfig("plaudit")
                .root()
                .render(ConfigRenderOptions.concise()));
    Path file = out.resolve(SETTINGS);
    try {
      if (!Files.exists(file)) {
        AtomicFile.write(file, JsonFiles.indented(new Settings(asked)));
      } else if (!JsonFiles.MAPPER
          .readValue(file.toFile(), Settings.class)
          .sha256()
          .equals(asked)) {
        throw InvalidInputException.of(
            "--out", out, "a directory without results of other settings");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + file, e);
    }
  }

  private Optional<Path> tunedQuietly(Path model) {
    try {
      return tuned(SUPERVISED, model);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** The policy tuned from {@code model}; an earlier attempt that did not end is made again. */
  private Optional<Path> tuned(String name, Path model) throws InterruptedException {
    Path done = out.resolve(name + "-tuned.json");
    try {
      if (Files.exists(done)) {
        return Optional.of(Path.of(JsonFiles.MAPPER.readValue(done.toFile(), Done.class).model()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + done, e);
    }
    Path runs = out.resolve("runs-" + name);
    FileTree.delete(runs);
    words.printf("%s + fine-tuned%n", name);
    words.flush();
    Job.Result result =
        new Job(
                config
                    .with("plaudit.run.model", model.toString())
                    .with("plaudit.run.directory", runs.toString()),
                words)
            .start();
    if (!result.complete()) {
      return Optional.empty();
    }
    Path policy = result.directory().resolve("policy").toAbsolutePath();
    AtomicFile.write(done, JsonFiles.indented(new Done(policy.toString())));
    return Optional.of(policy);
  }

  /** What a model wrote, with the references of the queries. */
  private record Written(String name, Evaluation evaluation, List<List<String>> references) {}

  private Written written(String name, Path model) {
    // A source that reads answers makes the inputs keep the references.
    RunConfig own =
        config
            .with("plaudit.run.model", model.toString())
            .with("plaudit.reward.source", "rule")
            .with("plaudit.reward.rule.pattern", "")
            .with("plaudit.reward.rule.length", 0)
            .with("plaudit.reward.rule.answer", "contained");
    try (RunInputs inputs = RunInputs.read(own.config());
        TorchNet net =
            inputs.reference().net(Compute.cpu(Runtime.getRuntime().availableProcessors()))) {
      KnownAnswers answers = inputs.answers();
      Evaluation evaluation = Evaluation.of(net, inputs, own.config().getLong("plaudit.run.seed"));
      List<List<String>> references =
          evaluation.written().stream()
              .map(it -> answers.of(it.response().rollout().query()))
              .toList();
      if (references.stream().anyMatch(List::isEmpty)) {
        throw InvalidInputException.of(
            "plaudit.run.data", "held-out queries without a reference", "a reference for each");
      }
      return new Written(name, evaluation, references);
    }
  }

  private Row row(Written own, Written base) {
    List<String> texts = own.evaluation().written().stream().map(Evaluation.Written::text).toList();
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      items.add(
          new Item(
              split(texts.get(i)), own.references().get(i).stream().map(this::split).toList()));
    }
    long seed = config.config().getLong("plaudit.run.seed");
    RougeReport rouge = RougeReport.of(items, SeveralReferences.AVERAGE, RESAMPLES, seed);
    CopyingReport copying =
        CopyingReport.of(
            own.evaluation().written().stream().map(Evaluation.Written::prompt).toList(),
            texts,
            START_WORDS,
            seed);
    Optional<LexiconPreference> judge = VendorPlan.from(config.config()).preference();
    Optional<double[]> scores = judge.map(it -> scores(it, own));
    Optional<MeanDifference> ahead =
        own.name().equals(BASE)
            ? Optional.empty()
            : judge.map(
                it ->
                    MeanDifference.ofPrompts(
                        scores(it, base),
                        scores(it, own),
                        own.evaluation().draws(),
                        new SplittableRandom(seed)));
    return new Row(
        own.name(),
        texts.size(),
        rouge.row(Rouge.ROUGE_1).f1(),
        rouge.row(Rouge.ROUGE_2).f1(),
        rouge.row(Rouge.ROUGE_L_SUMMARY).f1(),
        rouge.average(),
        1 - copying.novelSentences().share().share(),
        copying.start().share().share(),
        scores.map(it -> Arrays.stream(it).average().orElseThrow()).orElse(null),
        ahead.map(it -> new Estimate(it.mean(), it.low(), it.high())).orElse(null));
  }

  private List<List<String>> split(String text) {
    return Sentences.of(text).stream().map(RougeWords.plain()::of).toList();
  }

  private static double[] scores(LexiconPreference judge, Written own) {
    return own.evaluation().written().stream().mapToDouble(it -> judge.score(it.text())).toArray();
  }

  /** The table, as Markdown. */
  public static String markdown(List<Row> rows) {
    return Table.<Row>of(rows)
        .column("model", Row::model)
        .column("texts", Row::texts)
        .column("ROUGE-1", row -> percent(row.rouge1()))
        .column("ROUGE-2", row -> percent(row.rouge2()))
        .column("ROUGE-L", row -> percent(row.rougeL()))
        .column("R-AVG", row -> percent(row.rAverage()))
        .column("copied sentences", "%.1f %%", row -> 100 * row.copied())
        .column("start copied", "%.1f %%", row -> 100 * row.startCopied())
        .column("score", row -> row.score() == null ? "" : Table.format("%+.3f", row.score()))
        .column("against the base", row -> words(row.ahead()))
        .markdown();
  }

  private static String percent(Estimate it) {
    return Table.format("%.1f (%.1f to %.1f)", 100 * it.mean(), 100 * it.low(), 100 * it.high());
  }

  private static String words(@Nullable Estimate it) {
    return it == null ? "" : Table.format("%+.3f (%+.3f to %+.3f)", it.mean(), it.low(), it.high());
  }
}

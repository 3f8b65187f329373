package plaudit.node;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import plaudit.chat.Conversation;
import plaudit.chat.TurnReader;
import plaudit.eval.report.Report;
import plaudit.eval.report.RunReport;
import plaudit.eval.report.RunReport.Point;
import plaudit.eval.report.RunReport.Sample;
import plaudit.eval.report.RunReport.Series;
import plaudit.eval.verdict.Verdict;
import plaudit.node.Evaluation.Written;
import plaudit.node.RunVerdict.Scored;
import plaudit.node.run.MetricsLog;
import plaudit.node.run.RunDirectory;
import plaudit.policy.PolicySettings;

/** The report of a run: what improved, how it went, and what it left behind. */
final class RunReportWriter {

  private static final int SAMPLES = 16;

  private final RunDirectory directory;
  private final PolicySettings ppo;
  private final Map<String, String> settings;
  private final long seed;
  private final Optional<TurnReader> turns;

  /**
   * A writer of one run's report.
   *
   * @param turns what reads conversations
   */
  RunReportWriter(
      RunDirectory directory,
      PolicySettings ppo,
      Map<String, String> settings,
      long seed,
      Optional<TurnReader> turns) {
    this.turns = turns;
    this.directory = directory;
    this.ppo = ppo;
    this.settings = settings;
    this.seed = seed;
  }

  /** Writes {@code report.html}. */
  void write(
      String title,
      String subtitle,
      List<String> notes,
      Optional<Verdict> verdict,
      Optional<Scored> before,
      Optional<Scored> after,
      Map<String, Duration> durations)
      throws IOException {
    List<Map<String, Number>> metrics = MetricsLog.readLine(directory.metrics());
    OptionalDouble target =
        ppo.kl().adaptive() ? OptionalDouble.of(ppo.kl().target()) : OptionalDouble.empty();
    List<Series> series =
        List.of(
            series(metrics, "Reward", "reference deviations", "reward", OptionalDouble.empty()),
            series(metrics, "Hidden preference", "", "judge/score", OptionalDouble.empty()),
            series(metrics, "KL from the base", "nats", "kl", target),
            series(metrics, "KL coefficient (beta)", "", "beta", OptionalDouble.empty()),
            series(metrics, "Entropy", "nats", "objective/entropy", OptionalDouble.empty()),
            series(
                metrics, "Responses that end", "share", "objective/valid", OptionalDouble.empty()),
            series(
                metrics,
                "Preferred to the base by labelers",
                "share",
                "winRate",
                OptionalDouble.empty()),
            series(metrics, "Labels", "", "labels", OptionalDouble.empty()),
            series(metrics, "Staleness", "versions", "staleness", OptionalDouble.empty()),
            series(metrics, "Rollouts", "1/s", "rolloutsPerSecond", OptionalDouble.empty()));
    Report.write(
        new RunReport(
            title,
            subtitle,
            notes,
            verdict,
            series.stream().filter(s -> !s.points().isEmpty()).toList(),
            samples(before, after),
            drawn(after),
            settings,
            durations,
            files()),
        directory.report());
  }

  private static Series series(
      List<Map<String, Number>> metrics,
      String name,
      String unit,
      String key,
      OptionalDouble target) {
    List<Point> points = new ArrayList<>();
    for (Map<String, Number> line : metrics) {
      Number update = line.get("update");
      Number value = line.get(key);
      if (update != null && value != null) {
        points.add(new Point(update.doubleValue(), value.doubleValue()));
      }
    }
    return new Series(name, unit, "policy update", points, target);
  }

  private List<Sample> samples(Optional<Scored> before, Optional<Scored> after) {
    if (before.isEmpty() || after.isEmpty()) {
      return List.of();
    }
    List<Written> old = before.get().evaluation().written();
    List<Written> tuned = after.get().evaluation().written();
    List<Sample> samples = new ArrayList<>();
    for (int i : after.get().evaluation().drawn(SAMPLES, seed)) {
      String prompt = old.get(i).prompt();
      samples.add(
          new Sample(
              prompt,
              turns.flatMap(it -> it.turns(prompt)).map(Conversation::turns).orElse(List.of()),
              old.get(i).text(),
              tuned.get(i).text(),
              before.get().score(i),
              after.get().score(i)));
    }
    return samples;
  }

  private String drawn(Optional<Scored> after) {
    return after
        .map(
            it ->
                "%d of %,d texts, drawn at random (seed %d), not chosen. All are in %s and %s."
                    .formatted(
                        Math.min(SAMPLES, it.evaluation().written().size()),
                        it.evaluation().written().size(),
                        seed,
                        directory.root().relativize(directory.baseTexts()),
                        directory.root().relativize(directory.tunedTexts())))
        .orElse("");
  }

  private List<RunReport.Output> files() {
    Map<Path, String> known = new LinkedHashMap<>();
    known.put(directory.policy(), "the tuned model, Hugging Face layout");
    known.put(directory.reward(), "the reward model, with its head and scale");
    known.put(directory.metrics(), "every number of every update");
    known.put(directory.labels(), "comparisons and judgments");
    known.put(directory.config(), "all settings of the run");
    known.put(directory.baseTexts(), "what the base model wrote on held-out prompts");
    known.put(directory.tunedTexts(), "what the tuned model wrote on them");
    known.put(directory.checkpoints(), "what run --resume goes on from");
    List<RunReport.Output> files = new ArrayList<>();
    known.forEach(
        (path, what) -> {
          long bytes = RunOutput.bytes(path);
          if (bytes > 0) {
            files.add(
                new RunReport.Output(directory.root().relativize(path).toString(), what, bytes));
          }
        });
    return files;
  }
}

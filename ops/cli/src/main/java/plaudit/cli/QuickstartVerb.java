package plaudit.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.eval.measure.Estimate;
import plaudit.eval.report.Table;
import plaudit.eval.verdict.OverSeeds;
import plaudit.eval.verdict.Verdict;
import plaudit.input.InvalidInputException;
import plaudit.node.Job;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;

/** {@code quickstart}: the main job with everything embedded. */
@Command(
    name = "quickstart",
    description = {
      "Fine-tune a small language model from simulated people's preferences, all in one process.",
      "Ends by itself within ten minutes on two cores and says what improved; label along in the"
          + " browser at http://127.0.0.1:8080/."
    },
    footer = {
      "",
      "With --seeds 3 it says what holds over three seeds.",
      "Without --model and --data it takes the shipped ones; without --minutes it stops after 8.",
      "With a model and prompts of your own:",
      "  plaudit quickstart --model DIR --data DIR",
      "Any setting can be given as key=value, see docs and reference.conf:",
      "  plaudit quickstart vendor.noise=0.2 policy.updates=60"
    })
public final class QuickstartVerb extends JobVerb {

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = {
        "Run N times, with run.seed and the seeds after it, and say what holds over the seeds.",
        "Takes N times as long."
      })
  private int seeds = 1;

  @Override
  public Integer call() throws InterruptedException {
    if (seeds < 1) {
      throw InvalidInputException.of("--seeds", seeds, ">= 1");
    }
    Shipped shipped = Shipped.find();
    List<String> settings = settings(shipped.suiting(model(shipped.model())));
    RunConfig config = RunConfig.load("quickstart", settings);
    if (seeds == 1) {
      return ending(job(config, Role.all()).start());
    }
    long first = config.config().getLong("plaudit.run.seed");
    List<Seed> runs = new ArrayList<>();
    for (long seed = first; seed < first + seeds; seed++) {
      List<String> own = new ArrayList<>(settings);
      own.add("run.seed=" + seed);
      Job.Result result = job(RunConfig.load("quickstart", own), Role.all()).start();
      if (result.alarm() || result.verdict().isEmpty()) {
        return ending(result);
      }
      runs.add(new Seed(seed, result.directory().toString(), result.verdict().get()));
    }
    Seeds over = Seeds.of(runs);
    print(over, () -> tell(runs, over));
    return 0;
  }

  private void tell(List<Seed> runs, Seeds over) {
    Table.of(runs)
        .column("seed", Seed::seed)
        .column("score", "%+.3f", it -> it.verdict().difference().mean())
        .column("win rate %", "%.1f", it -> 100 * it.verdict().rate().mean())
        .column("KL", "%.2f", it -> it.verdict().kl())
        .column("distinct-2", "%.3f", it -> it.verdict().tuned().diversity().distinct2())
        .column("verdict", it -> it.verdict().worth())
        .print(out());
    say("Over %d seeds, mean and Student's 95 %% interval:", runs.size());
    say("  score against the base      %s", words(over.score()));
    say("  win rate                    %s", words(over.winRate()));
    Estimate ahead = over.ahead();
    if (ahead != null) {
      say("  score against best of n     %s", words(ahead));
    }
    say("  KL                          %s", words(over.kl()));
    say("  distinct-2                  %s", words(over.distinct2()));
  }

  private static String words(Estimate it) {
    return Table.format("%.3f (%.3f to %.3f)", it.mean(), it.low(), it.high());
  }

  /** One run. */
  private record Seed(long seed, String directory, Verdict verdict) {}

  /**
   * What holds over seeds.
   *
   * @param ahead score against the best of n, if each run measured it, else null
   */
  private record Seeds(
      List<Long> seeds,
      List<String> directories,
      Estimate score,
      Estimate winRate,
      @Nullable Estimate ahead,
      Estimate kl,
      Estimate distinct2) {

    static Seeds of(List<Seed> runs) {
      return new Seeds(
          runs.stream().map(Seed::seed).toList(),
          runs.stream().map(Seed::directory).toList(),
          mean(runs, it -> it.difference().mean()),
          mean(runs, it -> it.rate().mean()),
          runs.stream().allMatch(it -> it.verdict().best().isPresent())
              ? mean(runs, it -> it.best().orElseThrow().ahead().mean())
              : null,
          mean(runs, Verdict::kl),
          mean(runs, it -> it.tuned().diversity().distinct2()));
    }

    private static Estimate mean(List<Seed> runs, ToDoubleFunction<Verdict> number) {
      return OverSeeds.mean(
          runs.stream().mapToDouble(it -> number.applyAsDouble(it.verdict())).toArray());
    }
  }
}

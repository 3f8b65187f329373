package plaudit.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.eval.report.Table;
import plaudit.input.InvalidInputException;
import plaudit.lab.bench.ControlPlane;
import plaudit.lab.bench.PlanTrial;
import plaudit.lab.plan.Forecast;
import plaudit.lab.plan.PlanCheck;
import plaudit.node.run.ProgressLine;

/** {@code bench plan}: whether the planner foretells what fleets do. */
@Command(
    name = "plan",
    description = {
      "Fleets drawn at random run on the real control plane, the model replaced by delays, and are"
          + " compared with what plaudit plan says of them.",
      "Fails if the event model is off by more than 10 %% in throughput or 0.5 versions in"
          + " staleness anywhere."
    })
public final class BenchPlanVerb extends ResultVerb {

  @Option(names = "--fleets", defaultValue = "160", description = "To try (${DEFAULT-VALUE}).")
  private int fleets = 160;

  @Option(
      names = "--at-once",
      defaultValue = "4",
      description = "Fleets that run at a time; they only wait (${DEFAULT-VALUE}).")
  private int atOnce = 4;

  @Option(names = "--seed", defaultValue = "1", description = "Of the draw (${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--all", description = "Print each fleet, not only those that are off.")
  private boolean all;

  @Override
  public Integer call() throws InterruptedException, ExecutionException {
    if (fleets < 1 || atOnce < 1) {
      throw InvalidInputException.of("--fleets, --at-once", fleets + ", " + atOnce, ">= 1");
    }
    List<PlanCheck> checks = run(PlanTrial.draw(fleets, seed));
    boolean holds = checks.stream().allMatch(check -> check.holds(check.played()));
    print(
        Map.of("holds", holds, "fleets", checks),
        () -> {
          table(checks.stream().filter(c -> all || !c.holds(c.played())).toList());
          summary("formula", checks, PlanCheck::formula);
          summary("events", checks, PlanCheck::played);
        });
    return holds ? 0 : 1;
  }

  private List<PlanCheck> run(List<PlanTrial> trials)
      throws InterruptedException, ExecutionException {
    List<PlanCheck> checks = new ArrayList<>();
    try (ProgressLine line = progressLine();
        ControlPlane plane = ControlPlane.start(new ControlPlane.Wiring(false, 0))) {
      LongConsumer progress = counting(line, "trying", trials.size(), "fleets");
      for (int from = 0; from < trials.size(); from += atOnce) {
        List<CompletableFuture<PlanCheck>> running = new ArrayList<>();
        for (PlanTrial trial : trials.subList(from, Math.min(from + atOnce, trials.size()))) {
          running.add(trial.run(plane, seed + from + running.size()));
        }
        for (CompletableFuture<PlanCheck> one : running) {
          checks.add(one.get());
        }
        progress.accept(checks.size());
      }
    }
    return checks;
  }

  private void table(List<PlanCheck> shown) {
    if (shown.isEmpty()) {
      return;
    }
    Table.<PlanCheck>of(shown)
        .column("held by", c -> c.formula().bottleneck().name().toLowerCase(Locale.ROOT))
        .column("samplers", c -> c.fleet().samplers())
        .column("scorers", c -> c.fleet().scorers())
        .column("batch", c -> c.fleet().batch())
        .column("grant", c -> c.fleet().grant())
        .column("eta", c -> c.fleet().eta())
        .column("rollouts/s", "%.1f", PlanCheck::throughput)
        .column("formula", "%+.1f %%", c -> 100 * c.throughputError(c.formula()))
        .column("events", "%+.1f %%", c -> 100 * c.throughputError(c.played()))
        .column("staleness", "%.2f", PlanCheck::staleness)
        .column("formula", "%+.2f", c -> c.stalenessError(c.formula()))
        .column("events", "%+.2f", c -> c.stalenessError(c.played()))
        .print(out());
    out().println();
  }

  private void summary(String name, List<PlanCheck> checks, Function<PlanCheck, Forecast> of) {
    double[] throughput = sorted(checks, c -> c.throughputError(of.apply(c)));
    double[] staleness = sorted(checks, c -> c.stalenessError(of.apply(c)));
    say(
        "%-8s %d of %d within bounds; throughput off by %.1f %% (median), %.1f %% (90 of"
            + " 100), %.1f %% (most); staleness by %.2f, %.2f, %.2f versions",
        name,
        checks.stream().filter(c -> c.holds(of.apply(c))).count(),
        checks.size(),
        100 * at(throughput, .5),
        100 * at(throughput, .9),
        100 * at(throughput, 1),
        at(staleness, .5),
        at(staleness, .9),
        at(staleness, 1));
  }

  private static double[] sorted(List<PlanCheck> checks, ToDoubleFunction<PlanCheck> error) {
    return checks.stream().mapToDouble(error).map(Math::abs).sorted().toArray();
  }

  private static double at(double[] sorted, double share) {
    return sorted[(int) Math.ceil(share * sorted.length) - 1];
  }
}

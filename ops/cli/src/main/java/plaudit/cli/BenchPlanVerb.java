package plaudit.cli;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.input.InvalidInputException;
import plaudit.lab.bench.ControlPlane;
import plaudit.lab.bench.PlanTrial;
import plaudit.lab.plan.Forecast;
import plaudit.lab.plan.PlanCheck;
import plaudit.node.run.Eta;
import plaudit.node.run.Progress;
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
public final class BenchPlanVerb extends Verb {

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

  @Option(names = "--json", description = "Print each fleet as JSON.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException, ExecutionException {
    if (fleets < 1 || atOnce < 1) {
      throw InvalidInputException.of("--fleets, --at-once", fleets + ", " + atOnce, ">= 1");
    }
    List<PlanCheck> checks = run(PlanTrial.draw(fleets, seed));
    boolean holds = checks.stream().allMatch(check -> check.holds(check.played()));
    if (json) {
      printJson(Map.of("holds", holds, "fleets", checks));
      return holds ? 0 : 1;
    }
    print(checks);
    summary("formula", checks, PlanCheck::formula);
    summary("events", checks, PlanCheck::played);
    return holds ? 0 : 1;
  }

  private List<PlanCheck> run(List<PlanTrial> trials)
      throws InterruptedException, ExecutionException {
    InstantSource clock = InstantSource.system();
    Eta eta = new Eta(Duration.ofMinutes(2));
    List<PlanCheck> checks = new ArrayList<>();
    try (ProgressLine line = ProgressLine.suited(err(), clock);
        ControlPlane plane = ControlPlane.start(new ControlPlane.Wiring(false, 0))) {
      for (int from = 0; from < trials.size(); from += atOnce) {
        List<CompletableFuture<PlanCheck>> running = new ArrayList<>();
        for (PlanTrial trial : trials.subList(from, Math.min(from + atOnce, trials.size()))) {
          running.add(trial.run(plane, seed + from + running.size()));
        }
        for (CompletableFuture<PlanCheck> one : running) {
          checks.add(one.get());
        }
        eta.mark(clock.instant(), (double) checks.size());
        line.show(
            Progress.counted(
                "trying",
                checks.size(),
                trials.size(),
                "fleets",
                eta.until((double) trials.size())));
      }
    }
    return checks;
  }

  private void print(List<PlanCheck> checks) {
    Columns table =
        new Columns(
            "held by",
            "samplers",
            "scorers",
            "batch",
            "grant",
            "eta",
            "rollouts/s",
            "formula",
            "events",
            "staleness",
            "formula",
            "events");
    List<PlanCheck> shown =
        checks.stream().filter(check -> all || !check.holds(check.played())).toList();
    for (PlanCheck check : shown) {
      table.row(
          check.formula().bottleneck().name().toLowerCase(java.util.Locale.ROOT),
          Integer.toString(check.fleet().samplers()),
          Integer.toString(check.fleet().scorers()),
          Integer.toString(check.fleet().batch()),
          Integer.toString(check.fleet().grant()),
          Integer.toString(check.fleet().eta()),
          Columns.format("%.1f", check.throughput()),
          Columns.format("%+.1f %%", 100 * check.throughputError(check.formula())),
          Columns.format("%+.1f %%", 100 * check.throughputError(check.played())),
          Columns.format("%.2f", check.staleness()),
          Columns.format("%+.2f", check.stalenessError(check.formula())),
          Columns.format("%+.2f", check.stalenessError(check.played())));
    }
    if (!shown.isEmpty()) {
      table.print(out());
      out().println();
    }
  }

  private void summary(String name, List<PlanCheck> checks, Function<PlanCheck, Forecast> of) {
    double[] throughput =
        checks.stream()
            .mapToDouble(c -> Math.abs(c.throughputError(of.apply(c))))
            .sorted()
            .toArray();
    double[] staleness =
        checks.stream()
            .mapToDouble(c -> Math.abs(c.stalenessError(of.apply(c))))
            .sorted()
            .toArray();
    out()
        .println(
            Columns.format(
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
                at(staleness, 1)));
  }

  private static double at(double[] sorted, double share) {
    return sorted[(int) Math.ceil(share * sorted.length) - 1];
  }
}

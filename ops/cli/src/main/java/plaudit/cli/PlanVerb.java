package plaudit.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plaudit.eval.report.Table;
import plaudit.experience.OnStale;
import plaudit.input.InvalidInputException;
import plaudit.lab.bench.MemoryBench;
import plaudit.lab.plan.ClosedForm;
import plaudit.lab.plan.EventModel;
import plaudit.lab.plan.Fleet;
import plaudit.lab.plan.Forecast;
import plaudit.lab.plan.Measured;
import plaudit.lab.plan.PlanCheck;
import plaudit.lab.plan.Rates;
import plaudit.model.ModelConfig;
import plaudit.model.ModelDirectory;
import plaudit.node.MemoryForecast;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;

/** {@code plan}: what a fleet will do, and what one more of each would bring. */
@Command(
    name = "plan",
    description = "Throughput, staleness and idle time of a fleet, and the gain of one more.",
    footer = {
      "",
      "Rates come from a run (--run DIR) or from options; options win. Each node is taken to have",
      "processors of its own: what one process measured holds for nodes that are as busy as it was."
    })
public final class PlanVerb extends ResultVerb {

  private static final int UPDATES = 400;

  @Option(names = "--run", paramLabel = "DIR", description = "A run to take rates from.")
  private @Nullable Path run;

  @ArgGroup(validate = false, heading = "%nThe fleet:%n")
  private FleetOptions fleet = new FleetOptions();

  @ArgGroup(validate = false, heading = "%nHow long things take, in seconds:%n")
  private RateOptions rates = new RateOptions();

  @Option(
      names = "--check",
      description = {
        "Hold the forecast against what the run of --run did; fails if the event model is off by",
        "more than 10 %% in throughput or 0.5 versions in mean staleness."
      })
  private boolean check;

  @Option(names = "--seed", defaultValue = "1", description = "Of the event model.")
  private long seed;

  @ArgGroup(
      validate = false,
      heading = "%nMemory of one process with all roles, in place of that:%n")
  private MemoryOptions memory = new MemoryOptions();

  private static final class MemoryOptions {
    @Option(names = "--memory", description = "Foretell the peak; exit code 2 if it cannot fit.")
    private boolean wanted;

    @Option(
        names = "--measure",
        description = {
          "Also measure: policy learner, sampler, reference and reward model at work in this",
          "process, with random weights."
        })
    private boolean measure;

    @Option(names = "--config", paramLabel = "FILE|PRESET", description = "Settings (quickstart).")
    private String config = "quickstart";

    @Option(names = "--model", paramLabel = "DIR", description = "Default: the shipped one.")
    private @Nullable Path model;

    @Option(
        names = "--shape",
        split = ",",
        paramLabel = "N",
        description = "GPT-2's layout in place of a model: layers,heads,width,context,vocabulary.")
    private List<Integer> shape = List.of();

    @Parameters(paramLabel = "KEY=VALUE", arity = "0..*", description = "Settings, as for a run.")
    private List<String> settings = List.of();

    /** A shape needs no model, unless it is measured with the shipped prompts. */
    RunConfig settings() {
      boolean shapeAlone = !shape.isEmpty() && !measure;
      return RunConfig.load(
          config, shapeAlone ? settings : BenchModelOptions.settings(model, null, settings));
    }

    ModelConfig shape(RunConfig settings) {
      if (shape.isEmpty()) {
        String directory = settings.config().getString("plaudit.run.model");
        return ModelDirectory.open(Path.of(directory)).config();
      }
      if (shape.size() != 5) {
        throw InvalidInputException.of(
            "--shape", shape, "five numbers: layers,heads,width,context,vocabulary");
      }
      return ModelConfig.gpt2(shape.get(0), shape.get(1), shape.get(2), shape.get(3), shape.get(4));
    }
  }

  private static final class FleetOptions {
    @Option(names = "--samplers", paramLabel = "N", description = "Sampler nodes (1).")
    private @Nullable Integer samplers;

    @Option(names = "--scorers", paramLabel = "N", description = "Scorer nodes (1).")
    private @Nullable Integer scorers;

    @Option(names = "--learners", paramLabel = "N", description = "Learners in step (1).")
    private @Nullable Integer learners;

    @Option(names = "--labelers", paramLabel = "N", description = "People; 0 for enough (0).")
    private @Nullable Integer labelers;

    @Option(names = "--batch", paramLabel = "N", description = "Trajectories an update (512).")
    private @Nullable Integer batch;

    @Option(names = "--grant", paramLabel = "N", description = "Prompts a grant (16).")
    private @Nullable Integer grant;

    @Option(names = "--eta", paramLabel = "N", description = "Versions samplers may be ahead (1).")
    private @Nullable Integer eta;

    @Option(names = "--max-staleness", paramLabel = "N", description = "Oldest age served (4).")
    private @Nullable Integer maxStaleness;

    @Option(
        names = "--on-stale",
        paramLabel = "HOW",
        description = "Then drop what is older, or wait for it before (drop).")
    private @Nullable String onStale;

    @Option(
        names = "--in-flight",
        negatable = true,
        description = "Samplers take a newer version between two tokens (no).")
    private @Nullable Boolean inFlight;

    Fleet over(Fleet base) {
      int slack = or(eta, base.eta());
      return new Fleet(
          or(samplers, base.samplers()),
          or(scorers, base.scorers()),
          or(learners, base.learners()),
          or(labelers, base.labelers()),
          or(batch, base.batch()),
          or(grant, base.grant()),
          base.unacknowledged(),
          slack,
          or(maxStaleness, Math.max(slack, base.maxStaleness())),
          onStale == null ? base.onStale() : OnStale.of(onStale),
          inFlight == null ? base.inFlight() : inFlight);
    }
  }

  private static final class RateOptions {
    @Option(names = "--generation", paramLabel = "S", description = "To write a full grant.")
    private @Nullable Double generation;

    @Option(
        names = "--spread",
        paramLabel = "SHARE",
        defaultValue = "0.1",
        description = "Deviation of that over its mean (default: ${DEFAULT-VALUE}).")
    private double spread = 0.1;

    @Option(names = "--scoring", paramLabel = "S", description = "To score a full grant.")
    private @Nullable Double scoring;

    @Option(names = "--learning", paramLabel = "S", description = "One learner's update.")
    private @Nullable Double learning;

    @Option(names = "--sharing", paramLabel = "S", description = "What each further learner adds.")
    private @Nullable Double sharing;

    @Option(names = "--publishing", paramLabel = "S", description = "To write weights.")
    private @Nullable Double publishing;

    @Option(names = "--loading", paramLabel = "S", description = "To fetch and load weights.")
    private @Nullable Double loading;

    @Option(names = "--labeling", paramLabel = "S", description = "A person's time a question.")
    private @Nullable Double labeling;

    @Option(names = "--labels-per-episode", paramLabel = "X", description = "Labels wanted.")
    private @Nullable Double labelsPerEpisode;

    Rates over(Rates base) {
      return new Rates(
          or(generation, base.generation()),
          spread,
          or(scoring, base.scoring()),
          or(learning, base.learning()),
          or(sharing, base.sharing()),
          or(publishing, base.publishing()),
          or(loading, base.loading()),
          or(labeling, base.labeling()),
          or(labelsPerEpisode, base.labelsPerEpisode()));
    }

    /** Without a run, the times of generation and learning are required. */
    Rates alone() {
      if (generation == null || learning == null) {
        throw InvalidInputException.of(
            "rates", "none", "--run DIR, or --generation S and --learning S");
      }
      return over(new Rates(generation, spread, 0, learning, 0, 0, 0, 0, 0));
    }
  }

  @Override
  public Integer call() throws IOException {
    if (memory.wanted || memory.measure) {
      return memory();
    }
    if (check) {
      return check();
    }
    Map<String, Object> all = new LinkedHashMap<>();
    List<String> lines = new ArrayList<>();
    Fleet asked;
    Rates times;
    if (run == null) {
      asked = fleet.over(new Fleet(1, 1, 1, 0, 512, 16, 2, 1, 4));
      times = rates.alone();
    } else {
      Measured measured = Measured.of(run, rates.spread);
      asked = fleet.over(measured.fleet());
      times = rates.over(measured.rates());
      all.put(
          "measured",
          Map.of("throughput", measured.throughput(), "staleness", measured.staleness()));
      lines.add(
          Table.format(
              "measured            %8.2f rollouts/s  staleness %5.2f",
              measured.throughput(), measured.staleness()));
    }
    Forecast formula = ClosedForm.of(asked, times);
    Forecast played = EventModel.play(asked, times, UPDATES, seed);
    all.put("formula", formula);
    all.put("played", played);
    lines.add(line("by formula", formula, Double.NaN));
    lines.add(line("by events", played, Double.NaN));
    Map<String, Fleet> more = new LinkedHashMap<>();
    more.put("+1 sampler", asked.oneSamplerMore());
    more.put("+1 scorer", asked.oneScorerMore());
    more.put("+1 learner", asked.oneLearnerMore());
    more.put("+1 eta", asked.oneVersionMore());
    if (asked.labelers() > 0) {
      more.put("+1 labeler", asked.oneLabelerMore());
    }
    more.forEach(
        (name, bigger) -> {
          Forecast forecast = EventModel.play(bigger, times, UPDATES, seed);
          all.put(name, forecast);
          lines.add(line(name, forecast, forecast.throughput() / played.throughput() - 1));
        });
    print(all, () -> lines.forEach(out()::println));
    return 0;
  }

  private int memory() throws IOException {
    RunConfig settings = memory.settings();
    ModelConfig shape = memory.shape(settings);
    MemoryForecast forecast = MemoryForecast.of(settings.config(), shape, Role.all());
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("parts", forecast.parts());
    all.put("bytes", forecast.bytes());
    all.put("machine", MemoryForecast.ofMachine());
    List<String> lines = new ArrayList<>();
    forecast.parts().forEach(it -> lines.add(line(it.what(), it.bytes())));
    lines.add(line("together", forecast.bytes()));
    lines.add(line("machine", MemoryForecast.ofMachine()));
    if (memory.measure) {
      MemoryBench.Result result = MemoryBench.of(settings, shape, Shipped.find().model());
      all.put("check", result);
      lines.add(line("without reward learner, foretold", result.foretold()));
      lines.add(line("without reward learner, measured", result.measured()));
    }
    print(all, () -> lines.forEach(out()::println));
    forecast.require(MemoryForecast.ofMachine());
    return 0;
  }

  private static String line(String what, double bytes) {
    return Table.format("%-45s %12s", what, MemoryForecast.gib(bytes));
  }

  private int check() {
    if (run == null) {
      throw InvalidInputException.of("--check", "without --run", "--run DIR");
    }
    Measured measured = Measured.of(run, rates.spread);
    PlanCheck held =
        PlanCheck.of(
            fleet.over(measured.fleet()),
            rates.over(measured.rates()),
            measured.throughput(),
            measured.staleness(),
            measured.warm(),
            measured.updates(),
            seed);
    boolean holds = held.holds(held.played());
    print(
        Map.of("holds", holds, "check", held),
        () -> {
          say(
              "measured    %8.2f rollouts/s            staleness %5.2f",
              held.throughput(), held.staleness());
          out().println(line("by formula", held, held.formula()));
          out().println(line("by events", held, held.played()));
        });
    return holds ? 0 : 1;
  }

  private static String line(String name, PlanCheck held, Forecast forecast) {
    return Table.format(
        "%-11s %8.2f rollouts/s  %+5.1f %%   staleness %5.2f  %+.2f  %s",
        name,
        forecast.throughput(),
        100 * held.throughputError(forecast),
        forecast.staleness(),
        held.stalenessError(forecast),
        held.holds(forecast) ? "holds" : "does not hold");
  }

  private static String line(String name, Forecast f, double gain) {
    return Table.format(
        "%-19s %8.2f rollouts/s  staleness %5.2f%s  idle: samplers %3.0f %%, scorers %3.0f %%,"
            + " learner %3.0f %%%s",
        name,
        f.throughput(),
        f.staleness(),
        Double.isNaN(f.oldest())
            ? " (mean)            "
            : Table.format(" (95 %% %2.0f, max %2.0f)", f.staleness95(), f.oldest()),
        100 * f.samplersIdle(),
        100 * f.scorersIdle(),
        100 * f.learnerIdle(),
        Double.isNaN(gain)
            ? "  held by " + f.bottleneck().name().toLowerCase(Locale.ROOT)
            : Table.format("  %+.1f %%", 100 * gain));
  }

  private static int or(@Nullable Integer value, int otherwise) {
    return value == null ? otherwise : value;
  }

  private static double or(@Nullable Double value, double otherwise) {
    return value == null ? otherwise : value;
  }
}

package plaudit.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.eval.report.LineChart;
import plaudit.eval.report.LineChart.Line;
import plaudit.eval.report.RunReport.Point;
import plaudit.eval.report.Table;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.lab.bench.ControlPlane;
import plaudit.lab.bench.ControlPlaneResult;
import plaudit.lab.bench.Scaling;
import plaudit.lab.plan.Fleet;
import plaudit.lab.plan.Rates;
import plaudit.node.run.ProgressLine;

/** {@code bench control-plane}: how many sampler nodes one learner's node keeps busy. */
@Command(
    name = "control-plane",
    description = {
      "What messages, leases and admission cost: real buffer, registry and protocols, the model"
          + " replaced by delays.",
      "Each sampler node has a scorer. The ideal rate is the planner's formula, to which messages"
          + " cost nothing."
    })
public final class BenchControlPlaneVerb extends ResultVerb {

  private static final int WARM = 2;
  private static final int FEWEST_UPDATES = 3;

  @Option(
      names = "--samplers",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,2,4,8,16,32,64",
      description = "Sampler nodes (default: ${DEFAULT-VALUE}).")
  private List<Integer> samplers = List.of();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "5",
      description = "To measure each, and at least 3 updates (default: ${DEFAULT-VALUE}).")
  private double seconds = 5;

  @Option(names = "--batch", defaultValue = "512", description = "Of an update (${DEFAULT-VALUE}).")
  private int batch = 512;

  @Option(names = "--grant", defaultValue = "16", description = "Prompts (${DEFAULT-VALUE}).")
  private int grant = 16;

  @Option(names = "--eta", defaultValue = "4", description = "Versions ahead (${DEFAULT-VALUE}).")
  private int eta = 4;

  @Option(
      names = "--generation",
      defaultValue = "0.25",
      description = "Seconds to write a grant (${DEFAULT-VALUE}).")
  private double generation = .25;

  @Option(
      names = "--spread",
      defaultValue = "0.1",
      description = "Deviation of that over its mean (${DEFAULT-VALUE}).")
  private double spread = .1;

  @Option(
      names = "--scoring",
      defaultValue = "0.02",
      description = "Seconds to score a grant (${DEFAULT-VALUE}).")
  private double scoring = .02;

  @Option(
      names = "--update",
      defaultValue = "0.15",
      description = "Seconds of an update, publishing included (${DEFAULT-VALUE}).")
  private double update = .15;

  @Option(
      names = "--loading",
      defaultValue = "0.01",
      description = "Seconds to load a version (${DEFAULT-VALUE}).")
  private double loading = .01;

  @Option(names = "--serialize-messages", description = "Serialize also inside the process.")
  private boolean serialize;

  @Option(
      names = "--nodes",
      defaultValue = "0",
      description = "Cluster nodes to spread the workers over, with TCP between them; 0 for none.")
  private int nodes;

  @Option(names = "--seed", defaultValue = "1", description = "Of the delays.")
  private long seed;

  @Option(
      names = "--at-least",
      paramLabel = "SHARE",
      defaultValue = "0",
      description = "Fail if a measured rate is less than this share of the ideal.")
  private double atLeast;

  @Option(names = "--svg", paramLabel = "FILE", description = "Draw the curve.")
  private @Nullable Path svg;

  @Override
  public Integer call() throws InterruptedException, ExecutionException {
    if (!(seconds > 0)) {
      throw InvalidInputException.of("--seconds", seconds, "> 0");
    }
    Rates rates = new Rates(generation, spread, scoring, update, 0, 0, loading, 0, 0);
    List<Fleet> fleets = samplers.stream().map(n -> Scaling.fleet(n, batch, grant, eta)).toList();
    List<Scaling> points = new ArrayList<>();
    try (ProgressLine line = progressLine()) {
      for (Fleet fleet : fleets) {
        line.show("measuring %d sampler nodes".formatted(fleet.samplers()));
        try (ControlPlane plane = ControlPlane.start(new ControlPlane.Wiring(serialize, nodes))) {
          ControlPlaneResult pulse =
              plane.measure(fleet, rates, WARM, FEWEST_UPDATES, seconds, seed).get();
          points.add(Scaling.of(fleet, rates, pulse));
        }
      }
    }
    if (svg != null) {
      draw(svg, points);
    }
    print(points.stream().map(BenchControlPlaneVerb::object).toList(), () -> table(points));
    return points.stream().allMatch(point -> point.share() >= atLeast) ? 0 : 1;
  }

  private static Map<String, Object> object(Scaling point) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("samplers", point.samplers());
    object.put("ideal", point.ideal());
    object.put("share", point.share());
    object.put("measured", point.result());
    return object;
  }

  private void table(List<Scaling> points) {
    Table.of(points)
        .column("samplers", Scaling::samplers)
        .column("ideal, rollouts/s", "%.1f", Scaling::ideal)
        .column("measured", "%.1f", point -> point.result().throughput())
        .column("share", "%.1f %%", point -> 100 * point.share())
        .column("staleness", "%.2f", point -> point.result().staleness())
        .column("updates", point -> point.result().updates())
        .column("buffer: messages/s", "%.0f", point -> point.result().messages())
        .column("busy", "%.1f %%", point -> 100 * point.result().bufferBusy())
        .print(out());
  }

  private static void draw(Path file, List<Scaling> points) {
    List<Point> ideal = points.stream().map(p -> new Point(p.samplers(), p.ideal())).toList();
    List<Point> measured =
        points.stream().map(p -> new Point(p.samplers(), p.result().throughput())).toList();
    AtomicFile.write(
        file,
        LineChart.withNames(
            "Rollouts trained a second by one learner",
            "sampler nodes",
            "rollouts/s",
            List.of(new Line("ideal", ideal), new Line("measured", measured))));
  }
}

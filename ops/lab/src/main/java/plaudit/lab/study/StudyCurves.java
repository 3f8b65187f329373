package plaudit.lab.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import plaudit.eval.report.LineChart;
import plaudit.eval.report.LineChart.Band;
import plaudit.eval.report.LineChart.Curve;
import plaudit.lab.study.RunResult.Point;

/**
 * The figures of a study: means over the seeds, with a band of one standard deviation.
 *
 * @param arms in the order of the legend
 * @param runs of all arms
 * @param optimum the best there can be
 * @param smoothing updates whose mean is drawn
 */
public record StudyCurves(List<Arm> arms, List<RunResult> runs, Frontier optimum, int smoothing) {

  private static final String REWARD = "r_s, log-odds of a positive review";
  private static final List<String> OFFLINE = List.of("#a6cbe3", "#4a90c2", "#0b4f87");
  private static final List<String> ONLINE = List.of("#f6c48f", "#e08a2c", "#9c4f00");
  private static final List<String> OTHERS =
      List.of("#1c1e21", "#4a90c2", "#e08a2c", "#3d9a58", "#8a5bb5", "#c2455a", "#7a8594");

  /** The pictures by file name. */
  public Map<String, String> ofMockStudy() {
    Map<String, String> pictures = new LinkedHashMap<>();
    Predicate<Arm> direct = arm -> arm.name().equals("direct");
    pictures.put(
        "offline.svg",
        byUpdate("Reward models of offline labels", direct.or(arm -> isOf(arm, false))));
    pictures.put(
        "online.svg",
        byUpdate("Reward models of online labels", direct.or(arm -> isOf(arm, true))));
    pictures.put(
        "collapse.svg",
        byUpdate("With and without a KL penalty", direct.or(arm -> arm.name().equals("no-kl"))));
    pictures.put("frontier.svg", byKl(arm -> !arm.name().equals("no-kl")));
    return pictures;
  }

  /** The pictures by file name. */
  public Map<String, String> ofAlgorithms() {
    Map<String, String> pictures = new LinkedHashMap<>();
    pictures.put("algorithms.svg", byUpdate("Learning from r_s", arm -> true));
    pictures.put("algorithms-frontier.svg", byKl(arm -> true));
    return pictures;
  }

  private String byUpdate(String title, Predicate<Arm> shown) {
    List<Curve> curves = new ArrayList<>();
    for (Arm arm : shown(shown)) {
      List<List<Double>> rewards = smooth(arm, Point::rs);
      List<Band> bands = new ArrayList<>();
      for (int i = 0; i < shortest(rewards); i++) {
        bands.add(band(i + 1d, at(rewards, i)));
      }
      curves.add(new Curve(arm.title(), colour(arm), false, bands));
    }
    return LineChart.withLegend(title, "policy update", REWARD, curves);
  }

  private String byKl(Predicate<Arm> shown) {
    List<Curve> curves = new ArrayList<>();
    curves.add(
        new Curve(
            "optimum, sampled",
            "#7a8594",
            true,
            optimum.points().stream().map(p -> Band.point(p.kl(), p.rs())).toList()));
    for (Arm arm : shown(shown)) {
      List<List<Double>> rewards = smooth(arm, Point::rs);
      List<List<Double>> kls = smooth(arm, Point::kl);
      List<Band> bands = new ArrayList<>();
      for (int i = 0; i < shortest(rewards); i++) {
        bands.add(Band.point(mean(at(kls, i)), mean(at(rewards, i))));
      }
      curves.add(new Curve(arm.title(), colour(arm), false, bands));
    }
    return LineChart.withLegend("Reward for KL", "KL, nats a response", REWARD, curves);
  }

  private List<Arm> shown(Predicate<Arm> wanted) {
    return arms.stream()
        .filter(wanted)
        .filter(arm -> runs.stream().anyMatch(r -> r.arm().equals(arm.name()) && learned(r)))
        .toList();
  }

  private static boolean learned(RunResult run) {
    return !run.points().isEmpty();
  }

  private static boolean isOf(Arm arm, boolean online) {
    return arm.teacher() instanceof Arm.Teacher.Labels labels && labels.online() == online;
  }

  private String colour(Arm arm) {
    if (arm.teacher() instanceof Arm.Teacher.Labels labels) {
      List<Arm> alike = arms.stream().filter(a -> isOf(a, labels.online())).toList();
      List<String> colours = labels.online() ? ONLINE : OFFLINE;
      return colours.get(Math.min(alike.indexOf(arm), colours.size() - 1));
    }
    if (arm.name().equals("no-kl")) {
      return "#c2455a";
    }
    List<Arm> others =
        arms.stream()
            .filter(a -> a.teacher() instanceof Arm.Teacher.Direct && !a.name().equals("no-kl"))
            .toList();
    return OTHERS.get(Math.max(0, others.indexOf(arm)) % OTHERS.size());
  }

  /** A number of each run by update, as a centred moving mean. */
  private List<List<Double>> smooth(Arm arm, ToDoubleFunction<Point> number) {
    List<List<Double>> all = new ArrayList<>();
    for (RunResult run : runs) {
      if (run.arm().equals(arm.name()) && learned(run)) {
        List<Double> smooth = new ArrayList<>();
        int half = smoothing / 2;
        for (int i = 0; i < run.points().size(); i++) {
          int reach = Math.min(half, Math.min(i, run.points().size() - 1 - i));
          smooth.add(
              run.points().subList(i - reach, i + reach + 1).stream()
                  .mapToDouble(number)
                  .average()
                  .orElseThrow());
        }
        all.add(smooth);
      }
    }
    return all;
  }

  private static int shortest(List<List<Double>> lists) {
    return lists.stream().mapToInt(List::size).min().orElse(0);
  }

  private static List<Double> at(List<List<Double>> lists, int index) {
    return lists.stream().map(list -> list.get(index)).toList();
  }

  private static double mean(List<Double> numbers) {
    return numbers.stream().mapToDouble(x -> x).average().orElseThrow();
  }

  private static Band band(double x, List<Double> numbers) {
    double mean = mean(numbers);
    double squares = numbers.stream().mapToDouble(y -> (y - mean) * (y - mean)).sum();
    double deviation = numbers.size() < 2 ? 0 : Math.sqrt(squares / (numbers.size() - 1));
    return new Band(x, mean, mean - deviation, mean + deviation);
  }
}

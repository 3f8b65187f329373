package plaudit.cli;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plaudit.eval.report.Table;
import plaudit.input.InvalidInputException;
import plaudit.lab.study.Arm;
import plaudit.lab.study.EqualKl;
import plaudit.lab.study.Study;
import plaudit.lab.study.StudyCurves;
import plaudit.lab.study.StudySettings;
import plaudit.lab.study.StudyTable;
import plaudit.node.RunInputs;
import plaudit.node.config.RunConfig;
import plaudit.node.run.Eta;
import plaudit.node.run.OnInterrupt;
import plaudit.node.run.Progress;
import plaudit.node.run.ProgressLine;

/** Options, progress and output of a study. */
abstract class StudyJobVerb extends ResultVerb {

  private static final Duration PACE = Duration.ofMinutes(5);
  private static final int GRACE_SECONDS = 60;
  private static final String PRESET = "mock-study";

  /** Minutes in place of an hour, to see that it works. */
  private static final List<String> QUICK =
      List.of(
          "policy.updates=8",
          "study.seeds=1",
          "study.budgets=[16,32]",
          "study.repeats=1",
          "study.classifier.windows=1000",
          "study.classifier.measured=400",
          "study.optimum.prompts=4",
          "study.optimum.draws=64");

  /** Hours, for curves that converge and five seeds. */
  private static final List<String> FULL =
      List.of(
          "policy.updates=400",
          "policy.kl.horizon=1500",
          "study.seeds=5",
          "study.budgets=[100,400,1600]");

  private volatile boolean interrupted;

  @Option(
      names = "--reviews",
      required = true,
      paramLabel = "FILE",
      description = {
        "Reviews to train the mock human on: a JSON object a line with text and label (1 for a",
        "positive review, 0 for a negative one), as .gz or not."
      })
  private Path reviews;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where results go, and where they are looked for.")
  private Path out;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "The model that learns (default: the shipped one).")
  private @Nullable Path model;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description = "What it goes on writing from (default: the shipped openings).")
  private @Nullable Path data;

  @Option(names = "--seeds", paramLabel = "N", description = "Runs of each arm (3).")
  private @Nullable Integer seeds;

  @Option(
      names = "--updates",
      paramLabel = "N",
      description = "Policy updates of a run; short for policy.updates=N.")
  private @Nullable Integer updates;

  @Option(
      names = "--only",
      paramLabel = "ARM",
      description = "Make runs of this arm only; may be given several times.")
  private List<String> only = List.of();

  @Option(names = "--quick", description = "Minutes instead of an hour; the numbers mean little.")
  private boolean quick;

  @Option(
      names = "--full",
      description = {
        "400 updates a run, five seeds, budgets of 100, 400 and 1,600 labels: hours on two cores."
      })
  private boolean full;

  @Parameters(paramLabel = "KEY=VALUE", arity = "0..*", description = "Settings to override.")
  private List<String> overrides = List.of();

  /** What is compared. */
  abstract List<Arm> arms(StudySettings settings);

  /** What is drawn, by file name. */
  abstract Map<String, String> pictures(StudyCurves curves);

  @Override
  public Integer call() {
    Config config = RunConfig.load(PRESET, settings()).config();
    StudySettings settings = StudySettings.from(config);
    List<Arm> all = arms(settings);
    List<Arm> arms = wanted(all);
    InstantSource clock = InstantSource.system();
    OnInterrupt interrupt = OnInterrupt.call(() -> interrupted = true, GRACE_SECONDS);
    try (RunInputs inputs = RunInputs.read(config);
        ProgressLine line = ProgressLine.suited(err(), clock)) {
      Study study = new Study(config, arms, inputs, reviews, out, watch(line, clock));
      Optional<Study.Outcome> outcome = study.run();
      if (outcome.isEmpty()) {
        line.say("interrupted; the same command goes on");
        return 1;
      }
      tell(study, arms, settings, outcome.get(), line);
      return outcome.get().complete() ? 0 : 1;
    } finally {
      interrupt.over();
    }
  }

  private List<Arm> wanted(List<Arm> all) {
    List<String> names = all.stream().map(Arm::name).toList();
    for (String name : only) {
      if (!names.contains(name)) {
        throw InvalidInputException.of("--only", name, String.join(", ", names));
      }
    }
    return only.isEmpty() ? all : all.stream().filter(a -> only.contains(a.name())).toList();
  }

  private Study.Watch watch(ProgressLine line, InstantSource clock) {
    Map<String, Eta> etas = new LinkedHashMap<>();
    return new Study.Watch(
        now -> {
          synchronized (etas) {
            Eta eta = etas.computeIfAbsent(now.phase(), phase -> new Eta(PACE));
            eta.mark(clock.instant(), (double) now.done());
            line.show(
                Progress.counted(
                    now.phase(),
                    now.done(),
                    now.total(),
                    now.unit(),
                    eta.until((double) now.total())));
          }
        },
        line::say,
        () -> !interrupted);
  }

  private void tell(
      Study study,
      List<Arm> arms,
      StudySettings settings,
      Study.Outcome outcome,
      ProgressLine line) {
    List<StudyTable.Row> rows = StudyTable.rows(arms, outcome.runs(), settings.smoothing());
    List<EqualKl.Row> equal =
        EqualKl.rows(
            arms, outcome.runs(), outcome.optimum(), settings.equalKl(), settings.smoothing());
    String table = StudyTable.markdown(rows);
    if (!equal.isEmpty()) {
      table += "\nAt equal KL:\n\n" + EqualKl.markdown(equal);
    }
    String tables = table;
    Map<String, String> pictures =
        pictures(new StudyCurves(arms, outcome.runs(), outcome.optimum(), settings.smoothing()));
    pictures.forEach(study::write);
    study.write(name() + ".md", tables);
    double seconds =
        outcome.runs().stream().mapToDouble(run -> run.cpuSeconds()).sum()
            + outcome.classifier().cpuSeconds();
    line.say(
        Table.format(
            "%d runs, %.1f CPU minutes with the classifier; table and %s in %s",
            outcome.runs().size(), seconds / 60, String.join(", ", pictures.keySet()), out));
    if (!outcome.complete()) {
      line.say("interrupted; the same command makes what is missing");
    }
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("complete", outcome.complete());
    object.put("cpuSeconds", seconds);
    object.put("classifier", outcome.classifier());
    object.put("optimum", outcome.optimum().points());
    object.put("arms", rows);
    object.put("equalKl", equal);
    print(object, () -> out().print(tables));
  }

  private List<String> settings() {
    List<String> settings = new ArrayList<>();
    settings.add(Shipped.setting("run.model", model == null ? Shipped.find().model() : model));
    if (model == null) { // the second judge comes with the shipped model
      settings.add(Shipped.find().lexicon());
    }
    settings.add(Shipped.setting("run.data", data == null ? Shipped.find().openings() : data));
    if (quick && full) {
      throw new InvalidInputException("--quick and --full: both (expected: at most one of them)");
    }
    if (quick) {
      settings.addAll(QUICK);
    }
    if (full) {
      settings.addAll(FULL);
    }
    if (seeds != null) {
      settings.add("study.seeds=" + seeds);
    }
    if (updates != null) {
      settings.add("policy.updates=" + updates);
    }
    settings.addAll(overrides);
    return settings;
  }
}

package plaudit.cli;

import com.typesafe.config.ConfigUtil;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plaudit.data.Columns;
import plaudit.eval.verdict.Verdict;
import plaudit.input.InvalidInputException;
import plaudit.node.Job;
import plaudit.node.config.ClusterSettings;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;
import plaudit.node.telemetry.Logging;

/** Options of the verbs that run a job, and the output at its end. */
abstract class JobVerb extends ResultVerb {

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "A Hugging Face directory (docs/models.md); short for run.model=DIR.")
  private @Nullable Path model;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description = {
        "Texts to make queries of; short for run.data=PATH.",
        "Prompts, books, posts or news stories: see docs/tasks.md."
      })
  private @Nullable Path data;

  @Option(
      names = "--column",
      paramLabel = "NAME=COLUMN",
      description = {
        "Read a column of the data under another name, such as prompt=question; short for",
        "run.columns.NAME=COLUMN. May be given several times."
      })
  private List<String> columns = List.of();

  @Option(
      names = "--minutes",
      paramLabel = "M",
      description = "Stop the loops after so long, with a checkpoint.")
  private @Nullable Integer minutes;

  @Option(
      names = "--despite-stop",
      description = {
        "Let a run go on that a labeler has stopped; the label store keeps your user name.",
        "Without it such a run is refused."
      })
  private boolean despiteStop;

  @Parameters(paramLabel = "KEY=VALUE", arity = "0..*", description = "Settings to override.")
  private List<String> overrides = List.of();

  /**
   * What the command line says, as overrides, later ones stronger.
   *
   * @param ofTheVerb what the verb says beneath it
   */
  final List<String> settings(List<String> ofTheVerb) {
    if (minutes != null && minutes < 1) {
      throw InvalidInputException.of("--minutes", minutes, ">= 1");
    }
    List<String> settings = new ArrayList<>(ofTheVerb);
    if (model != null) {
      settings.add(Shipped.setting("run.model", model));
    }
    if (data != null) {
      settings.add(Shipped.setting("run.data", data));
    }
    settings.addAll(columnSettings(columns));
    if (minutes != null) {
      settings.add("run.time-limit=" + minutes + "m");
    }
    settings.addAll(overrides);
    return settings;
  }

  /** What {@code --column} says, as settings. */
  static List<String> columnSettings(List<String> columns) {
    List<String> settings = new ArrayList<>();
    Columns.parse("--column", columns)
        .sources()
        .forEach(
            (name, source) ->
                settings.add(
                    "run.columns."
                        + ConfigUtil.quoteString(name)
                        + "="
                        + ConfigUtil.quoteString(source)));
    return settings;
  }

  /** Writes logs as the settings say, from now on. */
  static void configureLogs(RunConfig config, Set<Role> roles) {
    String node =
        Role.words(roles, Set.of()) + " at " + ClusterSettings.from(config.config()).address();
    Logging.configure(config.config(), Map.of("version", Version.number(), "node", node));
  }

  /** A job that does what the verb's options say of a stopped run. */
  final Job job(RunConfig config, Set<Role> roles) {
    configureLogs(config, roles);
    Job job = new Job(config, roles, err());
    return despiteStop ? job.despiteStop(System.getProperty("user.name", "")) : job;
  }

  /** The model that was asked for, or else {@code otherwise}. */
  final Path model(Path otherwise) {
    return model == null ? otherwise : model;
  }

  /** Tells machines how the job ended, if they asked, and answers the exit code. */
  final int ending(Job.Result result) {
    if (json()) {
      printJson(summary(result));
    }
    return result.alarm() ? 1 : 0;
  }

  private static Map<String, Object> summary(Job.Result result) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("directory", result.directory().toString());
    summary.put("complete", result.complete());
    if (!result.reason().isEmpty()) {
      summary.put("reason", result.reason());
    }
    result.verdict().ifPresent(verdict -> put(summary, verdict));
    return summary;
  }

  private static void put(Map<String, Object> summary, Verdict verdict) {
    summary.put("baseMean", verdict.difference().baseMean());
    summary.put("tunedMean", verdict.difference().tunedMean());
    summary.put("difference", verdict.difference().mean());
    summary.put("differenceLow", verdict.difference().low());
    summary.put("differenceHigh", verdict.difference().high());
    summary.put("effect", verdict.difference().effect());
    summary.put("winRate", verdict.rate().mean());
    summary.put("winRateLow", verdict.rate().low());
    summary.put("winRateHigh", verdict.rate().high());
    summary.put("distinct2Base", verdict.base().diversity().distinct2());
    summary.put("distinct2", verdict.tuned().diversity().distinct2());
    verdict
        .best()
        .ifPresent(
            it -> {
              summary.put("bestOf", it.n());
              summary.put("bestOfKl", it.kl());
              summary.put("bestOfMean", it.score().mean());
              summary.put("aheadOfBestOf", it.ahead().mean());
              summary.put("aheadOfBestOfLow", it.ahead().low());
              summary.put("aheadOfBestOfHigh", it.ahead().high());
            });
    verdict
        .people()
        .ifPresent(
            it -> {
              summary.put("peoplePairs", it.pairs());
              summary.put("peopleJudged", it.judged());
              summary.put("peopleAnswers", it.answers());
              summary.put("peopleAnswersWanted", it.wanted());
              summary.put("peopleWinRate", it.rate().share());
              summary.put("peopleWinRateLow", it.rate().low());
              summary.put("peopleWinRateHigh", it.rate().high());
            });
    summary.put("worth", verdict.worth().name());
    summary.put("verdict", verdict.sentence());
    summary.put("kl", verdict.kl());
    verdict.klTarget().ifPresent(target -> summary.put("klTarget", target));
  }
}

package plaudit.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.eval.report.Table;
import plaudit.files.FileTree;
import plaudit.input.InvalidInputException;
import plaudit.lab.gateway.CrashBench;
import plaudit.lab.gateway.CrashBench.Death;
import plaudit.node.run.ProgressLine;

/** {@code bench crash}: whether an acknowledged judgment survives {@code kill -9}. */
@Command(
    name = "crash",
    description = {
      "Kill a gateway again and again while labelers lease, judge, amend and send batches, start it"
          + " again on the same store, and audit the store after each kill: every acknowledged"
          + " judgment is there once, counts hold, numbers have no gaps, granted leases are known.",
      "Ends at the first fault with exit code 1, and keeps the files then."
    })
public final class BenchCrashVerb extends ResultVerb {

  private static final Pattern LIFE =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?)s?\\.\\.([0-9]+(?:\\.[0-9]+)?)s?");

  @Option(names = "--kills", defaultValue = "10", description = "How many (${DEFAULT-VALUE}).")
  private int kills = 10;

  @Option(names = "--clients", defaultValue = "24", description = "Labelers (${DEFAULT-VALUE}).")
  private int clients = 24;

  @Option(
      names = "--life",
      paramLabel = "FROM..TO",
      defaultValue = "5s..90s",
      description = "Seconds from the first judgment to the kill, at random (${DEFAULT-VALUE}).")
  private String life = "5s..90s";

  @Option(
      names = "--thinking",
      paramLabel = "MS",
      defaultValue = "200",
      description = "Milliseconds before a judgment at most, at random (${DEFAULT-VALUE}).")
  private int thinking = 200;

  @Option(
      names = "--power-cut",
      description = "At each kill also open copies of the files without what was written last.")
  private boolean powerCut;

  @Option(
      names = "--postgres",
      paramLabel = "URL",
      description = "A PostgreSQL database (jdbc:postgresql:...) instead of a file.")
  private @Nullable String postgres;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "For the store, on the disk to test; default: a temporary one.")
  private @Nullable Path directory;

  @Option(names = "--seed", defaultValue = "1", description = "Of lives (${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(names = "--markdown", description = "Print the table as Markdown.")
  private boolean markdown;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Matcher bounds = LIFE.matcher(life);
    if (!bounds.matches()) {
      throw InvalidInputException.of("--life", life, "FROM..TO in seconds, such as 5s..90s");
    }
    if (postgres != null && !postgres.startsWith("jdbc:postgresql:")) {
      throw InvalidInputException.of("--postgres", postgres, "jdbc:postgresql://HOST/DATABASE");
    }
    Path place = Files.createDirectories(directory == null ? Path.of("runs") : directory);
    Path files = Files.createTempDirectory(place, "crash-");
    CrashBench bench =
        new CrashBench(
            new CrashBench.Plan(
                kills,
                clients,
                seconds(bounds.group(1)),
                seconds(bounds.group(2)),
                thinking,
                powerCut,
                postgres,
                files,
                seed));
    List<Death> deaths;
    try (ProgressLine line = progressLine()) {
      deaths =
          bench.run(
              death ->
                  line.say(
                      "%s: %d acknowledged, %d lost"
                          .formatted(
                              death.kill() > kills
                                  ? "end"
                                  : "kill %d of %d".formatted(death.kill(), kills),
                              death.acknowledged(),
                              death.lost())));
    }
    boolean holds = deaths.stream().allMatch(Death::holds);
    print(Map.of("holds", holds, "kills", deaths), () -> table(deaths, holds, files));
    if (holds) {
      FileTree.delete(files);
    }
    return holds ? 0 : 1;
  }

  private void table(List<Death> deaths, boolean holds, Path files) {
    Table<Death> table =
        Table.<Death>of(deaths)
            .column("kill", death -> death.kill() > kills ? "end" : death.kill())
            .column("life s", "%.1f", Death::life)
            .column("recovery s", "%.1f", Death::recovery)
            .column("acknowledged", Death::acknowledged)
            .column("rows", Death::rows)
            .column("lost", Death::lost)
            .column("leases lost", Death::lostLeases)
            .column("cut KiB", death -> death.cut() < 0 ? "-" : death.cut() / 1024);
    if (markdown) {
      out().print(table.markdown());
    } else {
      table.print(out());
    }
    deaths.forEach(
        death -> death.faults().forEach(fault -> say("kill %d: %s", death.kill(), fault)));
    say(
        "%d kills, %d judgments acknowledged, %d lost, %d leases lost, longest recovery %.1f s, %d"
            + " power cuts: %s",
        deaths.stream().filter(death -> death.kill() <= kills).count(),
        deaths.stream().mapToInt(Death::acknowledged).sum(),
        deaths.stream().mapToInt(Death::lost).sum(),
        deaths.stream().mapToInt(Death::lostLeases).sum(),
        deaths.stream().mapToDouble(Death::recovery).max().orElse(0),
        deaths.stream().filter(death -> death.cut() >= 0).count(),
        holds ? "all holds" : "see " + files);
  }

  private static Duration seconds(String text) {
    return Duration.ofMillis(Math.round(1e3 * Double.parseDouble(text)));
  }
}

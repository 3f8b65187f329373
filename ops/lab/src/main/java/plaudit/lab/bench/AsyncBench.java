package plaudit.lab.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import plaudit.files.AtomicFile;
import plaudit.files.FileTree;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.node.config.RunConfig;
import plaudit.node.run.MetricsLog;
import plaudit.node.run.RunIdentity;

/**
 * The same run with different eta and seeds, and with another setting varied where that is wanted,
 * one after the other, each in a process of its own.
 *
 * <p>First one run collects labels of the simulated vendor and trains a reward model. All others
 * begin with these labels and this model and ask no further questions: they differ in the loop, not
 * in the labels. A run that is done is a file, and is not done again.
 *
 * <pre>
 * reward.json            where the run with the labels is, and the settings of all
 * reward/                that run
 * eta-1-seed-2.json      an {@link AsyncCell}
 * eta-1-seed-2/          its run
 * eta-1-seed-2.log       its log
 * eta-1-off-seed-2.json  the same of a run with a value of another setting
 * </pre>
 */
public final class AsyncBench {

  private static final String PREPARED = "reward.json";
  private static final TypeReference<LinkedHashMap<String, Object>> OBJECT =
      new TypeReference<>() {};

  private final Path out;
  private final List<String> settings;
  private final int labels;
  private final Variation variation;

  /**
   * One of the runs.
   *
   * @param value of the setting that is varied; empty if none is
   */
  public record Cell(int eta, String value, long seed) {
    String name() {
      String which = value.isEmpty() ? "" : "-" + value.replaceAll("[^A-Za-z0-9.-]+", "_");
      return "eta-%d%s-seed-%d".formatted(eta, which, seed);
    }

    /** For people. */
    @Override
    public String toString() {
      return "eta %d%s, seed %d".formatted(eta, value.isEmpty() ? "" : ", " + value, seed);
    }
  }

  /**
   * A comparison.
   *
   * @param out keeps everything
   * @param settings of all runs, for the preset {@code quickstart}
   * @param labels the reward model learns from
   * @param variation the setting that runs differ in besides eta
   */
  public AsyncBench(Path out, List<String> settings, int labels, Variation variation) {
    this.out = out.toAbsolutePath();
    this.settings = List.copyOf(settings);
    this.labels = labels;
    this.variation = variation;
  }

  /** Every cell, seed after seed, so that a slow hour of the machine does not fall on one eta. */
  public List<Cell> cells(List<Integer> etas, int seeds) {
    List<Cell> cells = new ArrayList<>();
    for (long seed = 1; seed <= seeds; seed++) {
      for (int eta : etas) {
        for (String value : variation.values()) {
          cells.add(new Cell(eta, value, seed));
        }
      }
    }
    return cells;
  }

  /**
   * Reads the settings of every run, so that a wrong name is found before the first begins.
   *
   * @throws InvalidInputException that names it
   */
  public void check(List<Cell> cells) {
    cells.forEach(cell -> RunConfig.load("quickstart", settings(cell)));
  }

  /** Whether the labels and the reward model are there. */
  public boolean isPrepared() {
    return Files.exists(out.resolve(PREPARED));
  }

  /**
   * Collects labels and trains the reward model, unless that was done.
   *
   * @throws InvalidInputException if it was done with other settings
   */
  public void prepare() throws IOException, InterruptedException {
    if (isPrepared()) {
      JsonNode before = JsonFiles.readObject(out.resolve(PREPARED)).get("settings");
      if (!JsonFiles.MAPPER.valueToTree(shared()).equals(before)) {
        throw InvalidInputException.of(
            "--out", out, "a new directory, or the settings of the runs that are there: " + before);
      }
      return;
    }
    Path runs = out.resolve("reward");
    FileTree.delete(runs);
    Files.createDirectories(runs);
    List<String> own = new ArrayList<>(List.of("run", "--config", "quickstart", "--json"));
    own.addAll(shared());
    own.addAll(
        List.of("run.directory=" + quoted(runs), "policy.updates=1", "plaudit.run.time-limit=0s"));
    JsonNode ended = JsonFiles.MAPPER.readTree(ChildVerb.run(own, out.resolve("reward.log")));
    write(PREPARED, Map.of("directory", ended.get("directory").asText(), "settings", shared()));
  }

  /** The result of a cell, if it was run. */
  public Optional<AsyncCell> done(Cell cell) throws IOException {
    Path file = out.resolve(cell.name() + ".json");
    return Files.exists(file)
        ? Optional.of(JsonFiles.MAPPER.readValue(file.toFile(), AsyncCell.class))
        : Optional.empty();
  }

  /** Runs a cell, unless that was done. */
  public AsyncCell run(Cell cell) throws IOException, InterruptedException {
    Optional<AsyncCell> before = done(cell);
    if (before.isPresent()) {
      return before.get();
    }
    Path directory = out.resolve(cell.name());
    FileTree.delete(directory);
    RunConfig config = RunConfig.load("quickstart", settings(cell));
    prepareDirectory(directory, config);
    String ended =
        ChildVerb.run(
            List.of("run", "--resume", directory.toString(), "--json"),
            out.resolve(cell.name() + ".log"));
    Map<String, Number> verdict = new LinkedHashMap<>();
    JsonFiles.MAPPER
        .readValue(ended, OBJECT)
        .forEach(
            (name, value) -> {
              if (value instanceof Number number) {
                verdict.put(name, number);
              }
            });
    AsyncCell result =
        AsyncCell.of(
            cell,
            config.config().getInt("plaudit.policy.batch"),
            MetricsLog.readLine(directory.resolve("metrics.jsonl")),
            verdict);
    write(cell.name() + ".json", result);
    return result;
  }

  /** What the runs share, labels included. */
  private List<String> shared() {
    List<String> shared = new ArrayList<>();
    shared.addAll(
        List.of(
            "gateway.port=0",
            "telemetry.port=0",
            "reward.labels.before-start=" + labels,
            "reward.labels.total=" + labels));
    shared.addAll(settings);
    return shared;
  }

  private List<String> settings(Cell cell) {
    List<String> own = new ArrayList<>(shared());
    own.addAll(
        List.of(
            "run.seed=" + cell.seed(),
            "run.shuffle-seed=" + cell.seed(),
            "plaudit.run.time-limit=0s",
            "experience.eta=" + cell.eta(),
            "experience.max-staleness=" + (cell.eta() + 4),
            "vendor.labelers=0"));
    own.addAll(variation.settings(cell.value()));
    return own;
  }

  /**
   * Makes a run's directory as if the run had been stopped before its first update: a copy of the
   * one that collected the labels, with settings of its own.
   */
  private void prepareDirectory(Path directory, RunConfig config) throws IOException {
    Path reward = Path.of(JsonFiles.readObject(out.resolve(PREPARED)).get("directory").asText());
    Path snapshots = Files.createDirectories(directory.resolve("snapshots"));
    Files.writeString(directory.resolve("config.conf"), config.render());
    Files.copy(reward.resolve("labels.sqlite"), directory.resolve("labels.sqlite"));
    RunIdentity.of(reward).orElseThrow().at(directory).write(directory);
    try (Stream<Path> files = Files.list(reward.resolve("snapshots"))) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith("reward-")).toList()) {
        Files.copy(file, snapshots.resolve(file.getFileName()));
      }
    }
  }

  private void write(String name, Object value) {
    AtomicFile.write(out.resolve(name), JsonFiles.line(value));
  }

  private static String quoted(Path path) {
    return '"' + path.toString().replace("\\", "\\\\") + '"';
  }
}

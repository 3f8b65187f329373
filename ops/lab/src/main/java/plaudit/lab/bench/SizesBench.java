package plaudit.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import plaudit.eval.report.Table;
import plaudit.files.FileTree;
import plaudit.input.InvalidInputException;
import plaudit.lab.bench.ModelBench.Speed;
import plaudit.lab.bench.PrecisionBench.Work;
import plaudit.model.Compute;
import plaudit.model.Family;
import plaudit.model.ModelConfig;
import plaudit.model.ModelDirectory;
import plaudit.model.Precision;
import plaudit.node.MemoryForecast;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;

/** What models of some sizes need and do: those of well-known models, with random weights. */
public final class SizesBench {

  /** The model that comes with the program. */
  public static final String SHIPPED = "shipped";

  private static final Map<String, ModelConfig> SHAPES =
      new TreeMap<>(
          Map.of(
              "gpt2-124M",
              ModelConfig.gpt2(12, 12, 768, 1024, 50_257),
              "llama-135M",
              ModelConfig.fresh(family("llama"), 30, 9, 3, 576, 2048, 49_152)));

  private SizesBench() {}

  /**
   * One size.
   *
   * @param shape its name
   * @param memory of a process with all roles, foretold, in bytes
   * @param update of a batch of {@code size} responses, one epoch
   * @param writing a response to each of so many prompts
   */
  public record Row(String shape, long parameters, double memory, Speed update, Speed writing) {}

  /** The names of shapes. */
  public static List<String> names() {
    List<String> names = new ArrayList<>(SHAPES.keySet());
    names.add(SHIPPED);
    return names;
  }

  /**
   * Measures the shapes in turn, batch after batch, so that what else the machine does counts the
   * same for all.
   *
   * @param config a run's settings with the shipped model
   * @param size responses of an update, and prompts written at a time
   * @param seconds of each figure, about
   */
  public static List<Row> of(
      RunConfig config, List<String> shapes, int threads, int size, double seconds)
      throws IOException {
    for (String shape : shapes) {
      if (!names().contains(shape)) {
        throw InvalidInputException.of("--shapes", shape, String.join(", ", names()));
      }
    }
    Path scratch = Files.createTempDirectory("plaudit-bench");
    List<Work> learning = new ArrayList<>();
    List<Work> sampling = new ArrayList<>();
    Compute compute = Compute.cpu(threads).with(Precision.AUTO);
    try {
      List<RunConfig> configs = new ArrayList<>();
      Path shipped = Path.of(config.config().getString("plaudit.run.model"));
      for (String shape : shapes) {
        Path dir = scratch.resolve(shape);
        if (SHAPES.containsKey(shape)) {
          PrecisionBench.writeRandom(dir, SHAPES.get(shape), shipped);
        }
        configs.add(
            shape.equals(SHIPPED) ? config : config.with("plaudit.run.model", dir.toString()));
      }
      for (RunConfig each : configs) {
        learning.add(
            PrecisionBench.learning(
                PrecisionBench.settled(each, "plaudit.learner.policy", compute), scratch));
      }
      List<Speed> updates = PrecisionBench.alternating(learning, size, threads, seconds);
      learning.forEach(Work::close);
      learning.clear();
      for (RunConfig each : configs) {
        sampling.add(
            PrecisionBench.sampling(PrecisionBench.settled(each, "plaudit.sampler", compute)));
      }
      List<Speed> writings = PrecisionBench.alternating(sampling, size, threads, seconds);
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < shapes.size(); i++) {
        ModelConfig model =
            ModelDirectory.open(Path.of(configs.get(i).config().getString("plaudit.run.model")))
                .config();
        rows.add(
            new Row(
                shapes.get(i),
                model.parameters(),
                MemoryForecast.of(configs.get(i).config(), model, Role.all()).bytes(),
                updates.get(i),
                writings.get(i)));
      }
      return rows;
    } finally {
      learning.forEach(Work::close);
      sampling.forEach(Work::close);
      FileTree.delete(scratch);
    }
  }

  /** The rows for people. */
  public static Table<Row> table(List<Row> rows) {
    return Table.of(rows)
        .column("shape", Row::shape)
        .column("parameters", row -> Table.format("%,d", row.parameters()))
        .column("memory", row -> MemoryForecast.gib(row.memory()))
        .column("update, s", row -> Table.format("%.2f", row.update().seconds()))
        .column("update, tokens/s", row -> Table.format("%.0f", row.update().tokensPerSecond()))
        .column("writing, s", row -> Table.format("%.2f", row.writing().seconds()))
        .column("writing, tokens/s", row -> Table.format("%.0f", row.writing().tokensPerSecond()));
  }

  private static Family family(String name) {
    return Family.named(name).orElseThrow();
  }
}

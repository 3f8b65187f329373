package plaudit.lab.bench;

import ai.djl.ndarray.NDManager;
import com.typesafe.config.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import plaudit.compute.ComputeTime;
import plaudit.eval.report.Table;
import plaudit.files.FileTree;
import plaudit.lab.bench.ModelBench.Speed;
import plaudit.language.FreshWeights;
import plaudit.model.Compute;
import plaudit.model.Dtype;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ModelDirectory;
import plaudit.model.Precision;
import plaudit.model.Products;
import plaudit.model.TensorSpec;
import plaudit.model.TorchProgram;
import plaudit.model.Weights;
import plaudit.node.config.RunConfig;

/** Updates and sampling in each precision, beside what the machine could do at most. */
public final class PrecisionBench {

  private static final long BYTES_READ = 256L << 20;
  private static final int TRIES = 5;
  private static final String READ =
      """
        def read(self, w: List[Tensor]) -> Tensor:
          return torch.sum(w[0])
      """;

  private PrecisionBench() {}

  /**
   * One figure.
   *
   * @param work what was measured
   * @param threads of one operation
   * @param precision what was asked for
   * @param used what was computed with
   * @param tokensPerSecond of responses
   * @param ofFirst that, as a multiple of the same work in the first precision
   * @param limit of the machine: GFLOP/s of the fastest product of that precision and a layer's
   *     shape for an update, GB/s of a sum over 256 MB for sampling
   * @param share of that limit that the products of the work reach, or the weights it reads
   */
  public record Row(
      String work,
      int threads,
      Precision precision,
      Precision used,
      double tokensPerSecond,
      double ofFirst,
      double limit,
      double share) {}

  /** What is timed: gives the tokens of one batch. */
  interface Work extends ToIntFunction<Integer>, AutoCloseable {
    @Override
    void close();
  }

  /**
   * Measures in each precision in turn, batch after batch, so that what else the machine does
   * counts the same for all.
   *
   * @param config a run's settings
   * @param precisions the first is what the others are compared with
   * @param grants prompts written at a time
   * @param seconds of each figure, about
   */
  public static List<Row> of(
      RunConfig config,
      int threads,
      List<Precision> precisions,
      List<Integer> grants,
      double seconds)
      throws IOException {
    List<Compute> computes =
        precisions.stream().map(precision -> Compute.cpu(threads).with(precision)).toList();
    List<Row> rows = new ArrayList<>(updates(config, computes, seconds));
    rows.addAll(samplings(config, computes, grants, seconds));
    return rows;
  }

  private static List<Row> updates(RunConfig config, List<Compute> computes, double seconds)
      throws IOException {
    Shape shape = Shape.of(config.config());
    int batch = config.config().getInt("plaudit.policy.batch");
    int micro = Math.min(batch, config.config().getInt("plaudit.learner.policy.micro-batch"));
    double flops =
        6.0
            * config.config().getInt("plaudit.policy.epochs")
            * batch
            * ((double) shape.blocks() * (shape.query() + shape.response())
                + (double) shape.head() * shape.response());
    Path scratch = Files.createTempDirectory("plaudit-bench");
    List<Work> works = new ArrayList<>();
    try {
      for (Compute compute : computes) {
        works.add(learning(settled(config, "plaudit.learner.policy", compute), scratch));
      }
      List<Speed> speeds = alternating(works, batch, computes.get(0).threads(), seconds);
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < speeds.size(); i++) {
        Compute compute = computes.get(i);
        Precision used = Products.recorded(compute).precision();
        int columns = micro * (shape.query() + shape.response());
        double limit = Products.gflops(used, compute, columns, shape.width(), 4 * shape.width());
        double share = flops / speeds.get(i).seconds() / 1e9 / limit;
        rows.add(row("PPO update", compute, used, speeds, i, limit, share));
      }
      return rows;
    } finally {
      works.forEach(Work::close);
      FileTree.delete(scratch);
    }
  }

  private static List<Row> samplings(
      RunConfig config, List<Compute> computes, List<Integer> grants, double seconds) {
    Shape shape = Shape.of(config.config());
    double limit = bytesPerSecond(computes.get(0).threads()) / 1e9;
    List<Work> works = new ArrayList<>();
    try {
      for (Compute compute : computes) {
        works.add(sampling(settled(config, "plaudit.sampler", compute)));
      }
      List<Row> rows = new ArrayList<>();
      for (int grant : grants) {
        List<Speed> speeds = alternating(works, grant, computes.get(0).threads(), seconds);
        for (int i = 0; i < speeds.size(); i++) {
          Precision used = Products.forward(computes.get(i)).precision();
          double read =
              (used == Precision.BF16 ? 2e-9 : 4e-9)
                  * (shape.blocks() + shape.head())
                  * shape.response();
          double share = read / speeds.get(i).seconds() / limit;
          rows.add(row("sampling", computes.get(i), used, speeds, i, limit, share));
        }
      }
      return rows;
    } finally {
      works.forEach(Work::close);
    }
  }

  private static Row row(
      String work,
      Compute compute,
      Precision used,
      List<Speed> speeds,
      int index,
      double limit,
      double share) {
    Speed speed = speeds.get(index);
    return new Row(
        work + " of " + speed.size(),
        compute.threads(),
        compute.precision(),
        used,
        speed.tokensPerSecond(),
        speed.tokensPerSecond() / speeds.get(0).tokensPerSecond(),
        limit,
        share);
  }

  static Work learning(Config settings, Path scratch) {
    ModelBench.Learning learning = new ModelBench.Learning(settings, scratch);
    return new Work() {
      @Override
      public int applyAsInt(Integer size) {
        return learning.update();
      }

      @Override
      public void close() {
        learning.close();
      }
    };
  }

  static Work sampling(Config settings) {
    ModelBench.Sampling sampling = new ModelBench.Sampling(settings);
    return new Work() {
      @Override
      public int applyAsInt(Integer size) {
        return sampling.write(size);
      }

      @Override
      public void close() {
        sampling.close();
      }
    };
  }

  /** The speed of each by the median of its batches; the first batch of each does not count. */
  static List<Speed> alternating(List<Work> works, int size, int threads, double seconds) {
    List<List<Double>> times = new ArrayList<>();
    int tokens = 0;
    for (Work work : works) {
      tokens = work.applyAsInt(size);
      times.add(new ArrayList<>());
    }
    long end = System.nanoTime() + (long) (1e9 * seconds * works.size());
    do {
      for (int i = 0; i < works.size(); i++) {
        long start = ComputeTime.nanos(threads);
        tokens = works.get(i).applyAsInt(size);
        times.get(i).add((ComputeTime.nanos(threads) - start) / 1e9);
      }
    } while (System.nanoTime() < end);
    List<Speed> speeds = new ArrayList<>();
    for (List<Double> each : times) {
      double median = each.stream().sorted().skip(each.size() / 2).findFirst().orElseThrow();
      speeds.add(new Speed(size, tokens / median, median, each.size()));
    }
    return speeds;
  }

  static Config settled(RunConfig config, String role, Compute compute) {
    return config
        .with(role + ".threads", compute.threads())
        .with(role + ".precision", compute.precision().word())
        .config();
  }

  /** How fast memory is read. */
  private static double bytesPerSecond(int threads) {
    Compute compute = Compute.cpu(threads);
    List<TensorSpec> specs = List.of(TensorSpec.of("w", BYTES_READ / 4));
    ByteBuffer zeros =
        ByteBuffer.allocateDirect(Math.toIntExact(BYTES_READ)).order(ByteOrder.LITTLE_ENDIAN);
    try (Weights weights = Weights.read(specs, spec -> zeros, false, compute);
        TorchProgram program = TorchProgram.compile(READ, compute);
        NDManager scope = program.scope()) {
      double least = Double.POSITIVE_INFINITY;
      for (int i = 0; i < TRIES; i++) {
        long start = ComputeTime.nanos(threads);
        program.infer("read", scope, weights);
        least = Math.min(least, (ComputeTime.nanos(threads) - start) / 1e9);
      }
      return BYTES_READ / least;
    }
  }

  /**
   * Writes a model of GPT-2's shape (124M parameters) with random weights.
   *
   * @param tokenizer a directory that has one
   */
  public static void writeGpt2(Path directory, Path tokenizer) throws IOException {
    writeRandom(directory, ModelConfig.gpt2(12, 12, 768, 1024, 50_257), tokenizer);
  }

  /** Writes a model with random weights, likewise. */
  static void writeRandom(Path directory, ModelConfig config, Path tokenizer) throws IOException {
    try (Weights weights = FreshWeights.of(config, 1, Compute.cpu(1))) {
      List<TensorSpec> specs = Layout.of(config);
      ModelDirectory.write(
          directory,
          config,
          spec -> weights.copy(specs.indexOf(spec)),
          List.of(),
          Dtype.F32,
          tokenizer);
    }
  }

  /**
   * The processor that figures are of: its name, how many there are, and what it has for matrices.
   * What Linux says of it; elsewhere the architecture alone.
   */
  public static String machine() {
    int count = Runtime.getRuntime().availableProcessors();
    Path file = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(file)) {
      return System.getProperty("os.arch") + ", processors: " + count;
    }
    try {
      Map<String, String> first = new LinkedHashMap<>();
      for (String line : Files.readAllLines(file)) {
        int colon = line.indexOf(':');
        if (colon > 0) {
          first.putIfAbsent(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
        }
      }
      Set<String> flags = Set.copyOf(List.of(first.getOrDefault("flags", "").split(" ")));
      return "%s (family %s, model %s), processors: %d, %s"
          .formatted(
              first.getOrDefault("model name", System.getProperty("os.arch")),
              first.getOrDefault("cpu family", "?"),
              first.getOrDefault("model", "?"),
              count,
              String.join(
                  ", ",
                  Stream.of("avx2", "avx512f", "avx512_bf16", "amx_bf16")
                      .filter(flags::contains)
                      .toList()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The rows for people. */
  public static Table<Row> table(List<Row> rows) {
    return Table.of(rows)
        .column("work", Row::work)
        .column("threads", Row::threads)
        .column(
            "precision",
            row ->
                row.precision() == row.used()
                    ? row.used().word()
                    : row.precision().word() + " (" + row.used().word() + ")")
        .column("tokens/s", "%.0f", Row::tokensPerSecond)
        .column("times", "%.2f", Row::ofFirst)
        .column(
            "machine's limit",
            row ->
                Table.format(
                    row.work().startsWith("PPO") ? "%.0f GFLOP/s" : "%.0f GB/s", row.limit()))
        .column("share, %", row -> Table.format("%.0f", 100 * row.share()));
  }

  /** Numbers of weights that products read, and lengths. */
  private record Shape(int width, long blocks, long head, int query, int response) {
    static Shape of(Config settings) {
      ModelConfig model =
          ModelDirectory.open(Path.of(settings.getString("plaudit.run.model"))).config();
      long width = model.width();
      return new Shape(
          model.width(),
          model.layers() * (4 * width * width + 2 * width * model.innerWidth()),
          width * model.vocabulary(),
          settings.getInt("plaudit.task.query-length"),
          settings.getInt("plaudit.task.response-length"));
    }
  }
}

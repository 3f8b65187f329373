package plaudit.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import plaudit.files.AtomicFile;
import plaudit.files.FileTree;
import plaudit.input.InvalidInputException;
import plaudit.lab.bench.MarkedPage;
import plaudit.lab.bench.PrecisionBench;
import plaudit.lab.bench.PrecisionBench.Row;
import plaudit.model.Precision;

/** {@code bench precision}: updates and sampling in each precision, in one process. */
@Command(
    name = "precision",
    description = {
      "Policy updates and sampling in each precision, in one process, beside what the machine"
          + " could do at most: products of a layer's shape, and a sum over 256 MB.",
      "With one thread the time is the thread's own on a processor, so that what else the machine"
          + " does counts little; with more it is the time that passes.",
      "What the machine does not compute right falls back; the table names both."
    })
public final class BenchPrecisionVerb extends ResultVerb {

  @Mixin private BenchModelOptions model = new BenchModelOptions();

  @Option(
      names = "--gpt2",
      description = "Random weights of GPT-2's shape (124M parameters) in place of a model.")
  private boolean gpt2;

  @Option(
      names = "--precisions",
      split = ",",
      defaultValue = "exact,fp32,bf16",
      description = "Which (${DEFAULT-VALUE}).")
  private List<String> precisions = List.of();

  @Option(
      names = "--threads",
      split = ",",
      defaultValue = "1,2",
      description = "Of one operation (${DEFAULT-VALUE}).")
  private List<Integer> threads = List.of();

  @Option(
      names = "--grants",
      split = ",",
      defaultValue = "1,8,64",
      description = "Prompts written at a time (${DEFAULT-VALUE}).")
  private List<Integer> grants = List.of();

  @Option(
      names = "--page",
      paramLabel = "FILE",
      description = "Put the table and the machine into this page, between its marks.")
  private @Nullable Path page;

  @Override
  public Integer call() throws IOException {
    List<Precision> wanted =
        precisions.stream().map(word -> Precision.of("--precisions", word)).toList();
    if (grants.isEmpty() || grants.stream().anyMatch(grant -> grant < 1)) {
      throw InvalidInputException.of("--grants", grants, "numbers >= 1");
    }
    List<Row> rows = new ArrayList<>();
    Path scratch = Files.createTempDirectory("plaudit-bench");
    try {
      List<String> made = new ArrayList<>();
      if (gpt2) {
        Path shape = scratch.resolve("gpt2");
        PrecisionBench.writeGpt2(shape, Shipped.find().model());
        made.add(Shipped.setting("run.model", shape));
      }
      for (int count : threads) {
        rows.addAll(PrecisionBench.of(model.config(made), count, wanted, grants, model.seconds()));
      }
    } finally {
      FileTree.delete(scratch);
    }
    if (page != null) {
      String mark = gpt2 ? "bench precision --gpt2" : "bench precision";
      String table =
          "\n%s\n\n%s\n".formatted(PrecisionBench.machine(), PrecisionBench.table(rows).markdown());
      AtomicFile.write(page, MarkedPage.filled(Files.readString(page), mark, table));
    }
    print(rows, () -> PrecisionBench.table(rows).print(out()));
    return 0;
  }
}

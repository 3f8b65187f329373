package plaudit.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.lab.bench.MarkedPage;
import plaudit.lab.bench.PrecisionBench;
import plaudit.lab.bench.SizesBench;
import plaudit.lab.bench.SizesBench.Row;

/** {@code bench sizes}: memory and speed of models of well-known shapes, in one process. */
@Command(
    name = "sizes",
    description = {
      "Memory, a policy update and writing for models of well-known shapes with random weights,"
          + " in turn in one process.",
      "With one thread the time is the thread's own on a processor, so that what else the machine"
          + " does counts little; with more it is the time that passes."
    })
public final class BenchSizesVerb extends ResultVerb {

  private static final String MARK = "bench sizes";

  @Mixin private BenchModelOptions model = new BenchModelOptions();

  @Option(
      names = "--shapes",
      split = ",",
      defaultValue = "shipped,gpt2-124M,llama-135M",
      description = "Which (${DEFAULT-VALUE}).")
  private List<String> shapes = List.of();

  @Option(
      names = "--size",
      defaultValue = "8",
      description = "Responses of an update, and prompts written at a time (${DEFAULT-VALUE}).")
  private int size;

  @Option(
      names = "--threads",
      defaultValue = "1",
      description = "Of one operation (${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--page",
      paramLabel = "FILE",
      description = "Put the table and the machine into this page, between its marks.")
  private @Nullable Path page;

  @Override
  public Integer call() throws IOException {
    if (size < 1) {
      throw InvalidInputException.of("--size", size, ">= 1");
    }
    List<String> beneath = List.of("policy.batch=" + size, "policy.epochs=1", "policy.group=1");
    List<Row> rows = SizesBench.of(model.config(beneath), shapes, threads, size, model.seconds());
    if (page != null) {
      String table =
          "\n%s\n\n%s\n".formatted(PrecisionBench.machine(), SizesBench.table(rows).markdown());
      AtomicFile.write(page, MarkedPage.filled(Files.readString(page), MARK, table));
    }
    print(rows, () -> SizesBench.table(rows).print(out()));
    return 0;
  }
}

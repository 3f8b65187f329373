package plaudit.cli;

import ai.djl.engine.Engine;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.cli.Doctor.Finding;
import plaudit.cli.Doctor.Finding.Verdict;
import plaudit.eval.report.Table;
import plaudit.model.Compute;
import plaudit.model.Precision;
import plaudit.model.Products;

/** {@code doctor}: can this machine run Plaudit? */
@Command(
    name = "doctor",
    description = "Check this installation: Java, memory, disk, native library, port.",
    footer = {"", "Exits with 1 if a check failed; a warning is no failure."})
public final class DoctorVerb extends ResultVerb {

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Where runs would be written (default: here).")
  private Path directory;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8080",
      description = "The gateway's port (default: ${DEFAULT-VALUE}).")
  private int port;

  @Override
  public Integer call() {
    List<Finding> findings = new Doctor(directory, port, DoctorVerb::describeEngine).examine();
    boolean failed = findings.stream().anyMatch(f -> f.verdict() == Verdict.FAIL);
    Table.Facts table = new Table.Facts();
    findings.forEach(f -> table.add(f.verdict(), f.what(), f.detail()));
    print(Map.of("ok", !failed, "findings", findings), () -> table.print(out()));
    return failed ? 1 : 0;
  }

  /** Such as {@code exact, fp32}. */
  private static String words(Function<Compute, Products> choice) {
    Compute compute = Compute.cpu(1);
    return Stream.of(Precision.EXACT, Precision.FP32, Precision.BF16)
        .filter(it -> choice.apply(compute.with(it)).precision() == it)
        .map(Precision::word)
        .collect(Collectors.joining(", "));
  }

  private static String describeEngine() {
    Engine engine = Engine.getInstance();
    int gpus = engine.getGpuCount();
    return String.format(
        Locale.ROOT,
        "%s %s, %s; products of samplers %s, of learners %s",
        engine.getEngineName(),
        engine.getVersion(),
        gpus == 0 ? "CPU only" : gpus + " GPUs",
        words(Products::forward),
        words(Products::recorded));
  }
}

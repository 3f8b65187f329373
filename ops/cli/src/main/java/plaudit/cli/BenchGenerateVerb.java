package plaudit.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import plaudit.eval.report.Table;
import plaudit.input.InvalidInputException;
import plaudit.lab.bench.ModelBench;
import plaudit.lab.bench.ModelBench.Speed;

/** {@code bench generate}: tokens a second that a sampler writes alone. */
@Command(
    name = "generate",
    description = "Tokens a second that a sampler writes when nothing else computes.")
public final class BenchGenerateVerb extends ResultVerb {

  @Mixin private BenchModelOptions model = new BenchModelOptions();

  @Option(
      names = "--grants",
      split = ",",
      defaultValue = "1,4,16,64",
      description = "Prompts written at a time (${DEFAULT-VALUE}).")
  private List<Integer> grants = List.of();

  @Override
  public Integer call() {
    if (grants.isEmpty() || grants.stream().anyMatch(grant -> grant < 1)) {
      throw InvalidInputException.of("--grants", grants, "numbers >= 1");
    }
    List<Speed> speeds = ModelBench.generate(model.config().config(), grants, model.seconds());
    print(
        speeds,
        () ->
            Table.of(speeds)
                .column("prompts", Speed::size)
                .column("tokens/s", "%.0f", Speed::tokensPerSecond)
                .column("s a grant", "%.3f", Speed::seconds)
                .column("grants", Speed::batches)
                .print(out()));
    return 0;
  }
}

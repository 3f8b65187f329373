package plaudit.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import plaudit.input.InvalidInputException;
import plaudit.lab.bench.ModelBench;
import plaudit.lab.bench.ModelBench.Speed;

/** {@code bench generate}: tokens a second that a sampler writes alone. */
@Command(
    name = "generate",
    description = "Tokens a second that a sampler writes when nobody else computes.")
public final class BenchGenerateVerb extends Verb {

  @Mixin private BenchModelOptions model = new BenchModelOptions();

  @Option(
      names = "--grants",
      split = ",",
      defaultValue = "1,4,16,64",
      description = "Prompts written at a time (${DEFAULT-VALUE}).")
  private List<Integer> grants = List.of();

  @Option(names = "--json", description = "Print the figures as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (grants.isEmpty() || grants.stream().anyMatch(grant -> grant < 1)) {
      throw InvalidInputException.of("--grants", grants, "numbers >= 1");
    }
    List<Speed> speeds = ModelBench.generate(model.config().config(), grants, model.seconds());
    if (json) {
      printJson(speeds);
      return 0;
    }
    Columns table = new Columns("prompts", "tokens/s", "s a grant", "grants");
    for (Speed speed : speeds) {
      table.row(
          Integer.toString(speed.size()),
          Columns.format("%.0f", speed.tokensPerSecond()),
          Columns.format("%.3f", speed.seconds()),
          Integer.toString(speed.batches()));
    }
    table.print(out());
    return 0;
  }
}

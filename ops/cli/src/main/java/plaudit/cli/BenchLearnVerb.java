package plaudit.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import plaudit.lab.bench.ModelBench;
import plaudit.lab.bench.ModelBench.Speed;

/** {@code bench learn}: tokens a second that the policy learner learns from alone. */
@Command(
    name = "learn",
    description = {
      "Tokens a second that the policy learner learns from when nothing else computes.",
      "Each token counts once, whatever policy.epochs says."
    })
public final class BenchLearnVerb extends ResultVerb {

  @Mixin private BenchModelOptions model = new BenchModelOptions();

  @Override
  public Integer call() throws IOException {
    Path scratch = Files.createTempDirectory("plaudit-bench");
    try {
      Speed speed = ModelBench.learn(model.config().config(), model.seconds(), scratch);
      print(
          speed,
          () ->
              say(
                  "%d responses an update: %.0f tokens/s, %.3f s an update, %d updates",
                  speed.size(), speed.tokensPerSecond(), speed.seconds(), speed.batches()));
      return 0;
    } finally {
      Files.delete(scratch);
    }
  }
}

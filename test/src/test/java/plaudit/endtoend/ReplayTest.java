package plaudit.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import plaudit.cli.ReplayVerb;
import plaudit.input.InvalidInputException;
import plaudit.lab.replay.Replay;
import plaudit.model.Compute;
import plaudit.model.Precision;
import plaudit.model.Products;
import plaudit.node.Job;
import plaudit.node.config.RunConfig;
import plaudit.node.run.MetricsLog;

/** An asynchronous run with a real cluster of actors, and the same again from its journal. */
class ReplayTest {

  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();

  @Test
  void anAsynchronousRunIsMadeAgainToTheBitAndWhatIsSpoiledIsNamed() throws Exception {
    Path run = run(8, List.of());
    assertThat(MetricsLog.read(run.resolve("metrics.jsonl")))
        .as("it was asynchronous")
        .anySatisfy(line -> assertThat(number(line, "async/staleness_max")).isPositive());

    assertThat(replay(run.toString())).isZero();
    assertThat(out.toString())
        .matches("Replayed [89] policy versions and 2 reward versions: all bit-equal\\R");

    Replay.Outcome some = outcome(run, OptionalLong.of(2), "first");
    assertThat(some.difference()).isEmpty();
    assertThat(some.policies()).isEqualTo(3);
    assertThat(some.responses()).isGreaterThanOrEqualTo(16);

    out.getBuffer().setLength(0);
    assertThat(replay(run.toString(), "run.seed=977")).isEqualTo(1);
    assertThat(out.toString())
        .startsWith("First difference: policy version 0, prompt 0, response 0: other tokens");

    out.getBuffer().setLength(0);
    assertThat(replay(run.toString(), "policy.learning-rate=0.001")).isEqualTo(1);
    assertThat(out.toString()).startsWith("First difference: policy version 1: other weights");

    out.getBuffer().setLength(0);
    assertThat(replay(run.toString(), "reward.learning-rate=0.002")).isEqualTo(1);
    assertThat(out.toString()).startsWith("First difference: reward version 0: other weights");

    Files.move(run.resolve("journal"), run.resolve("elsewhere"));
    assertThatThrownBy(() -> outcome(run, OptionalLong.empty(), "second"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("experience.journal.keep=all");
  }

  /** Groups and adapters, and weights that may be swapped while a response is written. */
  @Test
  void soIsARunOfAnotherAlgorithm() throws Exception {
    Path run =
        run(
            5,
            List.of(
                "policy.algorithm=rloo",
                "policy.group=2",
                "policy.lora.rank=2",
                "sampler.precision=exact",
                "learner.policy.precision=fp32",
                "learner.reward.precision=auto",
                "task.response-length=24",
                "sampler.in-flight=keep-cache"));

    int exit = replay(run.toString(), "--json");
    assertThat(exit).as(out.toString()).isZero();
    String had = Products.recorded(Compute.cpu(1).with(Precision.FP32)).precision().word();
    assertThat(Files.readString(run.resolve("config.conf")))
        .as("it names what it computed with")
        .contains("precision=" + had)
        .doesNotContain("precision=auto");
    assertThat(out.toString()).contains("\"equal\":true");
  }

  private static double number(Map<String, Number> line, String key) {
    return line.getOrDefault(key, Double.NaN).doubleValue();
  }

  private static PrintWriter silent() {
    return new PrintWriter(new StringWriter());
  }

  private Replay.Outcome outcome(Path run, OptionalLong until, String scratch) throws IOException {
    RunConfig config = RunConfig.load(run.resolve("config.conf").toString(), List.of());
    return Replay.of(
        run, config.config(), until, Files.createDirectory(directory.resolve(scratch)), line -> {});
  }

  private int replay(String... arguments) {
    CommandLine line = new CommandLine(new ReplayVerb());
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(new StringWriter()));
    return line.execute(arguments);
  }

  private Path run(int updates, List<String> more) throws Exception {
    Path model = TinyModel.in(directory);
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, updates));
    settings.addAll(
        List.of(
            "telemetry.port=0",
            "experience.eta=2",
            "experience.journal.keep=all",
            "policy.checkpoint-every=2"));
    settings.addAll(more);
    return new Job(RunConfig.load("quickstart", settings), silent()).start().directory();
  }
}

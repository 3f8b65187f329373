package plaudit.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.AnnotatedElement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plaudit.node.config.RunConfig;

class MainTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void helpNamesTheVerbsOnStandardOutput() {
    assertThat(run("--help")).isZero();

    assertThat(out.toString()).contains("Usage: plaudit", "doctor", "Exit codes: 0 done");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void everyVerbExplainsItself() {
    assertThat(run("doctor", "--help")).isZero();

    assertThat(out.toString()).contains("Usage: plaudit doctor", "--json", "--debug");
  }

  @Test
  void onTwoCoresCallbacksShareThreadsToo() throws Exception {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:ActiveProcessorCount=2",
                "-cp",
                System.getProperty("java.class.path"),
                Callbacks.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      assertThat(lines.lines())
          .isNotEmpty()
          .hasSizeLessThan(3)
          .allMatch(thread -> thread.startsWith("ForkJoinPool.commonPool"));
    } finally {
      process.destroyForcibly();
    }
  }

  /** Prints which threads 20 callbacks ran on, one after the other. */
  static final class Callbacks {
    public static void main(String[] args) {
      Main.shareThreads();
      Set<String> threads = new TreeSet<>();
      for (int i = 0; i < 20; i++) {
        CompletableFuture.runAsync(() -> threads.add(Thread.currentThread().getName())).join();
      }
      threads.forEach(System.out::println);
    }
  }

  /** A percent sign that is not doubled makes picocli complain on the terminal. */
  @Test
  void everyTextOfTheHelpIsAFormat() {
    List<String> texts = new ArrayList<>();
    collect(Main.line(), texts);

    assertThat(texts).hasSizeGreaterThan(200);
    assertThat(texts)
        .allSatisfy(text -> assertThatCode(() -> String.format(text)).doesNotThrowAnyException());
  }

  /** As they are written: the specification has them formatted. */
  private static void collect(CommandLine line, List<String> texts) {
    Command command = line.getCommand().getClass().getAnnotation(Command.class);
    texts.addAll(List.of(command.description()));
    for (ArgSpec arg : line.getCommandSpec().args()) {
      if (arg.userObject() instanceof AnnotatedElement field) {
        Optional.ofNullable(field.getAnnotation(Option.class))
            .ifPresent(option -> texts.addAll(List.of(option.description())));
        Optional.ofNullable(field.getAnnotation(Parameters.class))
            .ifPresent(parameters -> texts.addAll(List.of(parameters.description())));
      }
    }
    line.getSubcommands().values().forEach(verb -> collect(verb, texts));
  }

  @Test
  void theHelpOfRunListsEveryPreset() {
    assertThat(run("run", "--help")).isZero();

    assertThat(out.toString()).contains(RunConfig.PRESETS);
    assertThat(out.toString()).contains("--model", "--data", "--config", "--minutes");
  }

  @Test
  void aRunIsBegunOrResumed() {
    assertThat(run("run", "--config", "quickstart", "--resume", "x")).isEqualTo(2);

    assertThat(err.toString()).isEqualTo("plaudit: run: expected either --config or --resume\n");
  }

  @Test
  void aRunWithoutAModelSaysSo() {
    assertThat(run("run", "--config", "tldr", "--data", "x")).isEqualTo(2);

    assertThat(err.toString())
        .isEqualTo("plaudit: plaudit.run.model: not set (expected: a path)\n");
  }

  @Test
  void aRunThatCannotFitIntoMemoryIsRefusedWithTheNumbers() {
    assertThat(run("plan", "--memory", "--shape", "96,96,12288,2048,50257")).isEqualTo(2);

    assertThat(out.toString()).contains("policy learner: gradients and moments", "together");
    assertThat(err.toString().lines().toList()).hasSize(1);
    assertThat(err.toString()).startsWith("plaudit: memory: ").contains("GiB that are here");
  }

  @Test
  void aShapeOfTooFewNumbersIsRefused() {
    assertThat(run("plan", "--memory", "--shape", "12,12")).isEqualTo(2);

    assertThat(err.toString())
        .isEqualTo(
            "plaudit: --shape: [12, 12] (expected: five numbers:"
                + " layers,heads,width,context,vocabulary)\n");
  }

  @Test
  void theVersionIsTheBuilds() {
    assertThat(run("--version")).isZero();

    assertThat(out.toString()).matches("(?s)plaudit \\d+\\.\\d+\\.\\d+.*java \\d+.*");
  }

  @Test
  void noVerbAtAllIsWrongUsage() {
    assertThat(run()).isEqualTo(2);

    assertThat(err.toString()).contains("Usage: plaudit");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void anUnknownVerbIsOneLineAndWrongUsage() {
    assertThat(run("docto")).isEqualTo(2);

    assertThat(err.toString().lines().toList()).hasSize(1);
    assertThat(err.toString()).startsWith("plaudit: ").contains("did you mean", "doctor");
  }

  @Test
  void anUnknownOptionIsOneLineAndWrongUsage() {
    assertThat(run("doctor", "--prot", "1")).isEqualTo(2);

    assertThat(err.toString().lines().toList()).hasSize(1);
    assertThat(err.toString()).contains("--prot", "--port", "plaudit doctor --help");
  }

  @Test
  void debugShowsWhereItWentWrong() {
    assertThat(run("doctor", "--port", "many", "--debug")).isEqualTo(2);

    assertThat(err.toString()).contains("ParameterException").contains("plaudit: ");
  }

  private int run(String... args) {
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
  }
}

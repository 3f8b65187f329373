package plaudit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * SIGTERM to a process with all roles, in every phase of its work: it ends by itself, and not with
 * a crash in native code. {@code -Dplaudit.sigterms=7} makes 56 of it.
 */
@Tag("slow")
class SigtermTest {

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int SIGTERM = 128 + 15;
  private static final int TIMES = Integer.getInteger("plaudit.sigterms", 1);

  @TempDir private Path directory;

  static Stream<Arguments> phases() {
    return IntStream.range(0, TIMES)
        .boxed()
        .flatMap(
            time ->
                Stream.of(
                    Arguments.of("reward learner", "training the reward", time),
                    Arguments.of("policy learner", "waiting for a batch", time),
                    Arguments.of("policy learner", "learning", time),
                    Arguments.of("policy learner", "publishing", time),
                    Arguments.of("policy learner", "checkpointing", time),
                    Arguments.of("sampler", "generating", time),
                    Arguments.of("sampler", "loading", time),
                    Arguments.of("scorer", "scoring", time)));
  }

  @ParameterizedTest(name = "{0}, {1} ({2})")
  @MethodSource("phases")
  void theProcessEndsByItself(String part, String phase, int time) throws Exception {
    try (TinyCluster cluster = new TinyCluster(directory, 1)) {
      NodeJvm node =
          cluster.learner(
              "learner,gateway,sampler,scorer",
              1_000,
              "policy.checkpoint-every=1",
              "task.query-length=32",
              "task.response-length=56",
              "reward.normalise.samples=512",
              "reward.labels.retrainings=8",
              "reward.labels.divisions=8");
      node.await(part + " is " + phase, PATIENCE, () -> node.doing(part).equals(phase));
      node.terminate();
      assertThat(node.exit(PATIENCE)).as(node.output()).isEqualTo(SIGTERM);
      assertThat(node.output()).doesNotContain("SIGSEGV", "did not end in time");
    }
    try (Stream<Path> files = Files.list(Path.of(""))) {
      assertThat(files.map(Path::toString).filter(name -> name.startsWith("hs_err"))).isEmpty();
    }
  }
}

package plaudit.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;
import plaudit.node.run.RunDirectory;

class StandbyNodeTest {

  private static final String SEEDS = "cluster.seed-nodes=[\"ada:17355\",\"bob:17355\"]";

  private final StringWriter said = new StringWriter();

  @TempDir private Path directory;

  @Test
  void aDirectoryThatIsNoRunIsRefused() {
    assertThatThrownBy(() -> standby(directory.resolve("nowhere")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("--standby: ")
        .hasMessageEndingWith("(expected: the directory of a run)");
  }

  @Test
  void aRunThatWasBegunWithOtherSettingsIsRefusedAndTheSettingNamed() {
    try (RunDirectory run = run("policy.epochs=3", "learner.policy.threads=7")) {
      assertThatThrownBy(() -> standby(run.root(), "policy.epochs=2"))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage(
              "plaudit.policy.epochs: 2 (expected: 3); the run was begun with these values");
      assertThatThrownBy(() -> standby(run.root(), "policy.epochs=3", "run.seed=2"))
          .hasMessageStartingWith("plaudit.run.seed: 2 ");
      // What belongs to a machine may differ.
      assertThat(standby(run.root(), "policy.epochs=3", "learner.policy.threads=1")).isNotNull();
    }
  }

  @Test
  void nobodyWouldFindANodeThatIsNoSeedNodeOrTheOnlyOne() {
    try (RunDirectory run = run()) {
      for (String seeds : List.of("[\"ada:17355\"]", "[\"bob:17355\"]")) {
        assertThatThrownBy(() -> standby(run.root(), "cluster.seed-nodes=" + seeds))
            .isInstanceOf(InvalidInputException.class)
            .hasMessageStartingWith("plaudit.cluster.seed-nodes: ")
            .hasMessageContaining("bob:17355");
      }
    }
  }

  @Test
  void withARunThatHasEndedThereIsNothingToDo() throws Exception {
    RunDirectory run = run();
    run.ended(true);
    run.close();
    assertThat(standby(run.root()).serve()).isEmpty();
    assertThat(said.toString()).contains("has ended");
  }

  private StandbyNode standby(Path run, String... settings) {
    List<String> all = new ArrayList<>(List.of(SEEDS, "cluster.host=bob", "cluster.port=17355"));
    all.addAll(List.of(settings));
    return new StandbyNode(
        RunConfig.load("quickstart", all),
        Set.of(Role.LEARNER, Role.GATEWAY),
        run,
        new PrintWriter(said, true));
  }

  private RunDirectory run(String... settings) {
    RunConfig config = RunConfig.load("quickstart", List.of(settings));
    return RunDirectory.create(
        directory, "run", InstantSource.fixed(Instant.EPOCH), config.render(), 0);
  }
}

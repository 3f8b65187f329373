package plaudit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a node refuses before it joins anything. */
class NodeVerbTest {

  private static final String SEEDS = "cluster.seed-nodes=[\"ada:17355\"]";

  @Test
  void aLearnerThatIsNoSeedNodeIsToldItsAddress() {
    assertThat(said("learner", SEEDS, "cluster.host=ada"))
        .isEqualTo(
            "exit 2 plaudit: plaudit.cluster.seed-nodes: [ada:17355] (expected: the learner's own"
                + " address among them, which is ada:0)");
  }

  @Test
  void whatNoAddressCanBeIsNamed() {
    assertThat(said("sampler", SEEDS, "cluster.host=sampler_1"))
        .startsWith("exit 2 plaudit: plaudit.cluster.host: sampler_1 (expected: ")
        .contains("no '_'");
    assertThat(
            said(
                "sampler",
                SEEDS,
                "cluster.tls.certificate=/no/c",
                "cluster.tls.key=/no/k",
                "cluster.tls.ca=/no/a"))
        .startsWith("exit 2 plaudit: plaudit.cluster.tls.certificate: /no/c (expected: ");
  }

  private static String said(String roles, String... settings) {
    List<String> arguments =
        new ArrayList<>(List.of("node", "--roles", roles, "--config", "quickstart"));
    arguments.addAll(List.of(settings));
    StringWriter err = new StringWriter();
    int exit =
        Main.run(
            new PrintWriter(new StringWriter()),
            new PrintWriter(err),
            arguments.toArray(String[]::new));
    return "exit " + exit + " " + err.toString().strip();
  }
}

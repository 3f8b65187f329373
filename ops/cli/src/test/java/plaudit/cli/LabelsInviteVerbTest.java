package plaudit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.http.Pass;
import plaudit.gateway.store.JdbcLabels;
import plaudit.node.config.RunConfig;
import plaudit.node.run.RunDirectory;

/** A link to the pages of a run. */
class LabelsInviteVerbTest {

  @TempDir private Path run;

  @BeforeEach
  void configure() throws Exception {
    Files.writeString(run.resolve("config.conf"), "plaudit.gateway.port = 8123\n");
  }

  @Test
  void aLinkIsSignedWithTheSecretOfTheRunsStoreAndSaysWhoAndWhere() {
    byte[] secret = secret();
    assertInvites("anna", false, secret, "http://127.0.0.1:8123/?invite=", invited("anna"));
    assertInvites(
        "otto",
        true,
        secret,
        "https://labels.example.org/plaudit/?invite=",
        invited(
            "otto", "--operator", "--days", "2", "--url", "https://labels.example.org/plaudit"));
    assertThat(invited("anna", "--json"))
        .contains(
            "\"labelerId\":\"anna\"", "\"operator\":false", "\"url\":\"http://127.0.0.1:8123/");
  }

  @Test
  void aRunningRunCanBeAsked() {
    GatewaySettings settings = settings();
    try (JdbcLabels labels =
        JdbcLabels.open(
            settings.store().withFile(RunDirectory.labelsOf(run)),
            InstantSource.system(),
            new SecureRandom())) {
      byte[] secret = labels.secret(Pass.SECRET);
      assertInvites("anna", false, secret, "http://127.0.0.1:8123/?invite=", invited("anna"));
    }
  }

  @Test
  void whatCannotBeIsNamed() {
    assertThat(invited("anna")).contains("exit 2");
    secret();
    assertThat(invited("a b")).contains("exit 2", "name: a b");
    assertThat(invited("lb_anna")).contains("exit 2", "name: lb_anna");
    assertThat(invited("anna", "--days", "0")).contains("exit 2", "--days: 0 (expected: 1 to 366)");
    assertThat(invited("anna", "--url", "labels.example"))
        .contains("exit 2", "labels.example (expected: http(s)://HOST[:PORT][/PATH/])");
    assertThat(said("labels", "invite", "anna", "--run", run.resolve("none").toString()))
        .contains("exit 2", "a directory with a config.conf");
  }

  private static void assertInvites(
      String name, boolean operator, byte[] secret, String base, String said) {
    String line = said.lines().filter(text -> text.startsWith("http")).findFirst().orElse(said);
    assertThat(line).startsWith(base);
    String token = line.substring(base.length());
    Instant end =
        Instant.ofEpochSecond(
            Long.parseLong(token.replaceFirst("^[^.]*\\.[lo]\\.([0-9]+)\\..*", "$1")));
    assertThat(token).isEqualTo(Pass.invitation(name, operator, end).signed(secret));
    assertThat(end).isAfter(InstantSource.system().instant());
  }

  /** As when the run's gateway has started once. */
  private byte[] secret() {
    try (JdbcLabels labels =
        JdbcLabels.open(
            settings().store().withFile(RunDirectory.labelsOf(run)),
            InstantSource.system(),
            new SecureRandom())) {
      return labels.secret(Pass.SECRET);
    }
  }

  private GatewaySettings settings() {
    return GatewaySettings.from(
        RunConfig.load(run.resolve("config.conf").toString(), List.of()).config());
  }

  private String invited(String name, String... more) {
    String[] args =
        Arrays.copyOf(
            new String[] {"labels", "invite", name, "--run", run.toString()}, 5 + more.length);
    System.arraycopy(more, 0, args, 5, more.length);
    return said(args);
  }

  private static String said(String... arguments) {
    StringWriter words = new StringWriter();
    PrintWriter out = new PrintWriter(words, true);
    int exit = Main.run(out, out, arguments);
    return words + "exit " + exit;
  }
}

package plaudit.node.labels;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.http.Pass;
import plaudit.gateway.store.JdbcLabels;
import plaudit.input.InvalidInputException;
import plaudit.node.config.RunConfig;
import plaudit.node.run.RunDirectory;

/** Passes for the pages of a run, which may be running: its store is only read. */
public final class RunPasses {

  private final GatewaySettings settings;
  private final byte[] secret;

  private RunPasses(GatewaySettings settings, byte[] secret) {
    this.settings = settings;
    this.secret = secret;
  }

  /**
   * Reads what the run in {@code dir} signs with.
   *
   * @throws InvalidInputException when there is no such run, or its gateway has not started yet
   */
  public static RunPasses of(Path dir) {
    Path file = RunDirectory.configOf(dir);
    if (!Files.isRegularFile(file)) {
      throw InvalidInputException.of("run directory", dir, "a directory with a config.conf");
    }
    GatewaySettings settings =
        GatewaySettings.from(RunConfig.load(file.toString(), List.of()).config());
    byte[] secret =
        JdbcLabels.secretOf(RunLabels.settings(dir), Pass.SECRET)
            .orElseThrow(
                () ->
                    InvalidInputException.of(
                        "run directory", dir, "a run whose gateway has started once"));
    return new RunPasses(settings, secret);
  }

  /** The run's gateway. */
  public GatewaySettings settings() {
    return settings;
  }

  /** A pass as its gateway reads it. */
  public String sign(Pass pass) {
    return pass.signed(secret);
  }
}

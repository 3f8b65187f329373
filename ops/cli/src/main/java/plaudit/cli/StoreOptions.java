package plaudit.cli;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.store.StoreSettings;
import plaudit.input.InvalidInputException;
import plaudit.node.config.RunConfig;
import plaudit.node.labels.RunLabels;

/** Which label store is meant; it may be in use. */
final class StoreOptions {

  @Option(names = "--run", paramLabel = "DIR", description = "The store of this run's directory.")
  private @Nullable Path run;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The store that this file's plaudit.gateway.store names.")
  private @Nullable Path config;

  StoreSettings settings() {
    if (run != null && config == null) {
      return RunLabels.gateway(run).store();
    }
    if (config != null && run == null) {
      return GatewaySettings.from(RunConfig.load(config.toString(), List.of()).config()).store();
    }
    throw new InvalidInputException("label store: expected either --run or --config");
  }
}

package plaudit.node.labels;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.StoreSettings;
import plaudit.node.config.RunConfig;
import plaudit.node.run.RunDirectory;

/** The label store of a run that is not running; holds the run's directory while it is open. */
public final class RunLabels implements AutoCloseable {

  private final RunDirectory directory;
  private final Config config;
  private final JdbcLabels store;

  private RunLabels(RunDirectory directory, Config config, JdbcLabels store) {
    this.directory = directory;
    this.config = config;
    this.store = store;
  }

  /** Opens the store of the run in {@code dir}. */
  public static RunLabels open(Path dir, InstantSource clock) {
    RunDirectory directory = RunDirectory.open(dir, 0);
    try {
      Config config = config(dir);
      StoreSettings settings = settings(config, directory);
      return new RunLabels(directory, config, JdbcLabels.open(settings, clock, new SecureRandom()));
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /** A file lives in the run's directory; any other database is the user's. */
  public static StoreSettings settings(Config config, RunDirectory directory) {
    return settings(config, directory.root());
  }

  /**
   * The gateway of the run in {@code dir}, with the run's store; another process may run it.
   *
   * @throws plaudit.input.InvalidInputException when there is no run
   */
  public static GatewaySettings gateway(Path dir) {
    Config config = config(dir);
    return GatewaySettings.from(config).withStore(settings(config, dir));
  }

  private static StoreSettings settings(Config config, Path dir) {
    StoreSettings settings = GatewaySettings.from(config).store();
    return settings.isFile() ? settings.withFile(RunDirectory.labelsOf(dir)) : settings;
  }

  private static Config config(Path dir) {
    return RunConfig.load(RunDirectory.configOf(dir).toString(), List.of()).config();
  }

  /** What the run was configured with. */
  public Config config() {
    return config;
  }

  /** The store, owned by this object. */
  public JdbcLabels store() {
    return store;
  }

  @Override
  public void close() {
    store.close();
    directory.close();
  }
}

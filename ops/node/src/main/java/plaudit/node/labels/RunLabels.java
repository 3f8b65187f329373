package plaudit.node.labels;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.StoreSettings;
import plaudit.input.InvalidInputException;
import plaudit.node.run.RunDirectory;
import plaudit.node.run.RunIdentity;

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
      JdbcLabels store = JdbcLabels.open(settings, clock, new SecureRandom());
      try {
        requireOwn(store, dir);
      } catch (RuntimeException e) {
        store.close();
        throw e;
      }
      return new RunLabels(directory, config, store);
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /** A database may have come to belong to another run. */
  private static void requireOwn(JdbcLabels store, Path dir) {
    Optional<String> here = store.run();
    Optional<String> own = RunIdentity.of(dir).map(RunIdentity::id);
    if (here.isPresent() && own.isPresent() && !here.equals(own)) {
      throw InvalidInputException.of(
          "plaudit.gateway.store.url",
          store.settings() + " with the labels of run " + here.get(),
          "those of run " + own.get());
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
    return RunDirectory.settings(dir, List.of()).config();
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

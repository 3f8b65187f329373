package plaudit.node.run;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import plaudit.files.LockFile;
import plaudit.gateway.store.RunLease;
import plaudit.gateway.store.StoreSettings;
import plaudit.input.InvalidInputException;

/** By what a process owns a run, so that no second one makes it. */
public interface RunOwner {

  /** The ownership of a run. */
  interface Held extends AutoCloseable {
    /** Why this process does not own the run any more, in words; empty while it does. */
    Optional<String> lost();

    @Override
    void close() throws IOException;
  }

  /** Takes the run in {@code root}, unless a process has it. */
  Optional<Held> take(Path root) throws IOException;

  /** The process that has the run in {@code root}, in words; empty if none has. */
  Optional<String> holder(Path root);

  /** Whether no process has the run in {@code root}. */
  default boolean isFree(Path root) {
    return holder(root).isEmpty();
  }

  /** The lock of a file in the run's directory. */
  RunOwner LOCK = new ByLock();

  /**
   * As {@code plaudit.run.lease} says.
   *
   * @throws InvalidInputException if it wants a database and the labels are in a file, or
   *     Kubernetes and this is no pod
   */
  static RunOwner from(Config config) {
    String in = config.getString(ByLease.PATH + ".in");
    return switch (in) {
      case "file" -> LOCK;
      case "database" ->
          new ByLease(
              StoreSettings.from(config),
              config.getString("plaudit.cluster.host"),
              config.getDuration(ByLease.PATH + ".time"));
      case "kubernetes" -> {
        Duration time = ByLease.checked(config.getDuration(ByLease.PATH + ".time"));
        yield new ByKubernetes(
            KubernetesLease.from(config, time), config.getString("plaudit.cluster.host"));
      }
      default ->
          throw InvalidInputException.of(ByLease.PATH + ".in", in, "file, database or kubernetes");
    };
  }

  /** See {@link #LOCK}. */
  final class ByLock implements RunOwner {

    private static final String LOCK_FILE = "lock";

    private ByLock() {}

    @Override
    public Optional<Held> take(Path root) throws IOException {
      Path file = root.resolve(LOCK_FILE);
      return LockFile.take(file).map(lock -> new Locked(file, lock));
    }

    @Override
    public Optional<String> holder(Path root) {
      Path file = root.resolve(LOCK_FILE);
      try {
        return LockFile.isFree(file) ? Optional.empty() : Optional.of(LockFile.owner(file));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot look at the lock of " + root, e);
      }
    }

    private record Locked(Path file, LockFile lock) implements Held {
      @Override
      public Optional<String> lost() {
        return lock.isLost()
            ? Optional.of(file + " was deleted or replaced: another process may have the run")
            : Optional.empty();
      }

      @Override
      public void close() throws IOException {
        lock.close();
      }
    }
  }

  /**
   * A lease in the label store's database. A database has the labels of one run, so the run's
   * directory names it well enough.
   */
  record ByLease(StoreSettings store, String host, Duration time) implements RunOwner {

    private static final String PATH = "plaudit.run.lease";

    /** Shorter, and a database that is slow for a moment would end the run. */
    private static final Duration SHORTEST = Duration.ofSeconds(2);

    public ByLease {
      if (store.isFile()) {
        throw InvalidInputException.of(
            PATH + ".in", "database", "file, or a gateway.store.url of PostgreSQL");
      }
      checked(time);
    }

    private static Duration checked(Duration time) {
      if (time.compareTo(SHORTEST) < 0) {
        throw InvalidInputException.of(PATH + ".time", time, ">= 2s");
      }
      return time;
    }

    @Override
    public Optional<Held> take(Path root) {
      return RunLease.take(store, name(root), process(host), time)
          .map(lease -> new Leased("the database", lease, lease::isHeld));
    }

    @Override
    public Optional<String> holder(Path root) {
      return RunLease.holder(store, name(root), time);
    }

    private static String name(Path root) {
      return Objects.requireNonNull(root.toAbsolutePath().normalize().getFileName()).toString();
    }
  }

  /** A lease of Kubernetes' API, by the name of the run's directory. */
  record ByKubernetes(KubernetesLease leases, String host) implements RunOwner {

    @Override
    public Optional<Held> take(Path root) {
      return leases
          .take(ByLease.name(root), process(host))
          .map(lease -> new Leased("Kubernetes", lease, lease::isHeld));
    }

    @Override
    public Optional<String> holder(Path root) {
      return leases.holder(ByLease.name(root));
    }
  }

  private static String process(String host) {
    return "process %d at %s".formatted(ProcessHandle.current().pid(), host);
  }

  /** A lease of either kind. */
  record Leased(String in, AutoCloseable lease, BooleanSupplier isHeld) implements Held {
    @Override
    public Optional<String> lost() {
      return isHeld.getAsBoolean()
          ? Optional.empty()
          : Optional.of("its lease in %s was not renewed in time".formatted(in));
    }

    @Override
    public void close() throws IOException {
      try {
        lease.close();
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
  }
}

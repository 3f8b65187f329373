package plaudit.gateway.store;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.DefaultStatementBuilder;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes to an SQLite file. What waits when it is free becomes one group: one
 * real transaction, in which each caller's work is a savepoint, with one commit that all of them
 * wait for. Work that throws is undone alone. When the commit fails, nothing of the group is kept,
 * all its callers hear the reason, and the next group begins with a new connection.
 */
final class SqliteWriter implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SqliteWriter.class);

  private static final int GROUP = 256;

  /** How long a caller waits for its work to begin. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration[] COMMITS = {
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(2)
  };

  private final DataSource source;
  private final InstantSource clock;
  private final int room;
  private final Thread thread = new Thread(this::run, "plaudit-labels-writer");
  private final ArrayDeque<Piece<?>> waiting = new ArrayDeque<>();
  private boolean closed;
  private volatile @Nullable Timer commits;
  private @Nullable Connection connection;
  private @Nullable Handle handle;

  /**
   * Starts the thread.
   *
   * @param room how many callers may wait
   */
  SqliteWriter(DataSource source, InstantSource clock, int room) {
    this.source = source;
    this.clock = clock;
    this.room = room;
    thread.setDaemon(true);
    thread.start();
  }

  /** Keeps statements from one use to the next: the driver would compile each anew. */
  private static final class Compiled extends DefaultStatementBuilder {
    private final Map<String, PreparedStatement> idle = new HashMap<>();

    @Override
    public PreparedStatement create(Connection connection, String sql, StatementContext context)
        throws SQLException {
      PreparedStatement kept = idle.remove(sql);
      return kept == null ? super.create(connection, sql, context) : kept;
    }

    @Override
    public void close(Connection connection, String sql, Statement statement) throws SQLException {
      try {
        PreparedStatement prepared = (PreparedStatement) statement;
        prepared.clearParameters(); // fails where the driver has given a failed statement up
        PreparedStatement other = idle.put(sql, prepared);
        if (other != null) {
          other.close();
        }
      } catch (SQLException e) {
        statement.close();
      }
    }
  }

  /** A caller's work; its outcome is known when the group's commit is. */
  private static final class Piece<T> {
    private final Function<Transaction, T> work;
    private final CompletableFuture<Supplier<T>> answer = new CompletableFuture<>();
    private @Nullable Supplier<T> outcome;

    Piece(Function<Transaction, T> work) {
      this.work = work;
    }

    void run(Transaction tx) {
      Handle handle = tx.handle();
      handle.execute("SAVEPOINT piece");
      try {
        T result = work.apply(tx);
        outcome = () -> result;
      } catch (RuntimeException | Error e) {
        undo(handle, e);
        outcome =
            () -> {
              if (e instanceof JdbiException) {
                throw Database.failed(e);
              }
              throw e;
            };
      }
      handle.execute("RELEASE piece");
    }

    /** Fails for the same reason where SQLite has undone the whole transaction already. */
    private static void undo(Handle handle, Throwable reason) {
      try {
        handle.execute("ROLLBACK TO piece");
      } catch (JdbiException e) {
        throw reason instanceof JdbiException whole ? whole : e;
      }
    }

    void committed() {
      answer.complete(requireNonNull(outcome));
    }

    void failed(Throwable reason) {
      answer.complete(
          () -> {
            throw Database.failed(reason);
          });
    }
  }

  /**
   * Runs {@code work} in one transaction, committed when this returns.
   *
   * @throws StoreException when the commit failed, or too many wait already
   */
  <T> T transaction(Function<Transaction, T> work) {
    Piece<T> piece = new Piece<>(work);
    synchronized (waiting) {
      if (closed) {
        throw new StoreException("label store: closed");
      }
      if (waiting.size() >= room) {
        throw new StoreException(
            "label store: %d transactions wait for the disk (expected: < %d)"
                .formatted(waiting.size(), room));
      }
      waiting.add(piece);
      waiting.notifyAll();
    }
    return await(piece).get();
  }

  private <T> Supplier<T> await(Piece<T> piece) {
    try {
      return piece.answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      synchronized (waiting) {
        if (waiting.remove(piece)) {
          throw new StoreException(
              "label store: the disk did not answer within " + PATIENCE.toSeconds() + " s", e);
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    return piece.answer.join();
  }

  private void run() {
    for (List<Piece<?>> group = next(); !group.isEmpty(); group = next()) {
      try {
        Handle open = handle();
        open.execute("BEGIN IMMEDIATE");
        Transaction tx = new Transaction(open, Database.now(clock));
        group.forEach(piece -> piece.run(tx));
        commit(open);
        group.forEach(Piece::committed);
      } catch (SQLException | RuntimeException | Error e) {
        disconnect();
        group.forEach(piece -> piece.failed(e));
      }
    }
    disconnect();
  }

  private void commit(Handle open) {
    Timer timer = commits;
    if (timer == null) {
      open.execute("COMMIT");
    } else {
      timer.record(() -> open.execute("COMMIT"));
    }
  }

  /** Whether the thread runs. */
  boolean isAlive() {
    return thread.isAlive();
  }

  /** Registers how many wait for this thread, and how long the disk takes. */
  void bindTo(MeterRegistry registry) {
    Gauge.builder("plaudit.store.waiting", this, SqliteWriter::waiting)
        .description("Transactions that wait for the thread that writes to the label store's file")
        .baseUnit("transactions")
        .register(registry);
    commits =
        Timer.builder("plaudit.store.commit")
            .description("Time of one commit to the label store's file, until it is on the disk")
            .serviceLevelObjectives(COMMITS)
            .register(registry);
  }

  private int waiting() {
    synchronized (waiting) {
      return waiting.size();
    }
  }

  /** The next group; empty when the store is closed and nothing waits. */
  private List<Piece<?>> next() {
    synchronized (waiting) {
      while (waiting.isEmpty() && !closed) {
        try {
          waiting.wait();
        } catch (InterruptedException e) {
          closed = true; // only the system's end interrupts this thread
        }
      }
      List<Piece<?>> group = new ArrayList<>();
      while (!waiting.isEmpty() && group.size() < GROUP) {
        group.add(waiting.remove());
      }
      return group;
    }
  }

  private Handle handle() throws SQLException {
    if (handle == null) {
      connection = source.getConnection();
      handle =
          Dialect.SQLITE
              .configured(Jdbi.create(connection))
              .setStatementBuilderFactory(opened -> new Compiled())
              .open();
    }
    return handle;
  }

  /** Closing undoes what was not committed. */
  private void disconnect() {
    handle = null;
    Connection old = connection;
    connection = null;
    if (old != null) {
      try {
        old.close();
      } catch (SQLException e) {
        log.warn("The label store's connection cannot be closed: [{}]", e.getMessage());
      }
    }
  }

  /** Commits what waits and ends the thread. */
  @Override
  public void close() {
    synchronized (waiting) {
      closed = true;
      waiting.notifyAll();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

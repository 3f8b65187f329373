package plaudit.lab.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SQLite itself under the model: what was committed at the mark is there, and after it a part. */
class PowerCutTest {

  private final Path database;
  private final Path copy;

  PowerCutTest(@TempDir Path directory) {
    this.database = directory.resolve("a.sqlite");
    this.copy = directory.resolve("b.sqlite");
  }

  @RepeatedTest(20)
  void allBeforeTheMarkIsThereAndOfTheRestABeginning(RepetitionInfo repetition) throws Exception {
    SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
    try (Connection connection = open(database);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, text VARCHAR)");
      int sure = 1 + random.nextInt(30);
      int more = 1 + random.nextInt(30);
      insert(statement, 1, sure);
      PowerCut cut = PowerCut.mark(database, copy, new Receipts()).orElseThrow();
      insert(statement, sure + 1, sure + more);

      Optional<Long> mercy = cut.cut(random);

      assertThat(mercy).hasValueSatisfying(bytes -> assertThat(bytes).isPositive());
      List<Integer> left = rows();
      assertThat(left).hasSizeBetween(sure, sure + more);
      for (int i = 0; i < left.size(); i++) {
        assertThat(left.get(i)).isEqualTo(i + 1);
      }
    }
  }

  @Test
  void aCheckpointBetweenIsNoLoss() throws Exception {
    try (Connection connection = open(database);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, text VARCHAR)");
      insert(statement, 1, 20);
      PowerCut cut = PowerCut.mark(database, copy, new Receipts()).orElseThrow();
      statement.execute("PRAGMA wal_checkpoint(PASSIVE)");

      // The log is still of the same generation: the database's pages may not have reached the
      // disk.
      assertThat(cut.cut(new SplittableRandom(1))).hasValue(0L);
      assertThat(rows()).hasSize(20);

      PowerCut other = PowerCut.mark(database, copy, new Receipts()).orElseThrow();
      insert(statement, 21, 22);
      statement.execute("PRAGMA wal_checkpoint(RESTART)");
      insert(statement, 23, 24);
      assertThat(other.cut(new SplittableRandom(1))).as("not modelled").isEmpty();
    }
  }

  private static Connection open(Path file) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:sqlite:" + file + "?journal_mode=WAL&synchronous=FULL");
  }

  private static void insert(Statement statement, int from, int to) throws SQLException {
    for (int i = from; i <= to; i++) {
      statement.execute("INSERT INTO t VALUES (" + i + ", '" + "x".repeat(50 * i) + "')");
    }
  }

  private List<Integer> rows() throws SQLException {
    List<Integer> rows = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + copy);
        Statement statement = connection.createStatement()) {
      try (ResultSet row = statement.executeQuery("PRAGMA integrity_check")) {
        assertThat(row.getString(1)).isEqualTo("ok");
      }
      try (ResultSet row = statement.executeQuery("SELECT n FROM t ORDER BY n")) {
        while (row.next()) {
          rows.add(row.getInt(1));
        }
      }
    }
    return rows;
  }
}

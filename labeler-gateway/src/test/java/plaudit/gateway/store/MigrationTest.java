package plaudit.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores that an older version has written. */
class MigrationTest {

  @Test
  void aStoppedRunOfTheFirstSchemaIsStillStoppedAndCanBeResumed(@TempDir Path directory)
      throws SQLException {
    StoreSettings settings = Stores.settings(directory);
    Flyway.configure()
        .dataSource(settings.url(), settings.user(), settings.password())
        .locations("classpath:db/migration")
        .target("1")
        .load()
        .migrate();
    try (Connection connection = connect(settings);
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE line SET stopped = TRUE, reason = 'the texts are bad'");
      statement.execute(
          "INSERT INTO label_event (at, kind, detail) VALUES (LOCALTIMESTAMP, 'LINE_STOPPED', '{}')");
    }

    try (JdbcLabels labels = Stores.open(directory)) {
      assertThat(labels.stopReason()).contains("the texts are bad");
      labels.resumeRun(new Labeler("acme", "anna"), "looked at");
      assertThat(labels.stopReason()).isEmpty();
      assertThat(labels.ask(Comparisons.some("c", 2))).isEqualTo(2);
    }

    try (Connection connection = connect(settings);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT COUNT(*) FROM label_event WHERE kind IN ('RUN_STOPPED', 'RUN_RESUMED')")) {
      assertThat(row.next()).isTrue();
      assertThat(row.getInt(1)).isEqualTo(2);
    }
  }

  private static Connection connect(StoreSettings settings) throws SQLException {
    return DriverManager.getConnection(settings.url(), settings.user(), settings.password());
  }
}

package plaudit.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked all day long must not read more rows as the store grows. */
class QueryPlanTest {

  private final Path directory;

  QueryPlanTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void claimsLabelsAndPagesReadTheirIndexInOrderAndStopAtTheLimit() throws SQLException {
    try (JdbcLabels labels = Stores.open(directory)) {
      labels.ask(Comparisons.some("c", 200));
      Labeler anna = new Labeler("acme", "anna");
      for (Lease lease : ((LeaseOutcome.Granted) labels.lease(anna, 100)).leases()) {
        labels.judge(
            anna,
            new Submission(
                lease.leaseId(),
                lease.epoch(),
                new SubmittedChoice.Chosen(lease.task().choices().get(0).choiceId()),
                null,
                null,
                null,
                null),
            Optional.empty());
      }
    }
    StoreSettings settings = Stores.settings(directory);
    try (Connection connection =
        DriverManager.getConnection(settings.url(), settings.user(), settings.password())) {
      assertReadsInOrder(connection, Dialect.H2.candidates(), "acme", "ben", "acme", "ben", 8);
      assertReadsInOrder(connection, JudgmentRow.LABELS, 10L, 5);
      assertReadsInOrder(connection, JudgmentRow.OF_VENDOR.formatted(""), "acme", 10L, 5);
      assertReadsInOrder(
          connection,
          JudgmentRow.OF_VENDOR.formatted("AND j.labeler = ? "),
          "acme",
          "anna",
          10L,
          5);
    }
  }

  private static void assertReadsInOrder(Connection connection, String sql, Object... parameters) {
    List<String> plan =
        Dialect.H2
            .configured(Jdbi.create(connection))
            .withHandle(
                handle -> handle.select("EXPLAIN " + sql, parameters).mapTo(String.class).list());
    assertThat(plan).hasSize(1);
    assertThat(plan.get(0)).contains("/* index sorted */");
  }
}

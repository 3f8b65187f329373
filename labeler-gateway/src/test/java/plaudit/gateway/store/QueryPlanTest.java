package plaudit.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.InstantSource;
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
    StoreSettings roomy = Stores.settings(directory).withHeld(new StoreSettings.Held(100, 100));
    try (JdbcLabels labels = Stores.open(roomy, InstantSource.system())) {
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
      assertReadsInOrder(
          connection,
          Dialect.SQLITE.candidates(false),
          "evaluation-%",
          "acme",
          "ben",
          "acme",
          "ben",
          8);
      assertReadsInOrder(connection, JudgmentRow.LABELS, 10L, 5);
      assertReadsInOrder(connection, JudgmentRow.OF_VENDOR.formatted(""), "acme", 10L, 5);
      assertReadsInOrder(
          connection,
          JudgmentRow.OF_VENDOR.formatted("AND j.labeler = ? "),
          "acme",
          "anna",
          10L,
          5);
      assertThat(plan(connection, LeaseRow.LATER, "c", 1))
          .as("only the comparison's own leases")
          .singleElement()
          .asString()
          .endsWith("(comparison_id=? AND epoch>?)");
    }
  }

  /** Else a start takes time with the square of the labels: a minute at seven thousand. */
  @Test
  void theLawsLookUpWhatBelongsToARowByItsId() throws SQLException {
    Stores.open(directory).close();
    StoreSettings settings = Stores.settings(directory);
    try (Connection connection =
        DriverManager.getConnection(settings.url(), settings.user(), settings.password())) {
      for (String query : StoreLaws.queries()) {
        List<String> plan = plan(connection, query);
        int inner = plan.indexOf("CORRELATED SCALAR SUBQUERY 1");
        assertThat(inner < 0 ? List.<String>of() : plan.subList(inner + 1, plan.size()))
            .as(query)
            .allMatch(
                step -> step.startsWith("SEARCH") && step.matches(".*\\((comparison_id|id)=\\?.*"));
      }
    }
  }

  /** No scan of a table, and nothing is sorted. */
  private static void assertReadsInOrder(Connection connection, String sql, Object... parameters) {
    List<String> plan = plan(connection, sql, parameters);
    assertThat(plan)
        .isNotEmpty()
        .allMatch(step -> step.startsWith("SEARCH") || step.startsWith("CORRELATED"), "an index");
    assertThat(plan.get(0)).contains("USING INDEX");
  }

  private static List<String> plan(Connection connection, String sql, Object... parameters) {
    return Dialect.SQLITE
        .configured(Jdbi.create(connection))
        .withHandle(
            handle ->
                handle
                    .select("EXPLAIN QUERY PLAN " + sql, parameters)
                    .map((row, context) -> row.getString("detail"))
                    .list());
  }
}

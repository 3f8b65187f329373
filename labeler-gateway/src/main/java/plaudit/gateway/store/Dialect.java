package plaudit.gateway.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.argument.AbstractArgumentFactory;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.config.ConfigRegistry;
import org.jdbi.v3.core.mapper.ColumnMapper;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.TemplateEngine;
import org.jspecify.annotations.Nullable;
import plaudit.input.InvalidInputException;
import plaudit.labels.actor.LabelStore;

/**
 * Everything that the statements for the databases do differently. PostgreSQL skips candidates that
 * another claim has locked; SQLite has one writer and locks no rows. SQLite keeps times as
 * milliseconds since 1970.
 */
enum Dialect {
  SQLITE("jdbc:sqlite:", "", "") {
    @Override
    Argument argument(Instant value) {
      return (position, statement, context) -> statement.setLong(position, value.toEpochMilli());
    }

    @Override
    ColumnMapper<Instant> instants() {
      return (row, column, context) -> Instant.ofEpochMilli(row.getLong(column));
    }

    @Override
    boolean passes(SQLException failure) {
      return SQLITE_PASSING.contains(failure.getErrorCode() & 0xff);
    }
  },
  POSTGRESQL("jdbc:postgresql:", " FOR UPDATE SKIP LOCKED", " FOR UPDATE") {
    @Override
    Argument argument(Instant value) {
      return (position, statement, context) ->
          statement.setObject(position, value.atOffset(ZoneOffset.UTC));
    }

    @Override
    ColumnMapper<Instant> instants() {
      return (row, column, context) -> row.getObject(column, OffsetDateTime.class).toInstant();
    }

    @Override
    boolean passes(SQLException failure) {
      String state = String.valueOf(failure.getSQLState());
      return POSTGRESQL_PASSING.stream().anyMatch(state::startsWith);
    }
  };

  /** Busy, a failing disk, a full disk. */
  private static final Set<Integer> SQLITE_PASSING = Set.of(5, 10, 13);

  /** No connection, insufficient resources, starting up or shutting down. */
  private static final Set<String> POSTGRESQL_PASSING = Set.of("08", "53", "57P");

  /**
   * Open comparisons, oldest first, that this labeler has neither answered, skipped nor flagged,
   * and that it does not hold; those of an evaluation, or the others. Parameters: how ids of
   * evaluations begin, vendor, labeler, vendor, labeler, limit.
   */
  private static final String CANDIDATES =
      """
      SELECT c.id FROM comparison c
      WHERE c.phase = 'OPEN' AND c.id %s LIKE ?
        AND NOT EXISTS (SELECT 1 FROM judgment j
          WHERE j.comparison_id = c.id AND j.vendor = ? AND j.labeler = ?)
        AND NOT EXISTS (SELECT 1 FROM lease l
          WHERE l.comparison_id = c.id AND l.vendor = ? AND l.labeler = ?
            AND l.phase IN ('SKIPPED', 'FLAGGED', 'ACTIVE'))
      ORDER BY c.phase, c.ordinal LIMIT ?\
      """;

  private final String prefix;
  private final String skipLocked;
  private final String rowLock;

  Dialect(String prefix, String skipLocked, String rowLock) {
    this.prefix = prefix;
    this.skipLocked = skipLocked;
    this.rowLock = rowLock;
  }

  /** Whether what the driver refused may work later without any other setting. */
  abstract boolean passes(SQLException failure);

  /** The dialect of a JDBC URL. */
  static Dialect of(String url) {
    return Stream.of(values())
        .filter(dialect -> url.startsWith(dialect.prefix) && !url.equals(dialect.prefix))
        .findFirst()
        .orElseThrow(
            () ->
                InvalidInputException.of(
                    "plaudit.gateway.store.url",
                    url,
                    "jdbc:sqlite:PATH or jdbc:postgresql://HOST/DATABASE"
                        + (url.startsWith("jdbc:h2:") ? "; " + SqliteFile.ADVICE : "")));
  }

  /** What follows the prefix of a URL. */
  String rest(String url) {
    return url.substring(prefix.length());
  }

  /** Where Flyway finds the schema. */
  String migrations() {
    return "classpath:db/migration/" + name().toLowerCase(Locale.ROOT);
  }

  String candidates(boolean ofAnEvaluation) {
    return CANDIDATES.formatted(ofAnEvaluation ? "" : "NOT") + skipLocked;
  }

  /** The end of a query whose row stays locked to the commit. */
  String rowLock() {
    return rowLock;
  }

  /** Lets all queries of a transaction see the same commits; in SQLite they do in any case. */
  String snapshot() {
    return this == SQLITE
        ? "SELECT 1"
        : "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";
  }

  abstract Argument argument(Instant value);

  abstract ColumnMapper<Instant> instants();

  /** With the types of the columns and the records that rows are read into. */
  Jdbi configured(Jdbi jdbi) {
    jdbi.getConfig(SqlStatements.class).setTemplateEngine(TemplateEngine.NOP);
    jdbi.registerArgument(
        new AbstractArgumentFactory<Instant>(Types.TIMESTAMP_WITH_TIMEZONE) {
          @Override
          protected Argument build(Instant value, ConfigRegistry config) {
            return argument(value);
          }
        });
    jdbi.registerColumnMapper(Instant.class, instants());
    jdbi.registerRowMapper(LeaseRow.class, LeaseRow::read);
    jdbi.registerRowMapper(ConstructorMapper.factory(VendorStats.class));
    jdbi.registerRowMapper(ConstructorMapper.factory(StoreCounts.Counts.class));
    jdbi.registerRowMapper(ConstructorMapper.factory(LabelStore.Holder.class));
    jdbi.registerRowMapper(ConstructorMapper.factory(LabelStore.Stop.class));
    jdbi.registerRowMapper(ConstructorMapper.factory(LabelStore.Asked.class));
    jdbi.registerRowMapper(ConstructorMapper.factory(JdbcLabels.Answered.class));
    jdbi.registerRowMapper(ComparisonRow.class, ComparisonRow::read);
    return jdbi.registerRowMapper(JudgmentRow.class, JudgmentRow::read);
  }

  /** A column of whole numbers that may be empty. */
  static @Nullable Long number(ResultSet row, String column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : value;
  }
}

package plaudit.gateway.store;

import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.argument.AbstractArgumentFactory;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.config.ConfigRegistry;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.TemplateEngine;
import plaudit.input.InvalidInputException;
import plaudit.labels.actor.LabelStore;

/**
 * Everything that the databases do differently. PostgreSQL skips candidates that another claim has
 * locked. H2 does not lock candidates at all here (its SKIP LOCKED locks every matching row), the
 * compare-and-set that follows decides.
 */
enum Dialect {
  /** Retried: unique violation, deadlock, row changed, lock timeout. */
  H2("jdbc:h2:file:", ";DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=5000", "", "23505|40001|90131|HYT00"),
  /** Retried: unique violation, serialization failure, deadlock. */
  POSTGRESQL("jdbc:postgresql:", "", " FOR UPDATE SKIP LOCKED", "23505|40001|40P01");

  /**
   * Open comparisons, oldest first, that this labeler has neither answered, skipped nor flagged.
   * Ordered by both columns of the index: by the ordinal alone H2 would sort the whole queue.
   * Parameters: vendor, labeler, vendor, labeler, limit.
   */
  private static final String CANDIDATES =
      """
      SELECT c.id FROM comparison c
      WHERE c.phase = 'OPEN'
        AND NOT EXISTS (SELECT 1 FROM judgment j
          WHERE j.comparison_id = c.id AND j.vendor = ? AND j.labeler = ?)
        AND NOT EXISTS (SELECT 1 FROM lease l
          WHERE l.comparison_id = c.id AND l.vendor = ? AND l.labeler = ?
            AND l.phase IN ('SKIPPED', 'FLAGGED'))
      ORDER BY c.phase, c.ordinal LIMIT ?""";

  private static final int H2_FILE_IN_USE = 90020;

  private final String prefix;
  private final String options;
  private final String skipLocked;
  private final String lostRace;

  Dialect(String prefix, String options, String skipLocked, String lostRace) {
    this.prefix = prefix;
    this.options = options;
    this.skipLocked = skipLocked;
    this.lostRace = lostRace;
  }

  /** The dialect of a JDBC URL. */
  static Dialect of(String url) {
    return Stream.of(values())
        .filter(dialect -> url.startsWith(dialect.prefix))
        .findFirst()
        .orElseThrow(
            () ->
                InvalidInputException.of(
                    "plaudit.gateway.store.url",
                    url,
                    "jdbc:h2:file:PATH or jdbc:postgresql://HOST/DATABASE"));
  }

  /** Whether one process owns the database. */
  boolean isFile() {
    return this == H2;
  }

  /** The URL with what makes a commit durable: H2 acknowledges it before it is written. */
  String durable(String url) {
    if (this != H2) {
      return url;
    }
    String upper = url.toUpperCase(Locale.ROOT);
    if (upper.contains(";AUTO_SERVER=TRUE")) {
      throw InvalidInputException.of(
          "plaudit.gateway.store.url", url, "no AUTO_SERVER; one process owns the file");
    }
    if (upper.contains(";WRITE_DELAY=0")) {
      return url;
    }
    if (upper.contains(";WRITE_DELAY=")) {
      throw InvalidInputException.of("plaudit.gateway.store.url", url, ";WRITE_DELAY=0");
    }
    return url + ";WRITE_DELAY=0";
  }

  /** What is connected to. */
  String connectionUrl(String url) {
    return url + options;
  }

  String candidates() {
    return CANDIDATES + skipLocked;
  }

  /** The end of a query whose row stays locked to the commit. */
  String rowLock() {
    return " FOR UPDATE";
  }

  /** Whether the same transaction may succeed when it is run again. */
  boolean lostRace(SQLException e) {
    return e.getSQLState() != null && e.getSQLState().matches(lostRace);
  }

  /** Whether another process owns the database. */
  boolean inUse(SQLException e) {
    return this == H2 && e.getErrorCode() == H2_FILE_IN_USE;
  }

  /** With the types of the columns and the records that rows are read into. */
  Jdbi configured(Jdbi jdbi) {
    jdbi.getConfig(SqlStatements.class).setTemplateEngine(TemplateEngine.NOP);
    jdbi.registerArgument(
        new AbstractArgumentFactory<Instant>(Types.TIMESTAMP_WITH_TIMEZONE) {
          @Override
          protected Argument build(Instant value, ConfigRegistry config) {
            return (position, statement, context) ->
                statement.setObject(position, value.atOffset(ZoneOffset.UTC));
          }
        });
    jdbi.registerColumnMapper(
        Instant.class,
        (row, column, context) -> row.getObject(column, OffsetDateTime.class).toInstant());
    jdbi.registerRowMapper(ConstructorMapper.factory(LeaseRow.class));
    jdbi.registerRowMapper(ConstructorMapper.factory(VendorStats.class));
    jdbi.registerRowMapper(ConstructorMapper.factory(LabelStore.Status.class));
    jdbi.registerRowMapper(ConstructorMapper.factory(LabelStore.Asked.class));
    jdbi.registerRowMapper(ComparisonRow.class, ComparisonRow::read);
    return jdbi.registerRowMapper(JudgmentRow.class, JudgmentRow::read);
  }
}

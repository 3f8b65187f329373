package plaudit.gateway.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The few lines between a statement with question marks and the driver. */
final class Sql {

  private Sql() {}

  /** Makes a value of the current row. */
  interface Mapper<T> {
    T map(ResultSet row) throws SQLException;
  }

  static <T> List<T> list(
      Connection connection, String sql, Mapper<T> mapper, @Nullable Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      try (ResultSet rows = statement.executeQuery()) {
        List<T> values = new ArrayList<>();
        while (rows.next()) {
          values.add(mapper.map(rows));
        }
        return values;
      }
    }
  }

  static <T> Optional<T> one(
      Connection connection, String sql, Mapper<T> mapper, @Nullable Object... parameters)
      throws SQLException {
    return list(connection, sql, mapper, parameters).stream().findFirst();
  }

  /** The first column of the only row. */
  static long number(Connection connection, String sql, @Nullable Object... parameters)
      throws SQLException {
    return list(connection, sql, row -> row.getLong(1), parameters).get(0);
  }

  /** How many rows changed. */
  static int update(Connection connection, String sql, @Nullable Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      return statement.executeUpdate();
    }
  }

  static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  private static void bind(PreparedStatement statement, @Nullable Object... parameters)
      throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      Object value = parameters[i];
      if (value instanceof Instant instant) {
        statement.setObject(i + 1, instant.atOffset(ZoneOffset.UTC));
      } else if (value instanceof Enum<?> constant) {
        statement.setString(i + 1, constant.name());
      } else {
        statement.setObject(i + 1, value);
      }
    }
  }
}

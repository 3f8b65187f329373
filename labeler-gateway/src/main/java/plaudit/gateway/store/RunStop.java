package plaudit.gateway.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The cord that stops the line, as anybody who works at it may: one row says whether it is pulled
 * and why. Within a transaction of somebody else.
 */
final class RunStop {

  private RunStop() {}

  /** Stops the line; true, since it stands still from now on. */
  static boolean pull(Connection connection, Instant now, Labeler labeler, String reason)
      throws SQLException {
    return set(connection, now, true, labeler, reason, Events.Kind.LINE_STOPPED);
  }

  /** Lets the line run again; false, since it does not stand still any more. */
  static boolean letGo(Connection connection, Instant now, Labeler labeler, String reason)
      throws SQLException {
    return set(connection, now, false, labeler, reason, Events.Kind.LINE_RESUMED);
  }

  /** Why the line stands still, if it does. */
  static Optional<String> reason(Connection connection) throws SQLException {
    return Sql.one(
        connection, "SELECT reason FROM line WHERE id = 1 AND stopped", row -> row.getString(1));
  }

  private static boolean set(
      Connection connection,
      Instant now,
      boolean stopped,
      Labeler labeler,
      String reason,
      Events.Kind kind)
      throws SQLException {
    Sql.update(
        connection,
        "UPDATE line SET stopped = ?, reason = ?, changed_at = ? WHERE id = 1",
        stopped,
        reason,
        now);
    Events.append(connection, now, kind, null, labeler, Map.of("reason", reason));
    return stopped;
  }
}

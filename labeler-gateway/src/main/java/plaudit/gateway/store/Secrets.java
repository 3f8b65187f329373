package plaudit.gateway.store;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Optional;

/** Secrets that all processes of one store share; each is made when it is first asked for. */
final class Secrets {

  private static final int BYTES = 32;

  private static final String FIND = "SELECT \"value\" FROM secret WHERE name = ?";

  private Secrets() {}

  /**
   * The secret of this name if it was made, over a connection beside those of the store's owner.
   */
  static Optional<byte[]> read(StoreSettings settings, String name) {
    try (Connection connection = beside(settings);
        PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(HexFormat.of().parseHex(row.getString(1)))
            : Optional.empty();
      }
    } catch (SQLException e) {
      throw Database.unusable(settings, e);
    }
  }

  private static Connection beside(StoreSettings settings) throws SQLException {
    return settings.isFile()
        ? SqliteFile.of(settings).reading().getConnection()
        : DriverManager.getConnection(settings.url(), settings.user(), settings.password());
  }

  /** The secret of this name. A race for the first time is lost, and the winner's is read. */
  static byte[] getOrMake(Transaction tx, String name, Ids ids) {
    return tx.query(FIND, name)
        .mapTo(String.class)
        .findFirst()
        .map(HexFormat.of()::parseHex)
        .orElseGet(
            () -> {
              byte[] made = ids.bytes(BYTES);
              tx.update(
                  "INSERT INTO secret (name, \"value\") VALUES (?, ?)",
                  name,
                  HexFormat.of().formatHex(made));
              return made;
            });
  }
}

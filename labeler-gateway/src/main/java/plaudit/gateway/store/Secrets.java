package plaudit.gateway.store;

import java.util.HexFormat;

/** Secrets that all processes of one store share; each is made when it is first asked for. */
final class Secrets {

  private static final int BYTES = 32;

  private Secrets() {}

  /** The secret of this name. A race for the first time is lost, and the winner's is read. */
  static byte[] getOrMake(Transaction tx, String name, Ids ids) {
    return tx.query("SELECT \"value\" FROM secret WHERE name = ?", name)
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

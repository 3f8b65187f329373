package plaudit.gateway.store;

/** The database failed; nothing of the transaction was kept and trying again is safe. */
public final class StoreException extends RuntimeException {

  StoreException(String message) {
    super(message);
  }

  StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}

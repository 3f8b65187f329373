package plaudit.snapshots;

/** Weights could not be written, found or verified; the message is one line for the log. */
public abstract sealed class SnapshotFileException extends RuntimeException {

  private SnapshotFileException(String message, Throwable cause) {
    super(message, cause);
  }

  private SnapshotFileException(String message) {
    super(message);
  }

  /** The file could not be written, for want of space for example; nothing is left of it. */
  public static final class NotWritten extends SnapshotFileException {
    NotWritten(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The bytes are not there, or their server does not deliver; trying later may help. */
  public static final class Unavailable extends SnapshotFileException {
    Unavailable(String message) {
      super(message);
    }

    Unavailable(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The bytes are not those that were published: size or digest differ. */
  public static final class Corrupt extends SnapshotFileException {
    Corrupt(String message) {
      super(message);
    }
  }
}

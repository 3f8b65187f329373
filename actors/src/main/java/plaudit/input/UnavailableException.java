package plaudit.input;

/**
 * What a user handed in is right, but cannot be had now: a port that another process has, a run
 * that another process runs, a database that does not answer, a disk that is full. The same command
 * may succeed later, so a supervisor should start it again.
 */
public final class UnavailableException extends InvalidInputException {

  /** The process's exit code, {@code EX_TEMPFAIL} of {@code sysexits.h}. */
  public static final int EXIT_CODE = 75;

  /** A whole sentence for the user. */
  public UnavailableException(String message) {
    super(message);
  }

  /** A whole sentence for the user, with what led to it. */
  public UnavailableException(String message, Throwable cause) {
    super(message, cause);
  }

  /** {@code what: value (expected: expected)}. */
  public static UnavailableException of(String what, Object value, String expected) {
    return new UnavailableException(sentence(what, value, expected));
  }

  /**
   * A socket could not be bound: unavailable if another one has the port, and else a wrong address.
   *
   * @param what the setting's section
   */
  public static InvalidInputException notBound(
      String what, String host, int port, Throwable cause) {
    String reason = String.valueOf(cause.getMessage());
    String sentence =
        "%s: cannot listen on %s:%d: %s (expected: a free port of this machine)"
            .formatted(what, host, port, reason);
    return reason.contains("in use")
        ? new UnavailableException(sentence, cause)
        : new InvalidInputException(sentence, cause);
  }
}

package plaudit.input;

/**
 * Something a user handed in cannot be used: the message is one line that names the value and what
 * was expected, and needs no stack trace to be understood.
 */
public class InvalidInputException extends RuntimeException {

  /** A whole sentence for the user. */
  public InvalidInputException(String message) {
    super(message);
  }

  /** A whole sentence for the user, with what led to it. */
  public InvalidInputException(String message, Throwable cause) {
    super(message, cause);
  }

  /** {@code what: value (expected: expected)}. */
  public static InvalidInputException of(String what, Object value, String expected) {
    return new InvalidInputException(sentence(what, value, expected));
  }

  static String sentence(String what, Object value, String expected) {
    return "%s: %s (expected: %s)".formatted(what, value, expected);
  }
}

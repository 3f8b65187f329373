package plaudit.gateway.json;

/** JSON that is not what was documented. */
public final class MalformedJsonException extends RuntimeException {

  private final String pointer;

  MalformedJsonException(String pointer, String message) {
    super(message);
    this.pointer = pointer;
  }

  /** JSON Pointer (RFC 6901) of the first fault; empty for the whole text. */
  public String pointer() {
    return pointer;
  }
}

package plaudit.node.vendor;

/** The vendor cannot go on: the key is refused, or the gateway is gone or speaks something else. */
public final class VendorException extends RuntimeException {

  VendorException(String message) {
    super(message);
  }

  VendorException(String message, Throwable cause) {
    super(message, cause);
  }
}

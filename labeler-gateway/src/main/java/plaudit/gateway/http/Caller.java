package plaudit.gateway.http;

/** Who is asking. */
sealed interface Caller {

  /** Under which vendor's name judgments are kept. */
  String vendor();

  /** What the rate limit counts by. */
  String bucket();

  /** A program with an API key. */
  record Vendor(String vendor, String keyId) implements Caller {
    @Override
    public String bucket() {
      return keyId;
    }
  }

  /**
   * A person's browser with a session of the page; it judges as this labeler only.
   *
   * @param operator whether the person may clear a stop, steer and invite
   */
  record Person(String labelerId, boolean operator) implements Caller {
    @Override
    public String vendor() {
      return VendorKey.PAGE;
    }

    @Override
    public String bucket() {
      return labelerId;
    }
  }

  /** A program or person with an operator's key; it judges nothing. */
  record Operator(String name, String keyId) implements Caller {
    @Override
    public String vendor() {
      return VendorKey.OPERATOR;
    }

    @Override
    public String bucket() {
      return keyId;
    }
  }

  /** A caller where no key is needed. */
  record Anonymous() implements Caller {
    @Override
    public String vendor() {
      return "";
    }

    @Override
    public String bucket() {
      return "";
    }
  }
}

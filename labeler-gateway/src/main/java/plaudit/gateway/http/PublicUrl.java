package plaudit.gateway.http;

import java.net.URI;
import java.net.URISyntaxException;
import plaudit.input.InvalidInputException;

/**
 * The address under which people reach the pages through a proxy.
 *
 * @param scheme http or https
 * @param authority host and, unless it is the scheme's, port
 * @param path of the labeling page, with a slash at both ends
 */
public record PublicUrl(String scheme, String authority, String path) {

  /** Reads such an address; the slash at its end may be missing. */
  public static PublicUrl of(String text) {
    try {
      URI uri = new URI(text);
      if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && !uri.getRawPath().contains(";")) {
        String path = uri.getRawPath();
        return new PublicUrl(
            uri.getScheme(), uri.getRawAuthority(), path.endsWith("/") ? path : path + "/");
      }
    } catch (URISyntaxException e) {
      // Refused below, like an address that lacks a part.
    }
    throw InvalidInputException.of(
        "plaudit.gateway.page.public-url", text, "http(s)://HOST[:PORT][/PATH/]");
  }

  /** What a browser sends as Origin. */
  String origin() {
    return scheme + "://" + authority;
  }

  /** The name without the port. */
  String host() {
    return authority.replaceFirst(":[0-9]+$", "");
  }

  boolean secure() {
    return scheme.equals("https");
  }

  @Override
  public String toString() {
    return origin() + path;
  }
}

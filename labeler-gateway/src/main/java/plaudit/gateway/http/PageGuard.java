package plaudit.gateway.http;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.apache.pekko.http.javadsl.model.AttributeKeys;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpProtocols;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/**
 * Whether a browser may use the pages. They need no key, so three things are looked at: where the
 * browser is, under which name it came here (a foreign site can point its own name at this
 * address), and, for a change, that our own page sent it (a custom header and the Origin).
 */
final class PageGuard {

  static final String HEADER = "X-Plaudit-Page";

  private static final Pattern IP = Pattern.compile("[0-9.]+|\\[[0-9a-fA-F:.%]+]");
  private static final Set<String> BY_PROXIES = Set.of("forwarded", "via", "x-real-ip");

  private PageGuard() {}

  static void check(HttpRequest request, GatewaySettings settings) {
    GatewaySettings.Page page = settings.page();
    if (!page.enabled()) {
      throw refusal("the pages are switched off");
    }
    if (!page.remote() && !local(request)) {
      throw refusal("the pages are for this machine only (plaudit.gateway.page.remote)");
    }
    String host = value(request, "Host").orElse("");
    if (!allowed(name(host), page)) {
      throw refusal(
          "Host: %s (expected: localhost, an IP address, one of plaudit.gateway.page.hosts or that of public-url)"
              .formatted(host));
    }
    if (!request.method().name().equals("GET")) {
      ours(request, host, page);
    }
  }

  /** Whether the browser runs on this machine: a loopback address, and no proxy in between. */
  static boolean local(HttpRequest request) {
    return !proxied(request)
        && request
            .getAttribute(AttributeKeys.remoteAddress)
            .flatMap(address -> address.getAddress())
            .map(InetAddress::isLoopbackAddress)
            .orElse(false);
  }

  /**
   * Whether a proxy sent the request: it says so in a header, or it speaks HTTP/1.0, which no
   * browser does and nginx does when it is told nothing.
   */
  static boolean proxied(HttpRequest request) {
    return request.protocol().equals(HttpProtocols.HTTP_1_0)
        || StreamSupport.stream(request.getHeaders().spliterator(), false)
            .map(header -> header.name().toLowerCase(Locale.ROOT))
            .anyMatch(name -> BY_PROXIES.contains(name) || name.startsWith("x-forwarded-"));
  }

  /** The address under which a browser sees the pages, if it came by the public one. */
  static Optional<PublicUrl> publicUrl(HttpRequest request, GatewaySettings.Page page) {
    String host = name(value(request, "Host").orElse(""));
    return page.publicUrl().filter(url -> proxied(request) || url.host().equals(host));
  }

  private static void ours(HttpRequest request, String host, GatewaySettings.Page page) {
    if (value(request, HEADER).isEmpty()) {
      throw refusal(HEADER + " is missing (expected: sent by the page)");
    }
    Optional<String> origin = value(request, "Origin");
    if (origin.isPresent()
        && !origin.get().equals("http://" + host)
        && !origin.get().equals("https://" + host)
        && !page.publicUrl().map(PublicUrl::origin).equals(origin)) {
      throw refusal("Origin: %s (expected: the page's own)".formatted(origin.get()));
    }
  }

  private static boolean allowed(String name, GatewaySettings.Page page) {
    return name.equals("localhost")
        || IP.matcher(name).matches()
        || page.hosts().contains(name)
        || page.publicUrl().map(PublicUrl::host).equals(Optional.of(name));
  }

  private static String name(String host) {
    return host.replaceFirst(":[0-9]+$", "");
  }

  private static Optional<String> value(HttpRequest request, String header) {
    return request.getHeader(header).map(HttpHeader::value);
  }

  private static Problem.Refusal refusal(String detail) {
    return Problem.of(Problem.Kind.INSUFFICIENT_SCOPE, detail).thrown();
  }
}

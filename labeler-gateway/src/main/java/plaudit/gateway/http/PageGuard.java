package plaudit.gateway.http;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.pekko.http.javadsl.model.AttributeKeys;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/**
 * Whether a browser may use the pages. They need no key, so three things are looked at: where the
 * browser is, under which name it came here (a foreign site can point its own name at this
 * address), and, for a change, that our own page sent it (a custom header and the Origin).
 */
final class PageGuard {

  static final String HEADER = "X-Plaudit-Page";

  private static final Pattern IP = Pattern.compile("[0-9.]+|\\[[0-9a-fA-F:.%]+]");

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
    if (!allowed(name(host), page.hosts())) {
      throw refusal(
          "Host: %s (expected: localhost, an IP address or one of plaudit.gateway.page.hosts)"
              .formatted(host));
    }
    if (!request.method().name().equals("GET")) {
      ours(request, host);
    }
  }

  private static void ours(HttpRequest request, String host) {
    if (value(request, HEADER).isEmpty()) {
      throw refusal(HEADER + " is missing (expected: sent by the page)");
    }
    Optional<String> origin = value(request, "Origin");
    if (origin.isPresent()
        && !origin.get().equals("http://" + host)
        && !origin.get().equals("https://" + host)) {
      throw refusal("Origin: %s (expected: the page's own)".formatted(origin.get()));
    }
  }

  private static boolean local(HttpRequest request) {
    return request
        .getAttribute(AttributeKeys.remoteAddress)
        .flatMap(address -> address.getAddress())
        .map(InetAddress::isLoopbackAddress)
        .orElse(false);
  }

  private static boolean allowed(String name, List<String> hosts) {
    return name.equals("localhost") || IP.matcher(name).matches() || hosts.contains(name);
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

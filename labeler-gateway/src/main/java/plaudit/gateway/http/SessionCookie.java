package plaudit.gateway.http;

import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** When a browser gets a session's cookie, and with which attributes. */
final class SessionCookie {

  private final Sessions sessions;
  private final GatewaySettings.Page page;

  SessionCookie(Sessions sessions, GatewaySettings.Page page) {
    this.sessions = sessions;
    this.page = page;
  }

  /**
   * A new value when a page is opened, if one is due. A browser on this machine always has a
   * labeler id: its old one, or a new one. A browser elsewhere needs an invitation first.
   */
  Optional<String> forPage(HttpRequest request) {
    Optional<String> cookie = RequestPipeline.cookie(request);
    if (cookie.flatMap(sessions::read).isPresent()) {
      return renewed(request);
    }
    if (!PageGuard.local(request)) {
      return Optional.empty();
    }
    return cookie
        .flatMap(sessions::overOrNot)
        .map(pass -> sessions.issue(pass.labelerId(), false))
        .or(() -> Optional.of(sessions.issue()));
  }

  /** A new value for a session that is half over, so that who comes often stays. */
  Optional<String> renewed(HttpRequest request) {
    return RequestPipeline.cookie(request)
        .flatMap(sessions::read)
        .filter(sessions::aging)
        .map(pass -> sessions.issue(pass.labelerId(), pass.operator()));
  }

  /**
   * The response with the cookie. It outlives the session: a browser on this machine is then still
   * known. Lax, so that a link from elsewhere finds the person's session; every change needs the
   * page's own header besides.
   */
  HttpResponse on(HttpResponse response, HttpRequest request, String value) {
    String host = request.getHeader("Host").map(HttpHeader::value).orElse("");
    Optional<PublicUrl> url = PageGuard.publicUrl(request, page);
    return Replies.with(
        response,
        "Set-Cookie",
        "%s=%s; Path=%s; Max-Age=%d; HttpOnly; SameSite=Lax%s"
            .formatted(
                Sessions.cookieName(host),
                value,
                url.map(PublicUrl::path).orElse("/"),
                page.session().multipliedBy(2).toSeconds(),
                url.filter(PublicUrl::secure).isPresent() ? "; Secure" : ""));
  }
}

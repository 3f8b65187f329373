package plaudit.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.AttributeKeys;
import org.apache.pekko.http.javadsl.model.HttpProtocols;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.RemoteAddress;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PageGuardTest {

  private static final String PUBLIC = "https://labels.example.org/plaudit/";

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.9.9.9", "::1"})
  void aBrowserOfThisMachineIsLocal(String address) throws UnknownHostException {
    assertThat(PageGuard.local(from(address, "localhost:8080"))).isTrue();
    assertThat(PageGuard.local(from("192.168.1.5", "localhost:8080"))).isFalse();
    assertThat(PageGuard.local(HttpRequest.GET("/"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Forwarded-For",
        "x-forwarded-proto",
        "X-Forwarded-Host",
        "Forwarded",
        "X-Real-IP",
        "Via"
      })
  void aRequestThroughAProxyIsNotLocalWhateverItsAddress(String header)
      throws UnknownHostException {
    HttpRequest request =
        from("127.0.0.1", "localhost").addHeader(RawHeader.create(header, "127.0.0.1"));
    assertThat(PageGuard.local(request)).isFalse();
    assertRefused(request, page(false, ""), "for this machine only");
    assertThatCode(() -> PageGuard.check(request, page(true, ""))).doesNotThrowAnyException();
  }

  @Test
  void aProxyThatSaysNothingSpeaksAnOldProtocol() throws UnknownHostException {
    assertThat(PageGuard.local(from("127.0.0.1", "localhost").withProtocol(HttpProtocols.HTTP_1_0)))
        .isFalse();
  }

  @Test
  void theNameOfThePublicAddressIsAllowedAndOthersAreNot() throws UnknownHostException {
    HttpRequest request = from("127.0.0.1", "labels.example.org");
    assertThatCode(() -> PageGuard.check(request, page(false, PUBLIC))).doesNotThrowAnyException();
    assertRefused(request, page(false, ""), "Host: labels.example.org");
    assertRefused(from("127.0.0.1", "evil.example"), page(true, PUBLIC), "Host: evil.example");
  }

  @ParameterizedTest
  @CsvSource({
    "https://labels.example.org, true",
    "http://127.0.0.1:8080, true",
    "http://labels.example.org, false",
    "https://labels.example.org.evil.example, false",
    "https://labels.example.org:444, false",
    "null, false"
  })
  void aChangeComesFromThePagesOwnAddress(String origin, boolean allowed)
      throws UnknownHostException {
    HttpRequest request =
        HttpRequest.POST("/v1/andon")
            .addHeader(RawHeader.create("Host", "127.0.0.1:8080"))
            .addHeader(RawHeader.create("X-Plaudit-Page", "1"))
            .addHeader(RawHeader.create("Origin", origin))
            .addAttribute(AttributeKeys.remoteAddress, address("127.0.0.1"));
    if (allowed) {
      assertThatCode(() -> PageGuard.check(request, page(false, PUBLIC)))
          .doesNotThrowAnyException();
    } else {
      assertRefused(request, page(false, PUBLIC), "Origin: " + origin);
    }
    assertRefused(request.removeHeader("X-Plaudit-Page"), page(false, PUBLIC), "is missing");
  }

  private static void assertRefused(HttpRequest request, GatewaySettings settings, String why) {
    assertThatThrownBy(() -> PageGuard.check(request, settings))
        .isInstanceOf(Problem.Refusal.class)
        .hasMessageContaining(why);
  }

  private static HttpRequest from(String address, String host) throws UnknownHostException {
    return HttpRequest.GET("/")
        .addHeader(RawHeader.create("Host", host))
        .addAttribute(AttributeKeys.remoteAddress, address(address));
  }

  private static RemoteAddress address(String address) throws UnknownHostException {
    return RemoteAddress.create(InetAddress.getByName(address));
  }

  private static GatewaySettings page(boolean remote, String publicUrl) {
    return GatewaySettings.from(ConfigFactory.load())
        .withPage(
            new GatewaySettings.Page(
                true,
                remote,
                List.of(),
                publicUrl.isEmpty() ? Optional.empty() : Optional.of(PublicUrl.of(publicUrl)),
                Duration.ofDays(1)));
  }
}

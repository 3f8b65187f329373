package plaudit.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plaudit.gateway.store.StoreSettings;
import plaudit.input.InvalidInputException;

class GatewaySettingsTest {

  @Test
  void theDefaultsAreThese() {
    assertThat(from(""))
        .isEqualTo(
            new GatewaySettings(
                "127.0.0.1",
                8080,
                "Choose the response that continues the text best. Read all of them before you"
                    + " choose. If two are equally good, call it a tie; if none is acceptable, say"
                    + " so.",
                List.of(),
                List.of(),
                200,
                400,
                64 * 1024,
                4 * 1024 * 1024,
                Duration.ofSeconds(30),
                Duration.ofSeconds(20),
                Duration.ofSeconds(10),
                new GatewaySettings.Limits(
                    20_000,
                    10,
                    new GatewaySettings.Bound(256, Duration.ofSeconds(5)),
                    new GatewaySettings.Bound(256, Duration.ofSeconds(1)),
                    new GatewaySettings.Bound(64, Duration.ofSeconds(2)),
                    new GatewaySettings.Connections(
                        20_000, 512, List.of(), Duration.ofSeconds(15), Duration.ofSeconds(60))),
                new GatewaySettings.Page(
                    true, false, List.of(), Optional.empty(), Duration.ofDays(30)),
                new StoreSettings(
                    "jdbc:sqlite:./runs/labels.sqlite",
                    "plaudit",
                    "",
                    8,
                    1,
                    new StoreSettings.Repeats(0.05, 5),
                    Duration.ofMinutes(10),
                    60,
                    Duration.ofMinutes(15),
                    2,
                    Duration.ofHours(24),
                    new StoreSettings.OfferAgain(4, Duration.ofSeconds(10), Duration.ofSeconds(60)),
                    new StoreSettings.Held(20, 400),
                    1000)));
  }

  @Test
  void everyKeyIsRead() {
    Config config = ConfigFactory.load().getConfig("plaudit.gateway");
    assertThat(config.withoutPath("blocking-dispatcher").withoutPath("store-dispatcher").entrySet())
        .hasSize(48);
    GatewaySettings settings =
        from(
            """
            plaudit.gateway {
              host = h, port = 1, guideline = g, rate = 2, burst = 3, max-body = 2k
              max-batch-body = 3k, max-wait = 4s, request-timeout = 5s, drain = 6s
              vendors = [
                { name = a, key = "a-key-of-24-characters-or-more" }
                { name = a, key-sha256 = "%s" }
              ]
              operators = [{ name = o, key-sha256 = "%s" }]
              page {
                enabled = off, remote = on, hosts = [x], session = 7d
                public-url = "https://l.example:444/p"
              }
              limits {
                waiting = 1, wrong-keys = 2
                judgments { places = 3, wait = 4s }
                leases { places = 5, wait = 6s }
                lists { places = 7, wait = 8s }
                connections {
                  total = 9, per-address = 10, proxies = ["10.0.0.1"], silence = 11s, idle = 12s
                }
              }
              store {
                url = "jdbc:postgresql://db/labels", user = u, password = p, connections = 2
                overlap = 3, repeats { share = 0.25, overlap = 4 }
                lease = 8s, extensions = 9, amend = 10s, flags = 11, keys = 12s
                offer-again { factor = 2.5, at-least = 3s, unknown = 4s }
                held { labeler = 5, vendor = 6 }, labelers-per-vendor = 7
              }
            }\
            """
                .formatted("0".repeat(64), "1".repeat(64)));
    assertThat(settings)
        .isEqualTo(
            new GatewaySettings(
                "h",
                1,
                "g",
                List.of(
                    VendorKey.of("a", "a-key-of-24-characters-or-more"),
                    new VendorKey("a", "0".repeat(64))),
                List.of(new VendorKey("o", "1".repeat(64))),
                2,
                3,
                2048,
                3072,
                Duration.ofSeconds(4),
                Duration.ofSeconds(5),
                Duration.ofSeconds(6),
                new GatewaySettings.Limits(
                    1,
                    2,
                    new GatewaySettings.Bound(3, Duration.ofSeconds(4)),
                    new GatewaySettings.Bound(5, Duration.ofSeconds(6)),
                    new GatewaySettings.Bound(7, Duration.ofSeconds(8)),
                    new GatewaySettings.Connections(
                        9,
                        10,
                        List.of("10.0.0.1"),
                        Duration.ofSeconds(11),
                        Duration.ofSeconds(12))),
                new GatewaySettings.Page(
                    false,
                    true,
                    List.of("x"),
                    Optional.of(new PublicUrl("https", "l.example:444", "/p/")),
                    Duration.ofDays(7)),
                new StoreSettings(
                    "jdbc:postgresql://db/labels",
                    "u",
                    "p",
                    2,
                    3,
                    new StoreSettings.Repeats(0.25, 4),
                    Duration.ofSeconds(8),
                    9,
                    Duration.ofSeconds(10),
                    11,
                    Duration.ofSeconds(12),
                    new StoreSettings.OfferAgain(2.5, Duration.ofSeconds(3), Duration.ofSeconds(4)),
                    new StoreSettings.Held(5, 6),
                    7)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "port = 70000 | plaudit.gateway.port: 70000 (expected: 0 to 65535)",
        "rate = 0 | plaudit.gateway.rate: 0.0 (expected: > 0 requests per second)",
        "limits.waiting = 0 | plaudit.gateway.limits.waiting: 0 (expected: >= 1)",
        "limits.leases.wait = 0s | plaudit.gateway.limits.leases.wait: PT0S (expected: > 0s)",
        "limits.connections.total = 0 | plaudit.gateway.limits.connections.total: 0 (expected: >="
            + " 1)",
        "limits.connections.proxies = [proxy] | plaudit.gateway.limits.connections.proxies:"
            + " \"proxy\" (expected: an IP address)",
        "max-body = 10 | plaudit.gateway.max-body: 10 (expected: >= 1 KiB)",
        "store.url = \"jdbc:h2:file:./x\" | plaudit.gateway.store.url: jdbc:h2:file:./x (expected:"
            + " jdbc:sqlite:PATH or jdbc:postgresql://HOST/DATABASE; labels of an H2 file are"
            + " exported by the release that wrote it and imported by this one, CHANGELOG.md says"
            + " how)",
        "store.url = \"jdbc:sqlite:./x?synchronous=OFF\" | plaudit.gateway.store.url:"
            + " jdbc:sqlite:./x?synchronous=OFF (expected: jdbc:sqlite:PATH, a file and no"
            + " parameters)",
        "store.repeats.share = 2 | plaudit.gateway.store.repeats.share: 2.0 (expected: 0 to 1)",
        "store.lease = 0s | plaudit.gateway.store.lease: PT0S (expected: > 0s)",
        "store.offer-again.factor = 0.5 | plaudit.gateway.store.offer-again.factor: 0.5 (expected:"
            + " 1 to 1000)",
        "store.held.labeler = 0 | plaudit.gateway.store.held.labeler: 0 (expected: >= 1)",
        "page.session = 0s | plaudit.gateway.page.session: PT0S (expected: > 0s)",
        "page.public-url = \"labels.example\" | plaudit.gateway.page.public-url: labels.example"
            + " (expected: http(s)://HOST[:PORT][/PATH/])",
        "page.public-url = \"https://a/?b\" | plaudit.gateway.page.public-url: https://a/?b"
            + " (expected: http(s)://HOST[:PORT][/PATH/])",
        "page.public-url = \"https://u@a/\" | plaudit.gateway.page.public-url: https://u@a/"
            + " (expected: http(s)://HOST[:PORT][/PATH/])",
        "operators = [{ name = page, key = a-key-of-24-characters-or-more }] | plaudit.gateway name"
            + " of a key: page (expected: 1-80 letters, digits, '.', '-', '_', and not page or"
            + " operator)",
        "vendors = [{ name = a, key = short }] | plaudit.gateway key of a: 5 characters"
            + " (expected: >= 24)",
        "vendors = [{ name = a }] | plaudit.gateway entry of a: no key (expected: either"
            + " key or key-sha256)",
      })
  void aValueThatCannotBeIsNamed(String line, String message) {
    assertThatThrownBy(() -> from("plaudit.gateway { " + line + " }"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(message);
  }

  @Test
  void addressesOfIpv6MayHaveBracketsAndAnySpelling() {
    GatewaySettings settings =
        from(
            """
            plaudit.gateway {
              host = "[::1]", port = 1
              limits.connections.proxies = ["2001:DB8::1", "[::1]", "10.0.0.1"]
            }""");

    assertThat(settings.host()).isEqualTo("::1");
    assertThat(settings.urlAt(8080)).hasToString("http://[::1]:8080");
    assertThat(settings.limits().connections().proxies())
        .containsExactly("2001:db8:0:0:0:0:0:1", "0:0:0:0:0:0:0:1", "10.0.0.1");
  }

  @Test
  void noSecretIsPrinted() {
    GatewaySettings settings =
        from("plaudit.gateway.store { url = \"jdbc:postgresql://h/d?password=hush\", password ="
                + " hush }")
            .withVendor("a", "a-key-of-24-characters-or-more");
    assertThat(settings.toString()).doesNotContain("hush").doesNotContain("a-key-of");
  }

  private static GatewaySettings from(String text) {
    return GatewaySettings.from(
        ConfigFactory.parseString(text).withFallback(ConfigFactory.defaultReference()));
  }
}

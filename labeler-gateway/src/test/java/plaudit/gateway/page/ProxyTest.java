package plaudit.gateway.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.http.PublicUrl;
import plaudit.gateway.http.TestGateway;
import plaudit.gateway.store.Comparisons;

/** The pages behind a real nginx under a sub-path, in a real browser. */
class ProxyTest {

  private static final String OPERATOR = "operator-key-with-more-than-24-characters";
  private static final String FORWARDING =
      "proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;";

  private final Path directory;
  private TestGateway gateway;
  private Nginx nginx;
  private Chromium chromium;
  private Chromium.Tab browser;
  private URI site;

  ProxyTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void isThereAProxy() {
    Assumptions.assumeTrue(Nginx.installed(), "no nginx on this machine: no proxy is tested");
    Assumptions.assumeTrue(
        Chromium.installed().isPresent(), "no chromium on this machine: the pages are not tested");
  }

  @AfterEach
  void close() {
    for (AutoCloseable part : new AutoCloseable[] {chromium, nginx, gateway}) {
      try {
        if (part != null) {
          part.close();
        }
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void anInvitedPersonJudgesUnderTheSubPathAndTheTokenLeavesTheAddressBar() throws IOException {
    open(true, FORWARDING);
    gateway.labels.ask(Comparisons.some("c", 2));
    browser.open(site);
    browser.await("document.getElementById('empty-title').textContent.includes('invitation')");
    assertThat(gateway.labels.status().leased()).isZero();
    browser.open(site.resolve("console"));
    browser.await("document.getElementById('notice').textContent.includes('invitation')");

    String url = invite("{\"labelerId\":\"anna\"}");
    assertThat(url).startsWith(site + "?invite=");
    browser.open(URI.create(url));
    browser.await("!document.getElementById('task').hidden");
    assertThat(browser.evaluate("location.href")).isEqualTo(site.toString());
    assertThat(browser.evaluate("document.getElementById('labeler').textContent"))
        .isEqualTo("anna");
    browser.press("1");
    browser.press("Enter");
    browser.await("document.getElementById('saved').dataset.state === 'done'");
    assertThat(gateway.labels.labelsAfter(0, 10).get(0).judgment().labeler()).isEqualTo("anna");

    browser.evaluate("document.querySelector('a[href=console]').click()");
    browser.await("document.querySelectorAll('.uplot canvas').length === 6");
    assertThat(browser.evaluate("location.pathname")).isEqualTo("/plaudit/console");
    assertThat(refusals()).isEmpty();
  }

  @Test
  void aLabelerBehindTheProxyStopsTheRunAndCannotLetItGoOnAnOperatorCan() throws IOException {
    open(true, FORWARDING);
    browser.open(URI.create(invite("{\"labelerId\":\"anna\"}")));
    browser.await("document.getElementById('labeler').textContent === 'anna'");
    browser.evaluate("document.getElementById('stop-confirm').click()");
    Chromium.until("stopped", () -> gateway.labels.stopReason().isPresent());
    assertThat(clear("anna")).isEqualTo("403");
    assertThat(gateway.labels.stopReason()).isPresent();
    browser.open(site.resolve("console"));
    browser.await("!document.getElementById('stopped').hidden");
    assertThat(browser.evaluate("document.getElementById('resume').hidden")).isEqualTo("true");

    browser.open(URI.create(invite("{\"labelerId\":\"otto\",\"operator\":true}")));
    browser.await("document.getElementById('labeler').textContent === 'otto'");
    assertThat(clear("otto")).isEqualTo("202");
    assertThat(gateway.labels.stopReason()).isEmpty();
  }

  @Test
  void aProxyThatIsToldNothingMakesNobodyLocal() throws IOException {
    open(true, "");
    browser.open(site);
    browser.await("document.getElementById('empty-title').textContent.includes('invitation')");
    browser.open(URI.create(invite("{\"labelerId\":\"anna\"}")));
    browser.await("document.getElementById('labeler').textContent === 'anna'");
    assertThat(clear("anna")).isEqualTo("403");
  }

  @Test
  void withoutTheSettingTheProxysVisitorsSeeNothing() throws IOException {
    for (String headers : List.of("", FORWARDING)) {
      open(false, headers);
      browser.open(site);
      assertThat(browser.evaluate("document.body.textContent")).contains("insufficient-scope");
      close();
    }
  }

  private void open(boolean remote, String headers) throws IOException {
    int port = Nginx.freePort();
    site = URI.create("http://127.0.0.1:" + port + "/plaudit/");
    Path files = Files.createTempDirectory(directory, "nginx");
    gateway =
        new TestGateway(
            files,
            new PageTest.History(20),
            settings ->
                settings
                    .withOperator("ops", OPERATOR)
                    .withPage(
                        new GatewaySettings.Page(
                            true,
                            remote,
                            List.of(),
                            Optional.of(PublicUrl.of(site.toString())),
                            Duration.ofDays(1))));
    nginx = new Nginx(files, port, gateway.gateway.address().getPort(), headers);
    chromium =
        new Chromium(Chromium.installed().orElseThrow(), Files.createDirectory(files.resolve("p")));
    browser = chromium.tab();
  }

  private String invite(String body) {
    return gateway.post("/v1/invitations", body, "Authorization", "Bearer " + OPERATOR).text("url");
  }

  /** Tries to let the run go on as the page would; the answer's status. */
  private String clear(String labeler) {
    return browser.evaluate(
        """
        fetch('v1/andon:clear', { method: 'POST',
          headers: { 'Content-Type': 'application/json', 'X-Plaudit-Page': '1' },
          body: JSON.stringify({ labelerId: '%s' }) }).then((r) => String(r.status))\
        """
            .formatted(labeler));
  }

  /** What the browser complained of besides the 401 of a person without an invitation. */
  private List<String> refusals() {
    return browser.complaints().stream().filter(text -> !text.contains("401")).toList();
  }
}

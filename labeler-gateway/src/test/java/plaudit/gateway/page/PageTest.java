package plaudit.gateway.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.http.RunView;
import plaudit.gateway.http.TestGateway;
import plaudit.gateway.store.Comparisons;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Label;

/** Both pages in a real browser against a real gateway. */
class PageTest {

  private static final String SHOWN = "!document.getElementById('task').hidden";
  private static final String SAVED =
      "document.getElementById('saved').dataset.state === 'done' && document.getElementById('count').textContent === '%d'";

  /** Texts a model could write; all of them must stay text. */
  private static final List<String> HOSTILE =
      List.of(
          "<script>window.pwned = 1</script>",
          "<img src=x onerror='window.pwned = 2'>",
          "<svg/onload=window.pwned=3>",
          "\"><iframe srcdoc='<script>parent.pwned=4</script>'></iframe>",
          "</blockquote></section><script>window.pwned = 5</script>",
          "<a href=\"javascript:window.pwned=6\">click</a>",
          "{{constructor.constructor('window.pwned=7')()}} ${window.pwned=8}",
          "&lt;script&gt;window.pwned=9&lt;/script&gt; &#60;b&#62;",
          "\u202Eright to left\u202C \u200B\u200D zero width",
          "\u001B[31mANSI\u001B[0m \u0007 bell",
          "<!-- --><style>body{display:none}</style>",
          "x".repeat(20_000),
          "line one\n\n\n   line two\twith tab",
          "</textarea><form action='//evil.example'><input name=a>",
          "\uD83D\uDE00 emoji, \u05E2\u05D1\u05E8\u05D9\u05EA, \u4E2D\u6587",
          "%00 %3Cscript%3E \\u003cscript\\u003e");

  private final Path directory;
  private TestGateway gateway;
  private Chromium browser;

  PageTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void open() throws IOException {
    Assumptions.assumeTrue(
        Chromium.installed().isPresent(), "no chromium on this machine: the pages are not tested");
    gateway = new TestGateway(directory, new History(300), settings -> settings);
    browser =
        new Chromium(
            Chromium.installed().orElseThrow(), Files.createDirectory(directory.resolve("p")));
  }

  @AfterEach
  void close() {
    if (browser != null) {
      browser.close();
    }
    if (gateway != null) {
      gateway.close();
    }
  }

  @Test
  void aPersonChoosesByKeyChangesTheirMindAndTheLabelIsWhatTheyReadLast() {
    gateway.labels.ask(Comparisons.some("c", 3));
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    assertThat(browser.evaluate("document.querySelectorAll('[role=radio]').length")).isEqualTo("4");

    String third = card(3);
    browser.press("3");
    assertThat(browser.evaluate("document.getElementById('card-3').ariaChecked")).isEqualTo("true");
    browser.press("3");
    browser.await(SAVED.formatted(1));
    assertThat(labels()).containsExactly(third);

    browser.press("u");
    browser.await("document.getElementById('card-3').ariaChecked === 'true'");
    String first = card(1);
    browser.press("1");
    browser.press("Enter");
    browser.await("document.getElementById('saved').textContent === 'Saved the change.'");
    assertThat(labels()).containsExactly(first);

    browser.await(SHOWN);
    browser.press("t");
    browser.await(SAVED.formatted(2));
    assertThat(gateway.labels.labelsAfter(0, 10).get(1).judgment().choice())
        .isEqualTo(new Choice.NoPreference(Choice.Reason.TIE));

    browser.await(SHOWN);
    browser.evaluate("document.getElementById('card-2').click()");
    browser.evaluate("document.getElementById('confirm').click()");
    browser.await(SAVED.formatted(3));
    browser.await("!document.getElementById('empty').hidden");
    assertThat(gateway.labels.status().judged()).isEqualTo(3);
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void aSkippedTaskIsNotShownAgainAndShortcutsCanBeSwitchedOff() {
    gateway.labels.ask(Comparisons.some("c", 2));
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    String query = browser.evaluate("document.getElementById('query').textContent");
    browser.evaluate("document.getElementById('shortcuts').click()");
    browser.press("s");
    assertThat(browser.evaluate("document.getElementById('query').textContent")).isEqualTo(query);
    browser.evaluate("document.getElementById('shortcuts').click()");
    browser.press("s");
    browser.await("document.getElementById('query').textContent !== '" + query + "'");
    browser.press("s");
    browser.await("!document.getElementById('empty').hidden");
    // The page goes on before the gateway has heard of the skip.
    Chromium.until("both tasks are back", () -> gateway.labels.status().open() == 2);
  }

  @Test
  void whateverAModelWritesStaysText() {
    List<Comparison> comparisons = new ArrayList<>();
    for (int i = 0; i < HOSTILE.size(); i += 4) {
      comparisons.add(
          Comparisons.of(
              "x" + i,
              HOSTILE.get(i),
              HOSTILE.get(i),
              HOSTILE.get(i + 1),
              HOSTILE.get(i + 2),
              HOSTILE.get(i + 3)));
    }
    gateway.labels.ask(comparisons);
    browser.open(gateway.uri("/"));
    for (int i = 1; i <= comparisons.size(); i++) {
      browser.await(SHOWN);
      for (int card = 1; card <= 4; card++) {
        assertThat(HOSTILE).contains(card(card));
        assertThat(
                browser.evaluate("document.querySelectorAll('#card-%d *').length".formatted(card)))
            .isEqualTo("2");
      }
      assertThat(browser.evaluate("document.documentElement.scrollWidth <= innerWidth"))
          .isEqualTo("true");
      browser.press("1");
      browser.press("Enter");
      browser.await(SAVED.formatted(i));
    }
    browser.open(gateway.uri("/console"));
    browser.await("document.querySelectorAll('.sample').length > 0");
    assertThat(browser.evaluate("String(window.pwned)")).isEqualTo("undefined");
    assertThat(browser.complaints()).isEmpty();
    assertThat(gateway.labels.status().preferences()).isEqualTo(comparisons.size());
  }

  @Test
  void anyoneCanStopTheRunFromThePageAndTheConsoleLetsItGoOn() {
    gateway.labels.ask(Comparisons.some("c", 1));
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    browser.evaluate("document.getElementById('open-stop').click()");
    browser.evaluate("document.getElementById('stop-reason').value = 'signs are flipped'");
    assertThat(gateway.labels.stopReason()).isEmpty();
    browser.evaluate("document.getElementById('stop-confirm').click()");
    browser.await("document.getElementById('notice').textContent.includes('stopped')");
    assertThat(gateway.labels.stopReason()).contains("signs are flipped");

    browser.open(gateway.uri("/console"));
    browser.await("document.getElementById('stop-reason').textContent === 'signs are flipped'");
    browser.await(
        "document.getElementById('stop-by').textContent.startsWith('By page labeler lb_')");
    browser.evaluate("document.getElementById('resume').click()");
    browser.await("!document.getElementById('resume-sure').hidden");
    assertThat(gateway.labels.stopReason()).isPresent();
    browser.evaluate("document.getElementById('resume-confirm').click()");
    browser.await("document.getElementById('stopped').hidden");
    assertThat(gateway.labels.stopReason()).isEmpty();
  }

  @Test
  void theConsoleDrawsWhatTheRunMeasured() {
    browser.open(gateway.uri("/console"));
    browser.await("document.querySelectorAll('.uplot canvas').length === 6");
    browser.await("document.getElementById('run-name').textContent === 'quickstart'");
    browser.await("document.querySelector('.plot').dataset.empty === 'false'");
    assertThat(browser.evaluate("document.querySelector('.plot').ariaLabel"))
        .startsWith("Reward: 300 points");
    assertThat(browser.evaluate("document.getElementById('progress').value")).isEqualTo("0.3");
    assertThat(browser.complaints()).isEmpty();
  }

  private String card(int number) {
    return browser.evaluate(
        "document.querySelector('#card-%d .text').textContent".formatted(number));
  }

  private List<String> labels() {
    return gateway.labels.labelsAfter(0, 100).stream().map(PageTest::chosen).toList();
  }

  private static String chosen(Label label) {
    return label
        .comparison()
        .samples()
        .get(((Choice.Best) label.judgment().choice()).index())
        .text();
  }

  /** A run that has measured something. */
  record History(int lines) implements RunView {
    @Override
    public String statusJson() {
      return """
          {"name":"quickstart","phase":"training","update":%d,"updates":1000,"etaSeconds":4210}"""
          .formatted(lines);
    }

    @Override
    public List<String> metricsSince(int line) {
      List<String> rows = new ArrayList<>();
      for (int i = line; i < lines; i++) {
        rows.add(
            """
            {"update":%d,"reward":%.4f,"kl":%.4f,"klTarget":6,"beta":%.4f,"labels":%d,"staleness":%.3f,"rolloutsPerSecond":%.2f}"""
                .formatted(
                    i,
                    2.4 * (1 - Math.exp(-i / 180.0))
                        + 0.35 * Math.sin(i * 1.7) * Math.cos(i * 0.37),
                    6 * (1 - Math.exp(-i / 90.0)) + 0.5 * Math.sin(i * 0.9),
                    0.15 + 0.05 * Math.tanh((i - 150) / 80.0),
                    (int) (16 * Math.sqrt(i * 9.0)),
                    1 + 0.6 * Math.sin(i * 0.11) + 0.3 * Math.sin(i * 2.1),
                    42 + 6 * Math.sin(i * 0.05) + 3 * Math.sin(i * 1.3)));
      }
      return rows;
    }

    @Override
    public List<String> samples() {
      return List.of(
          "{\"query\":\"The old lighthouse keeper climbed the stairs\",\"response\":\" and lit the lamp, as he had every night for thirty years.\",\"reward\":1.82,\"update\":299}",
          "<b>plain text</b>",
          "{\"query\":\"<i>q</i>\",\"response\":\"<script>window.pwned=1</script>\",\"reward\":-0.4}");
    }
  }
}

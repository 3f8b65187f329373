package plaudit.gateway.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.http.RunView;
import plaudit.gateway.http.TestGateway;
import plaudit.gateway.store.Comparisons;
import plaudit.gateway.store.Stores;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Label;

/** Both pages in a real browser against a real gateway. */
class PageTest {

  private static final String SHOWN = "!document.getElementById('task').hidden";
  private static final String SAVED =
      "document.getElementById('saved').dataset.state === 'done' &&"
          + " document.getElementById('count').textContent === '%d'";

  private static final String TURNS =
      "[...document.querySelectorAll('%s .turn')].map((t) => [...t.children].map((e) =>"
          + " e.textContent).join(': ')).join('|')";

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

  private static Chromium chromium;

  private final Path directory;
  private TestGateway gateway;
  private Chromium.Tab browser;
  private Optional<Chromium> own = Optional.empty();

  PageTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeAll
  static void startChromium(@TempDir Path profile) {
    Assumptions.assumeTrue(
        Chromium.installed().isPresent(), "no chromium on this machine: the pages are not tested");
    chromium = started(profile);
  }

  @AfterAll
  static void closeChromium() {
    if (chromium != null) {
      chromium.close();
    }
  }

  private static Chromium started(Path profile) {
    return new Chromium(Chromium.installed().orElseThrow(), profile);
  }

  @BeforeEach
  void open() {
    gateway = new TestGateway(directory, new History(300), settings -> settings);
    browser = chromium.privateTab();
  }

  @AfterEach
  void close() {
    if (own.isPresent()) {
      own.get().close();
    } else {
      browser.close();
    }
    gateway.close();
  }

  /** A browser of the test's own, with a profile that outlives it. */
  private Chromium startOwn() {
    if (own.isEmpty()) {
      browser.close();
    }
    own = Optional.of(started(directory.resolve("p")));
    browser = own.get().tab();
    return own.get();
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
    browser.await("document.querySelector('#card-3[aria-checked=true]')");
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
  void aConversationIsShownTurnByTurnOnBothPages() {
    gateway.labels.ask(List.of(Comparisons.of("c", "<u>chat", "one", "two", "three", "four")));
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    assertThat(browser.evaluate(TURNS.formatted("#query")))
        .isEqualTo("user: Hi <b>you</b>|assistant: Well.");
    assertThat(browser.evaluate("document.getElementById('query-title').textContent"))
        .isEqualTo("The conversation so far");

    browser.open(gateway.uri("/console"));
    browser.await("document.querySelectorAll('.sample').length > 0");
    assertThat(browser.evaluate(TURNS.formatted(".sample"))).isEqualTo("user: Why?");
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

  @Test
  void aLoadOfThePageTakesOneTaskAndTheNextOneIsFetchedWhenSomebodyMoves() {
    gateway.labels.ask(Comparisons.some("c", 5));
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    Chromium.until("the first is back", () -> gateway.labels.status().leased() == 1);
    browser.movePointer(10, 10);
    browser.movePointer(20, 30);
    Chromium.until("one more is held", () -> gateway.labels.status().leased() == 2);
  }

  @Test
  void leavingThePageGivesBackWhatItHeld() {
    gateway.labels.ask(Comparisons.some("c", 5));
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    browser.press("1");
    Chromium.until("two are held", () -> gateway.labels.status().leased() == 2);
    browser.open(java.net.URI.create("about:blank"));
    Chromium.until("none is held", () -> gateway.labels.status().leased() == 0);
  }

  @Test
  void aPageThatTheBrowserShowsAgainFetchesAnew() {
    gateway.labels.ask(Comparisons.some("c", 1));
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    browser.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
    Chromium.until("it is back", () -> gateway.labels.status().leased() == 0);
    browser.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
    Chromium.until("it is held again", () -> gateway.labels.status().leased() == 1);
    browser.await(SHOWN);
    browser.press("1");
    browser.press("Enter");
    browser.await(SAVED.formatted(1));
  }

  @Test
  void aVisiblePageNobodySitsAtKeepsNothingAndOneWhereSomebodyMovesDoes() {
    lend(Duration.ofSeconds(3));
    gateway.labels.ask(Comparisons.some("c", 1));
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    Instant end = Instant.now().plusSeconds(5);
    boolean[] left = {false};
    Chromium.until(
        "five seconds with a moving pointer",
        () -> {
          left[0] = !left[0];
          browser.movePointer(left[0] ? 10 : 50, 20);
          assertThat(gateway.labels.status().leased()).isEqualTo(1);
          return Instant.now().isAfter(end);
        });
    Chromium.until("the task is open again", () -> gateway.labels.status().open() == 1);
    assertThat(browser.evaluate(SHOWN)).isEqualTo("true");
    browser.press("1");
    browser.press("Enter");
    browser.await(SAVED.formatted(1));
    assertThat(gateway.labels.status().preferences()).isEqualTo(1);
  }

  @Test
  void aTaskFetchedAheadGoesBackWhenItsTimeIsOverAndIsNotReplaced() {
    lend(Duration.ofSeconds(2));
    gateway.labels.ask(Comparisons.some("c", 9));
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    browser.press("1");
    Chromium.until("two are held", () -> gateway.labels.status().leased() == 2);
    Chromium.until("none is held", () -> gateway.labels.status().leased() == 0);
    Instant end = Instant.now().plusSeconds(4);
    Chromium.until(
        "nothing is fetched while nobody moves",
        () -> {
          assertThat(gateway.labels.status().leased()).isZero();
          return Instant.now().isAfter(end);
        });
    browser.press("2");
    browser.press("Enter");
    browser.await(SAVED.formatted(1));
    Chromium.until("another is held", () -> gateway.labels.status().leased() >= 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {11, -11, 60 * 24 * 400})
  void aWrongClockOfTheBrowserChangesNothing(int minutes) {
    browser.beforeEachPage(
        """
        { const Real = Date, off = %d * 60000;
          Date = class extends Real {
            constructor(...of) { super(...(of.length ? of : [Real.now() + off])); }
            static now() { return Real.now() + off; }
          };
        }\
        """
            .formatted(minutes));
    gateway.labels.ask(Comparisons.some("c", 53));
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    for (int i = 1; i <= 3; i++) {
      browser.press("1");
      browser.press("Enter");
      browser.await(SAVED.formatted(i));
      browser.await(SHOWN);
      assertThat(gateway.labels.status().leased()).isLessThanOrEqualTo(2);
    }
    browser.press("h");
    browser.await("document.querySelectorAll('#history-list li').length === 3");
    assertThat(browser.evaluate("document.querySelector('#history-list .facts span').textContent"))
        .isEqualTo("just now");
    assertThat(gateway.labels.status().preferences()).isEqualTo(3);
  }

  @Test
  void aPersonGoesBackAndForwardThroughTheLastTen() {
    gateway.labels.ask(Comparisons.some("c", 13));
    browser.open(gateway.uri("/"));
    List<String> queries = new ArrayList<>();
    for (int i = 1; i <= 12; i++) {
      browser.await(SHOWN);
      queries.add(query());
      browser.press("1");
      browser.press("Enter");
      browser.await(SAVED.formatted(i));
    }
    browser.await(SHOWN + " && !document.querySelector('[aria-checked=true]')");
    String present = query();
    for (int i = 11; i >= 2; i--) {
      browser.press("u");
      assertThat(query()).isEqualTo(queries.get(i));
    }
    browser.press("u");
    assertThat(query()).isEqualTo(queries.get(2));
    browser.press("r");
    browser.press("r");
    assertThat(query()).isEqualTo(queries.get(4));
    browser.press("t");
    browser.await("document.getElementById('saved').textContent === 'Saved the change.'");
    assertThat(query()).isEqualTo(present);
    assertThat(browser.evaluate("document.getElementById('count').textContent")).isEqualTo("12");
    Label last = gateway.labels.labelsAfter(0, 100).get(11);
    assertThat(last.comparison().queryText()).isEqualTo(queries.get(4));
    assertThat(last.judgment().choice()).isEqualTo(new Choice.NoPreference(Choice.Reason.TIE));
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void theHistoryOutlivesAReloadAndCountsAllOfThePersonsJudgments() {
    gateway.labels.ask(Comparisons.some("c", 14));
    browser.open(gateway.uri("/"));
    for (int i = 1; i <= 12; i++) {
      browser.await(SHOWN);
      browser.press(i == 12 ? "n" : "1");
      if (i < 12) {
        browser.press("Enter");
      }
      browser.await(SAVED.formatted(i));
    }
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    assertThat(browser.evaluate("document.getElementById('count').textContent")).isEqualTo("12");
    browser.press("h");
    browser.await("document.querySelectorAll('#history-list li').length === 10");
    assertThat(browser.evaluate("document.querySelector('#history-list .answer').textContent"))
        .isEqualTo("None acceptable");
    browser.evaluate("document.querySelectorAll('#history-list button')[1].click()");
    browser.await("document.querySelector('#card-1[aria-checked=true]')");
    String second = card(2);
    browser.press("2");
    browser.press("Enter");
    browser.await("document.getElementById('saved').textContent === 'Saved the change.'");
    assertThat(chosen(gateway.labels.labelsAfter(0, 100).get(11))).isEqualTo(second);
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void whatWasConfirmedWhileTheGatewayWasAwayOutlivesTheBrowserAndIsStoredOnce() {
    gateway.labels.ask(Comparisons.some("c", 4));
    Chromium first = startOwn();
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    browser.press("1");
    Chromium.until("two are held", () -> gateway.labels.status().leased() == 2);
    int port = gateway.gateway.address().getPort();
    String shown = query();
    gateway.close();
    browser.press("Enter");
    browser.await(SHOWN + " && document.getElementById('query').textContent !== '" + shown + "'");
    browser.press("t");
    browser.await("!document.getElementById('unsent').hidden");
    browser.await("document.getElementById('unsent-count').textContent === '2'");
    browser.press("u");
    browser.press("n"); // the second becomes "none" before the first is sent
    browser.await("document.getElementById('unsent-count').textContent === '3'");
    first.quit();

    gateway = new TestGateway(directory, new History(300), settings -> settings.withPort(port));
    startOwn();
    browser.open(gateway.uri("/"));
    Chromium.until("all is stored", () -> gateway.labels.labelsAfter(0, 100).size() == 2);
    Chromium.until(
        "the change as well",
        () ->
            gateway.labels.labelsAfter(0, 100).stream()
                .anyMatch(
                    label ->
                        label
                            .judgment()
                            .choice()
                            .equals(new Choice.NoPreference(Choice.Reason.NONE_ACCEPTABLE))));
    browser.await("document.getElementById('count').textContent === '2'");
    browser.await("document.getElementById('unsent').hidden");
    assertThat(gateway.labels.status().judged()).isEqualTo(2);
  }

  /** A browser writes its cookies down within half a minute, so it is closed once before. */
  @Test
  void whatWasConfirmedOutlivesABrowserThatIsKilled() {
    gateway.labels.ask(Comparisons.some("c", 2));
    Chromium first = startOwn();
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    first.quit();
    Chromium second = startOwn();
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    int port = gateway.gateway.address().getPort();
    gateway.close();
    browser.press("t");
    browser.await("document.getElementById('unsent-count').textContent === '1'");
    browser.await("!document.getElementById('unsent').hidden");
    second.close();

    gateway = new TestGateway(directory, new History(300), settings -> settings.withPort(port));
    startOwn();
    browser.open(gateway.uri("/"));
    browser.await("document.getElementById('count').textContent === '1'");
    Chromium.until("it is stored", () -> gateway.labels.status().judged() == 1);
    browser.await("document.getElementById('unsent').hidden");
    assertThat(browser.evaluate("document.getElementById('others').hidden")).isEqualTo("true");
    assertThat(gateway.labels.labelsAfter(0, 100)).hasSize(1);
  }

  @Test
  void aSessionThatIsOverIsRenewedAndTheJudgmentSentAgainUnderTheSameKey() {
    gateway.close();
    gateway =
        new TestGateway(
            directory,
            new History(300),
            settings ->
                settings.withPage(
                    new GatewaySettings.Page(
                        true, false, List.of(), Optional.empty(), Duration.ofSeconds(3))));
    gateway.labels.ask(Comparisons.some("c", 2));
    browser.beforeEachPage(
        """
        window.keys = [];
        const real = window.fetch;
        window.fetch = async (to, init) => {
          const answer = await real(to, init);
          const key = init && init.headers && init.headers['Idempotency-Key'];
          if (key) window.keys.push(answer.status + ' ' + key);
          return answer;
        };\
        """);
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    browser.evaluate(
        "(async () => { for (;;) { const r = await fetch('v1/guideline'); if (r.status === 401)"
            + " return true; await new Promise((d) => setTimeout(d, 100)); } })()");
    browser.press("1");
    browser.press("Enter");
    browser.await(SAVED.formatted(1));
    assertThat(browser.evaluate("window.keys.length")).isEqualTo("2");
    assertThat(
            browser.evaluate(
                "window.keys[0].startsWith('401') && window.keys[1].startsWith('201')"))
        .isEqualTo("true");
    assertThat(browser.evaluate("window.keys[0].slice(4) === window.keys[1].slice(4)"))
        .isEqualTo("true");
    assertThat(gateway.labels.status().judged()).isEqualTo(1);
  }

  @Test
  void aJudgmentThatIsRefusedIsNamedAndThrownAway() {
    gateway.labels.ask(Comparisons.some("c", 1));
    browser.beforeEachPage(
        """
        const real = window.fetch;
        window.fetch = (to, init) => String(to).endsWith('/v1/judgments')
          ? real(to, { ...init, body: init.body.replace(/"choiceId":"[^"]*"/, '"choiceId":"none"') })
          : real(to, init);\
        """);
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    String chosen = card(1);
    browser.press("1");
    browser.press("Enter");
    browser.await("!document.getElementById('notice').hidden");
    assertThat(browser.evaluate("document.getElementById('notice-text').textContent"))
        .contains("Not saved: \u201c" + chosen + "\u201d for \u201cquery of c-0\u201d", "choiceId");
    assertThat(browser.evaluate("document.getElementById('count').textContent")).isEqualTo("0");
    assertThat(browser.evaluate("document.getElementById('undo').disabled")).isEqualTo("true");
    browser.evaluate("document.getElementById('dismiss').click()");
    assertThat(browser.evaluate("document.getElementById('notice').hidden")).isEqualTo("true");
  }

  @Test
  void anAnswerThatIsNotTheGatewaysIsNoAcknowledgement() {
    gateway.labels.ask(Comparisons.some("c", 1));
    browser.beforeEachPage(
        """
        const real = window.fetch;
        let lies = [404, 200];
        window.fetch = (to, init) => String(to).endsWith('/v1/judgments') && lies.length
          ? Promise.resolve(new Response('<h1>maintenance</h1>', { status: lies.shift() }))
          : real(to, init);\
        """);
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    browser.press("1");
    browser.press("Enter");
    browser.await("!document.getElementById('unsent').hidden");
    browser.await(SAVED.formatted(1));
    assertThat(gateway.labels.status().judged()).isEqualTo(1);
  }

  @Test
  void aBrowserWithoutADatabaseSaysSoAndJudgesAllTheSame() {
    gateway.labels.ask(Comparisons.some("c", 1));
    browser.beforeEachPage("indexedDB.open = () => { throw new Error('none here'); };");
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    assertThat(browser.evaluate("document.getElementById('memory').hidden")).isEqualTo("false");
    judgeTheFirst();
  }

  /** The page is blank then for as long as the database is waited for. */
  @Test
  void aBrowserWhoseDatabaseNeverAnswersSaysSoAndJudgesAllTheSame() {
    gateway.labels.ask(Comparisons.some("c", 1));
    browser.beforeEachPage("indexedDB.open = () => ({});");
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    assertThat(browser.evaluate("document.getElementById('memory').hidden")).isEqualTo("false");
    judgeTheFirst();
  }

  @Test
  void aBrowserThatDeniesAllStorageShowsTasksAndJudges() {
    gateway.labels.ask(Comparisons.some("c", 1));
    browser.beforeEachPage(
        """
        for (const kind of ['localStorage', 'indexedDB'])
          Object.defineProperty(window, kind, { get() { throw new DOMException('no', 'SecurityError'); } });\
        """);
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    assertThat(browser.evaluate("document.getElementById('memory').hidden")).isEqualTo("false");
    browser.evaluate("document.getElementById('shortcuts').click()");
    browser.evaluate("document.getElementById('shortcuts').click()");
    browser.press("1");
    browser.press("Enter");
    browser.await(SAVED.formatted(1));
    assertThat(gateway.labels.status().judged()).isEqualTo(1);
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void nothingIsSaidOfTheDatabaseBeforeItHasFailed() {
    gateway.labels.ask(Comparisons.some("c", 1));
    browser.beforeEachPage(
        """
        window.said = [];
        new MutationObserver((changes) => changes
            .filter((change) => change.target.id === 'memory' && !change.target.hidden)
            .forEach(() => window.said.push(document.getElementById('memory').textContent)))
          .observe(document, { subtree: true, attributes: true, attributeFilter: ['hidden'] });
        const real = indexedDB.open.bind(indexedDB);
        indexedDB.open = (...of) => {
          const opening = real(...of);
          const late = {};
          opening.onupgradeneeded = () => { late.result = opening.result; late.onupgradeneeded(); };
          opening.onsuccess = () => setTimeout(() => { late.result = opening.result; late.onsuccess(); }, 500);
          return late;
        };\
        """);
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    assertThat(browser.evaluate("String(window.said)")).isEmpty();
    browser.press("1");
    browser.press("Enter");
    browser.await(SAVED.formatted(1));
  }

  @Test
  void whatWaitsForAnotherPersonOfThisBrowserIsKeptUntilItIsForgotten() {
    gateway.labels.ask(Comparisons.some("c", 9));
    browser.beforeEachPage(
        """
        const real = window.fetch;
        window.fetch = (to, init) => String(to).endsWith('/v1/judgments') && !localStorage.getItem('through')
          ? Promise.reject(new TypeError('no network'))
          : real(to, init);\
        """);
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    browser.press("t");
    browser.await("!document.getElementById('unsent').hidden");
    browser.evaluate("localStorage.setItem('through', 'yes')");
    browser.clearCookies();
    browser.open(gateway.uri("/"));
    browser.await("!document.getElementById('others').hidden");
    assertThat(browser.evaluate("document.getElementById('others').textContent"))
        .contains("1 judgment");
    assertThat(gateway.labels.status().judged()).isZero();
    browser.evaluate("document.getElementById('forget-others').click()");
    browser.await("document.getElementById('others').hidden");
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    assertThat(browser.evaluate("document.getElementById('others').hidden")).isEqualTo("true");
  }

  @Test
  void everythingHasANameAndIsLargeEnoughAndTheSmallScreenDoesNotScrollSideways() {
    gateway.labels.ask(Comparisons.some("c", 3));
    browser.look(390, 844, "light");
    browser.open(gateway.uri("/"));
    browser.await(SHOWN);
    browser.press("t");
    browser.await(SAVED.formatted(1));
    browser.press("h");
    browser.await("document.getElementById('history').open");
    assertThat(
            browser.evaluate(
                """
                [...document.querySelectorAll('button, a, [role=radio], dialog, section, blockquote')]
                  .filter((e) => e.checkVisibility())
                  .filter((e) => !(e.ariaLabel || e.textContent.trim() || e.getAttribute('aria-labelledby'))
                    || (e.matches('button, a.button') && (e.offsetHeight < 44 || e.offsetWidth < 24)))
                  .map((e) => e.outerHTML).join()\
                """))
        .isEmpty();
    assertThat(browser.evaluate("document.documentElement.scrollWidth <= innerWidth"))
        .isEqualTo("true");
    assertThat(browser.evaluate("document.getElementById('help').textContent"))
        .contains("redo", "history", "undo");
  }

  /** Opens the gateway again over a store whose tasks are held for this long. */
  private void lend(Duration lease) {
    gateway.close();
    gateway =
        new TestGateway(Stores.open(directory, lease), new History(300), settings -> settings);
  }

  private String query() {
    return browser.evaluate("document.getElementById('query').textContent");
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
      {"name":"quickstart","phase":"training","update":%d,"updates":1000,"etaSeconds":4210}\
      """
          .formatted(lines);
    }

    @Override
    public List<String> metricsSince(int line) {
      List<String> rows = new ArrayList<>();
      for (int i = line; i < lines; i++) {
        rows.add(
            """
            {"update":%d,"reward":%.4f,"kl":%.4f,"klTarget":6,"beta":%.4f,"labels":%d,"staleness":%.3f,"rolloutsPerSecond":%.2f}\
            """
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
    public List<Turn> turns(String query) {
      return query.startsWith("<u>chat")
          ? List.of(new Turn("user", "Hi <b>you</b>"), new Turn("assistant", "Well."))
          : List.of();
    }

    @Override
    public List<String> samples() {
      return List.of(
          "{\"query\":\"<u>chat\",\"turns\":[{\"role\":\"user\",\"content\":\"Why?\"}],"
              + "\"response\":\"Because.\"}",
          "{\"query\":\"The old lighthouse keeper climbed the stairs\",\"response\":\" and lit the"
              + " lamp, as he had every night for thirty years.\",\"reward\":1.82,\"update\":299}",
          "<b>plain text</b>",
          "{\"query\":\"<i>q</i>\",\"response\":\"<script>window.pwned=1</script>\",\"reward\":-0.4}");
    }
  }

  private void judgeTheFirst() {
    browser.press("1");
    browser.press("Enter");
    browser.await(SAVED.formatted(1));
    assertThat(gateway.labels.status().judged()).isEqualTo(1);
  }
}

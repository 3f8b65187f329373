package plaudit.labeling;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.eval.agreement.AgreementReport;
import plaudit.eval.panel.HumanEvaluation;
import plaudit.eval.panel.HumanEvaluation.ResponseSet;
import plaudit.eval.panel.HumanEvaluation.Tally;
import plaudit.eval.panel.Panel;
import plaudit.eval.panel.PanelDirectory;
import plaudit.eval.panel.StoredLabels;
import plaudit.node.vendor.Judge;
import plaudit.node.vendor.VendorClient;
import plaudit.node.vendor.VendorSettings;

/** A panel with the real gateway, the real database file and a simulated vendor at its API. */
@Timeout(90)
class PanelTest {

  private static final String KEY = "a-key-of-more-than-24-characters";
  private static final Judge<String> LIKES_GOOD =
      (query, choices, random) ->
          choices.get(0).contains("good") ? 0 : choices.get(1).contains("good") ? 1 : Judge.TIE;

  private static final Config CONFIG =
      ConfigFactory.parseString(
              // Whoever holds a task when the panel stops does not hold it for long.
              "plaudit.gateway { port = 0, store.lease = 1s }")
          .withFallback(ConfigFactory.load());

  @TempDir private Path dir;

  @Test
  void theWriterThatEverybodyLikesWins() throws Exception {
    HumanEvaluation evaluation = evaluation();
    Panel panel = panel(evaluation);
    Panel.Outcome outcome = judged(panel);

    Tally tally = evaluation.count(outcome.labels(), outcome.complete());

    assertThat(outcome.complete()).isTrue();
    assertThat(outcome.labels()).as("three for each of four pairs that differ").hasSize(12);
    // A is good on 0 and 1, B on 2, nobody on 3, and 4 is the same text.
    assertThat(tally).isEqualTo(new Tally(List.of(2.0, 1.0), 1, 1, 0));
    assertThat(AgreementReport.of(StoredLabels.items(dir.resolve("labels.sqlite"), CONFIG)).pairs())
        .satisfies(pairs -> assertThat(pairs.share()).isEqualTo(1));
  }

  @Test
  void aPanelThatWasStoppedGoesOnWithWhatItHas() throws Exception {
    HumanEvaluation evaluation = evaluation();
    Panel first = panel(evaluation);
    AtomicReference<@Nullable VendorClient> vendor = new AtomicReference<>();
    Panel.Outcome stopped =
        first.run(
            url -> vendor.set(vendor(url, Duration.ofSeconds(1))),
            judgments -> {
              if (judgments >= 5) { // of 12
                first.stop();
              }
            });
    close(vendor.get());

    assertThat(stopped.complete()).isFalse();
    assertThat(stopped.reason()).isEqualTo("interrupted");
    assertThat(stopped.labels().size()).isBetween(5, 11);
    assertThat(evaluation.count(stopped.labels(), false).open()).isPositive();

    Panel.Outcome outcome = judged(panel(evaluation));

    assertThat(outcome.complete()).isTrue();
    assertThat(outcome.labels()).hasSize(12).containsAll(stopped.labels());
    assertThat(evaluation.count(outcome.labels(), true).wins()).containsExactly(2.0, 1.0);
  }

  private Panel panel(HumanEvaluation evaluation) {
    return new Panel(PanelDirectory.open(dir, evaluation), evaluation, CONFIG, Optional.of(KEY));
  }

  private static Panel.Outcome judged(Panel panel) throws InterruptedException {
    AtomicReference<@Nullable VendorClient> vendor = new AtomicReference<>();
    try {
      return panel.run(url -> vendor.set(vendor(url)), judgments -> {});
    } finally {
      close(vendor.get());
    }
  }

  private static void close(@Nullable VendorClient vendor) {
    if (vendor != null) {
      vendor.close();
      vendor.throwFailure();
    }
  }

  private static VendorClient vendor(URI url) {
    return vendor(url, Duration.ofMillis(50));
  }

  /** People who take so long for a question, and are not done when somebody stops them early. */
  private static VendorClient vendor(URI url, Duration latency) {
    return VendorClient.start(VendorSettings.endless(url, KEY, 4, latency, 1), LIKES_GOOD);
  }

  private static HumanEvaluation evaluation() {
    List<ResponseSet> sets = new ArrayList<>();
    sets.add(new ResponseSet("zero", List.of("a good text", "a text")));
    sets.add(new ResponseSet("one", List.of("a good end", "an end")));
    sets.add(new ResponseSet("two", List.of("an idea", "a good idea")));
    sets.add(new ResponseSet("three", List.of("this", "that")));
    sets.add(new ResponseSet("four", List.of("the same", "the same")));
    return new HumanEvaluation(sets, 3, 1);
  }
}

package plaudit.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.Gateway;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.http.RunView;
import plaudit.gateway.store.JdbcLabels;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Label;
import plaudit.node.vendor.Judge;
import plaudit.node.vendor.VendorClient;
import plaudit.node.vendor.VendorException;
import plaudit.node.vendor.VendorReport;
import plaudit.node.vendor.VendorSettings;
import plaudit.tokens.Tokens;

/** The simulated vendor and the real gateway understand each other. */
class VendorAtTheGatewayTest {

  private static final String KEY = "a-key-of-more-than-24-characters";
  private static final Judge<String> LIKES_GOOD =
      (query, choices, random) -> choices.indexOf("good");

  private ActorTestKit actors;
  private JdbcLabels labels;
  private Gateway gateway;

  @BeforeEach
  void open(@TempDir Path dir) {
    Config config =
        ConfigFactory.parseString(
                """
                plaudit.gateway.port = 0
                plaudit.gateway.rate = 10
                plaudit.gateway.burst = 5
                plaudit.gateway.store.repeats.share = 0
                plaudit.gateway.store.url = "jdbc:sqlite:%s"
                """
                    .formatted(dir.resolve("labels.sqlite")))
            .withFallback(ConfigFactory.load());
    GatewaySettings settings = GatewaySettings.from(config).withVendor("acme", KEY);
    actors = ActorTestKit.create("gateway", config);
    labels = JdbcLabels.open(settings.store(), InstantSource.system(), new SplittableRandom(1));
    gateway =
        Gateway.start(actors.system(), settings, labels, RunView.none())
            .toCompletableFuture()
            .join();
  }

  @AfterEach
  void shut() {
    gateway.drain().toCompletableFuture().join();
    actors.shutdownTestKit();
    labels.close();
  }

  @Test
  void everyComparisonGetsExactlyOneJudgmentEvenBeyondTheRateLimit() throws Exception {
    labels.ask(comparisons(20));

    VendorReport report = work(KEY, 20, LIKES_GOOD);

    assertThat(report.delivered()).isEqualTo(20);
    assertThat(report.refused()).isZero();
    assertThat(report.retries()).as("tries beyond the rate limit").isPositive();
    List<Label> stored = labels.labelsAfter(0, 100);
    assertThat(stored).hasSize(20);
    assertThat(stored)
        .allSatisfy(
            label -> {
              assertThat(label.judgment().vendor()).isEqualTo("acme");
              Choice.Best best = (Choice.Best) label.judgment().choice();
              assertThat(label.comparison().samples().get(best.index()).text()).isEqualTo("good");
            });
  }

  @Test
  void aVendorThatWaitsGetsWorkAsSoonAsThereIsSome() throws Exception {
    try (VendorClient vendor = VendorClient.start(settings(KEY, 1), LIKES_GOOD)) {
      labels.ask(comparisons(1));

      assertThat(vendor.awaitEnd(20, TimeUnit.SECONDS)).isTrue();
      vendor.throwFailure();
    }
    assertThat(labels.labelsAfter(0, 10)).hasSize(1);
  }

  @Test
  void aTieIsKeptAsNoPreference() throws Exception {
    labels.ask(comparisons(1));

    work(KEY, 1, (query, choices, random) -> Judge.TIE);

    assertThat(labels.status().judged()).isEqualTo(1);
    assertThat(labels.status().preferences()).isZero();
  }

  @Test
  void aWrongKeyIsRefused() {
    assertThatThrownBy(() -> work("another-key-of-24-characters", 1, LIKES_GOOD))
        .isInstanceOf(VendorException.class)
        .hasMessageContaining("refuses the key: 401");
  }

  private VendorReport work(String key, long count, Judge<String> judge)
      throws InterruptedException {
    try (VendorClient vendor = VendorClient.start(settings(key, count), judge)) {
      assertThat(vendor.awaitEnd(60, TimeUnit.SECONDS)).isTrue();
      vendor.throwFailure();
      return vendor.report();
    }
  }

  private VendorSettings settings(String key, long count) {
    return new VendorSettings(
        gateway.url(),
        key,
        4,
        Duration.ZERO,
        count,
        1,
        Duration.ofSeconds(10),
        Duration.ofSeconds(30));
  }

  private static List<Comparison> comparisons(int count) {
    List<Comparison> comparisons = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Comparison.Sample> samples = new ArrayList<>();
      for (String text : List.of("bad", "good", "dull", "awful")) {
        samples.add(new Comparison.Sample(Tokens.of(i, samples.size()), text, 0));
      }
      comparisons.add(new Comparison("cmp-" + i, Tokens.of(1, i), "It was", samples));
    }
    return comparisons;
  }
}

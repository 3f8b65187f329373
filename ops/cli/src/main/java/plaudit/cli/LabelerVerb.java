package plaudit.cli;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.node.LexiconPreference;
import plaudit.node.run.Eta;
import plaudit.node.run.OnInterrupt;
import plaudit.node.run.Progress;
import plaudit.node.run.ProgressLine;
import plaudit.node.vendor.Judge;
import plaudit.node.vendor.VendorClient;
import plaudit.node.vendor.VendorReport;
import plaudit.node.vendor.VendorSettings;

/** {@code labeler}: a simulated vendor for a gateway that is running. */
@Command(
    name = "labeler",
    description =
        "Label as a simulated vendor: people who prefer the most positive text, over the"
            + " gateway's public HTTP API and nothing else. Ctrl-C stops it.",
    footer = {
      "",
      "For example, three quick people with a taste of their own, until 500 labels are given:",
      "  plaudit labeler --key KEY --lexicon words.tsv --labelers 3 --noise 0.2 --count 500"
    })
public final class LabelerVerb extends ResultVerb {

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8080",
      description = "The gateway (default: ${DEFAULT-VALUE}).")
  private URI url;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      required = true,
      defaultValue = "${env:PLAUDIT_KEY}",
      description = "The vendor's API key (default: the environment's PLAUDIT_KEY).")
  private String key;

  @Option(
      names = "--lexicon",
      paramLabel = "FILE",
      required = true,
      description = "Words and how positive they are: word<TAB>valence on each line.")
  private Path lexicon;

  @Option(
      names = "--labelers",
      paramLabel = "N",
      defaultValue = "4",
      description = "How many people work at the same time (default: ${DEFAULT-VALUE}).")
  private int labelers;

  @Option(
      names = "--latency",
      paramLabel = "MS",
      defaultValue = "1000",
      description =
          "How long a person thinks about a task, in milliseconds on average (default:"
              + " ${DEFAULT-VALUE}).")
  private long latencyMillis;

  @Option(
      names = "--noise",
      paramLabel = "T",
      defaultValue = "0",
      description =
          "How much people err: 0 never, and at T a text is chosen with probability proportional"
              + " to exp(valence / T); valences go from -1 to 1 (default: ${DEFAULT-VALUE}).")
  private double noise;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "Stop after so many judgments (default: never).")
  private Optional<Long> count;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() throws InterruptedException {
    VendorSettings settings =
        new VendorSettings(
            url,
            key,
            labelers,
            Duration.ofMillis(latencyMillis),
            count.orElse(Long.MAX_VALUE),
            seed,
            Duration.ofSeconds(20),
            Duration.ofMinutes(2));
    Judge<String> judge = LexiconPreference.byLexicon(lexicon).judge(noise);
    InstantSource clock = InstantSource.system();
    Instant begun = clock.instant();
    try (VendorClient vendor = VendorClient.start(settings, judge)) {
      OnInterrupt interrupt = OnInterrupt.call(vendor::stop, 15);
      try {
        watch(vendor, clock);
        vendor.throwFailure();
        print(vendor.report(), Duration.between(begun, clock.instant()));
      } finally {
        interrupt.over();
      }
    }
    return 0;
  }

  /** Shows how many judgments are delivered, until the vendor ends. */
  private void watch(VendorClient vendor, InstantSource clock) throws InterruptedException {
    Eta eta = new Eta(Duration.ofMinutes(1));
    try (ProgressLine line = ProgressLine.suited(err(), clock)) {
      boolean ended = false;
      while (!ended) {
        ended = vendor.awaitEnd(500, TimeUnit.MILLISECONDS);
        VendorReport report = vendor.report();
        eta.mark(clock.instant(), (double) report.delivered());
        line.show(
            Progress.counted(
                "labeling",
                report.delivered(),
                count.orElse(0L),
                "judgments",
                count.flatMap(total -> eta.until((double) total))));
      }
    }
  }

  private void print(VendorReport report, Duration time) {
    double perSecond = 1e9 * report.delivered() / Math.max(1, time.toNanos());
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("delivered", report.delivered());
    object.put("ties", report.ties());
    object.put("refused", report.refused());
    object.put("retries", report.retries());
    object.put("seconds", time.toMillis() / 1e3);
    object.put("perSecond", perSecond);
    print(
        object,
        () ->
            say(
                "%d judgments delivered (%.1f/s), %d ties, %d refused, %d retries",
                report.delivered(), perSecond, report.ties(), report.refused(), report.retries()));
  }
}

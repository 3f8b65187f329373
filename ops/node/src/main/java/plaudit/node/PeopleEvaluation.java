package plaudit.node;

import com.typesafe.config.Config;
import java.io.PrintWriter;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import plaudit.eval.panel.HumanEvaluation;
import plaudit.eval.panel.HumanEvaluation.ResponseSet;
import plaudit.eval.panel.Panel;
import plaudit.eval.verdict.ByPeople;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.http.RunView;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.StoreSettings;
import plaudit.input.InvalidInputException;
import plaudit.labels.Comparison;
import plaudit.node.config.Role;
import plaudit.node.run.Progress;
import plaudit.node.run.ProgressLine;
import plaudit.time.MonotonicClock;

/**
 * Lets the people and vendors of a run compare what the base and the tuned model wrote, when its
 * loops have ended (paper 5.1). The gateway opens again with the run's label store and gives out
 * these pairs alone: no question of the training waits for them, and their answers train nothing.
 *
 * @param config of the run
 * @param store the run's label store
 * @param version of the tuned policy; a run that goes on is evaluated anew
 * @param interrupted whether the end was asked for
 */
public record PeopleEvaluation(
    Config config, StoreSettings store, long version, BooleanSupplier interrupted) {

  /**
   * What is asked: {@code plaudit.run.people}.
   *
   * @param pairs at most, one a held-out prompt
   * @param judgments people a pair, odd
   * @param limit of the waiting
   */
  public record Settings(int pairs, int judgments, Duration limit) {

    private static final String ROOT = "plaudit.run.people.";

    public Settings {
      if (pairs < 1) {
        throw InvalidInputException.of(ROOT + "pairs", pairs, ">= 1");
      }
      if (judgments < 1 || judgments % 2 == 0) {
        throw InvalidInputException.of(ROOT + "judgments", judgments, "an odd number");
      }
      if (limit.isNegative() || limit.isZero()) {
        throw InvalidInputException.of(ROOT + "limit", limit, "> 0s");
      }
    }

    /**
     * What the settings ask for; empty if people are not asked.
     *
     * @param roles of the learner's node, which must have the gateway
     */
    public static Optional<Settings> from(Config config, Set<Role> roles) {
      String by = config.getString("plaudit.run.evaluate-by");
      Settings settings =
          new Settings(
              config.getInt(ROOT + "pairs"),
              config.getInt(ROOT + "judgments"),
              config.getDuration(ROOT + "limit"));
      return switch (by) {
        case "scores" -> Optional.empty();
        case "people" -> {
          if (!roles.contains(Role.GATEWAY)) {
            throw InvalidInputException.of(
                "plaudit.run.evaluate-by", by, "scores, the gateway being on another node");
          }
          yield Optional.of(settings);
        }
        default ->
            throw InvalidInputException.of("plaudit.run.evaluate-by", by, "scores or people");
      };
    }

    /** Which of {@code prompts} prompts are asked about, evenly spaced. */
    List<Integer> places(int prompts) {
      int asked = Math.min(pairs, prompts);
      return IntStream.range(0, asked).mapToObj(i -> (int) ((long) i * prompts / asked)).toList();
    }
  }

  /**
   * Asks, and waits for the answers until the limit.
   *
   * @param sets of the base's and the tuned model's text, in this order
   * @param scores of the run's reward model for each set's texts, if it has one
   * @param view what the console shows meanwhile
   */
  public ByPeople judge(
      Settings settings,
      List<ResponseSet> sets,
      Optional<List<float[]>> scores,
      RunView view,
      PrintWriter out)
      throws InterruptedException {
    HumanEvaluation evaluation =
        new HumanEvaluation(
            sets,
            settings.judgments(),
            config.getLong("plaudit.run.seed"),
            Comparison.EVALUATION + version + "-");
    VendorPlan vendor = VendorPlan.from(config);
    String key = VendorPlan.newKey();
    GatewaySettings gateway = GatewaySettings.from(config).withStore(store);
    if (vendor.enabled()) {
      gateway = gateway.withVendor(VendorPlan.NAME, key);
      release();
    }
    long wanted = (long) evaluation.comparisons().size() * settings.judgments();
    Panel panel = Panel.ofRun(gateway, evaluation, config, view);
    Instant start = MonotonicClock.PROCESS.instant();
    Labelers labelers = new Labelers(vendor, key, out);
    try (ProgressLine line = ProgressLine.suited(out, InstantSource.system());
        labelers) {
      Panel.Outcome outcome =
          panel.run(
              url -> labelers.start(url, evaluation.comparisons().size()),
              answers ->
                  line.show(
                      String.format(
                          Locale.ROOT,
                          "people compare base and tuned  %,d/%,d answers",
                          answers,
                          wanted)),
              () -> {
                labelers.working.throwFailure();
                return ended(settings.limit(), start);
              });
      return ByPeople.of(evaluation, outcome, scores);
    }
  }

  private String ended(Duration limit, Instant start) {
    Duration passed = Duration.between(start, MonotonicClock.PROCESS.instant());
    return interrupted.getAsBoolean()
        ? "interrupted"
        : passed.compareTo(limit) > 0 ? "time limit of " + Progress.clock(limit) : "";
  }

  /** The simulated labelers of the loops are gone, and so are their leases. */
  private void release() {
    try (JdbcLabels labels =
        JdbcLabels.openForEvaluation(store, InstantSource.system(), new SecureRandom())) {
      labels.releaseAll(VendorPlan.NAME);
    }
  }

  /** The run's simulated labelers, once the gateway is open. */
  private static final class Labelers implements AutoCloseable {
    private final VendorPlan vendor;
    private final String key;
    private final PrintWriter out;
    private VendorPlan.Working working = VendorPlan.Working.NONE;

    Labelers(VendorPlan vendor, String key, PrintWriter out) {
      this.vendor = vendor;
      this.key = key;
      this.out = out;
    }

    void start(URI url, int pairs) {
      out.printf("Compare at    %s/  (%,d pairs of texts, base and tuned, unmarked)%n", url, pairs);
      out.flush();
      working = vendor.start(url, key);
    }

    @Override
    public void close() {
      working.close();
    }
  }
}

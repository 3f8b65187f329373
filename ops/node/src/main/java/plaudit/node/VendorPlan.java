package plaudit.node;

import com.typesafe.config.Config;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import plaudit.input.InvalidInputException;
import plaudit.node.vendor.VendorClient;
import plaudit.node.vendor.VendorSettings;

/**
 * The simulated vendor of a run, if there is one.
 *
 * @param labelers simulated people, 0 for none
 * @param latency how long one thinks about a task, on average
 * @param noise how much they err, see {@link LexiconPreference#judge}
 * @param lexicon words and valences
 * @param seed of latency and noise
 */
public record VendorPlan(int labelers, Duration latency, double noise, String lexicon, long seed) {

  /** The vendor's name at the gateway. */
  static final String NAME = "simulated";

  private static final int KEY_BYTES = 24;

  public VendorPlan {
    if (labelers < 0) {
      throw InvalidInputException.of("plaudit.vendor.labelers", labelers, ">= 0");
    }
  }

  /** Reads {@code plaudit.vendor} of the whole configuration. */
  public static VendorPlan from(Config config) {
    Config own = config.getConfig("plaudit.vendor");
    return new VendorPlan(
        own.getInt("labelers"),
        own.getDuration("latency"),
        own.getDouble("noise"),
        own.getString("lexicon"),
        config.getLong("plaudit.run.seed"));
  }

  /** Whether any labeler is simulated. */
  public boolean enabled() {
    return labelers > 0;
  }

  /** What they like; empty if no lexicon is set. */
  public Optional<LexiconPreference> preference() {
    return lexicon.isEmpty()
        ? Optional.empty()
        : Optional.of(LexiconPreference.byLexicon(Path.of(lexicon)));
  }

  /** A fresh key. */
  static String newKey() {
    byte[] bytes = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Lets the simulated labelers work at the gateway's public API. */
  Working start(URI gateway, String key) {
    if (!enabled()) {
      return Working.NONE;
    }
    LexiconPreference preference =
        preference()
            .orElseThrow(
                () ->
                    InvalidInputException.of(
                        "plaudit.vendor.lexicon", "not set", "a file of words and valences"));
    return new Working(
        Optional.of(
            VendorClient.start(
                VendorSettings.endless(gateway, key, labelers, latency, seed),
                preference.judge(noise))));
  }

  /** Labelers at work, until closed. */
  record Working(Optional<VendorClient> client) implements AutoCloseable {

    /** None. */
    static final Working NONE = new Working(Optional.empty());

    void throwFailure() {
      client.ifPresent(VendorClient::throwFailure);
    }

    @Override
    public void close() {
      client.ifPresent(VendorClient::close);
    }
  }
}

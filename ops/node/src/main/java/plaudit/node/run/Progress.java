package plaudit.node.run;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.StringJoiner;

/**
 * Where a run stands, for one line of text. What is not known yet is left out of the line.
 *
 * @param phase what is being done, in a word or two
 * @param done how many updates have been made
 * @param total how many will be made; 0 if unknown
 * @param unit what an update is called: {@code updates}, {@code batches}
 * @param rolloutsPerSecond over the last while
 * @param staleness mean age of the last batch, in policy versions
 * @param labels how many judgments have arrived
 * @param reward mean score of the last batch
 * @param kl of the last batch, in nats a sequence
 * @param klTarget where the controller steers it, in nats a sequence
 * @param beta the KL coefficient
 * @param eta until the end
 */
public record Progress(
    String phase,
    long done,
    long total,
    String unit,
    OptionalDouble rolloutsPerSecond,
    OptionalDouble staleness,
    Optional<Long> labels,
    OptionalDouble reward,
    OptionalDouble kl,
    OptionalDouble klTarget,
    OptionalDouble beta,
    Optional<Duration> eta) {

  /** A line in words is no wider. */
  static final int COLUMNS = 100;

  /** Work that is only counted. */
  public static Progress counted(
      String phase, long done, long total, String unit, Optional<Duration> eta) {
    OptionalDouble unknown = OptionalDouble.empty();
    return new Progress(
        phase,
        done,
        total,
        unit,
        unknown,
        unknown,
        Optional.empty(),
        unknown,
        unknown,
        unknown,
        unknown,
        eta);
  }

  /** Work that waits, in words that say for what; cut so that the line fits {@link #COLUMNS}. */
  public static Progress waiting(String words, long done, long total, String unit) {
    int room = COLUMNS - counted("", done, total, unit, Optional.empty()).line().length();
    return counted(
        words.length() > room ? words.substring(0, room - 1) + "…" : words,
        done,
        total,
        unit,
        Optional.empty());
  }

  /** The line, without a line break. */
  public String line() {
    StringJoiner line = new StringJoiner("  ");
    line.add(phase);
    line.add(total > 0 ? "%d/%d %s".formatted(done, total, unit) : "%d %s".formatted(done, unit));
    rolloutsPerSecond.ifPresent(r -> line.add(number("%.1f rollouts/s", r)));
    staleness.ifPresent(s -> line.add(number("staleness %.1f", s)));
    labels.ifPresent(n -> line.add(n + " labels"));
    reward.ifPresent(r -> line.add(number("reward %+.3f", r)));
    kl.ifPresent(
        k ->
            line.add(
                number("KL %.2f", k)
                    + (klTarget.isPresent() ? number("/%.3g", klTarget.getAsDouble()) : "")));
    beta.ifPresent(b -> line.add(number("beta %.4f", b)));
    eta.ifPresent(left -> line.add("ETA " + clock(left)));
    return line.toString();
  }

  /** {@code 42s}, {@code 3m07s}, {@code 2h05m}, {@code 3d04h}. */
  public static String clock(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return "%dm%02ds".formatted(seconds / 60, seconds % 60);
    }
    if (seconds < 86_400) {
      return "%dh%02dm".formatted(seconds / 3600, seconds / 60 % 60);
    }
    return "%dd%02dh".formatted(seconds / 86_400, seconds / 3600 % 24);
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}

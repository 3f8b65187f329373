package plaudit.eval.report;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import plaudit.chat.Turn;
import plaudit.eval.verdict.Verdict;

/**
 * The content of a run's report.
 *
 * @param title what was run
 * @param subtitle when, where, how long: a line under the title
 * @param notes what a reader must know first, such as why the run stopped early
 * @param verdict the comparison of the tuned model with the base, if there was time for it
 * @param series what was watched over time
 * @param samples prompts with a text from before and one from after
 * @param drawn how the samples were chosen, in a sentence; empty without samples
 * @param settings of the run, in the order to show
 * @param durations of its parts, in the order to show
 * @param files that the run wrote
 */
public record RunReport(
    String title,
    String subtitle,
    List<String> notes,
    Optional<Verdict> verdict,
    List<Series> series,
    List<Sample> samples,
    String drawn,
    Map<String, String> settings,
    Map<String, Duration> durations,
    List<Output> files) {

  public RunReport {
    notes = List.copyOf(notes);
    series = List.copyOf(series);
    samples = List.copyOf(samples);
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    durations = Collections.unmodifiableMap(new LinkedHashMap<>(durations));
    files = List.copyOf(files);
  }

  /**
   * A number over time.
   *
   * @param name what it is
   * @param unit of the number, empty for none
   * @param xName what the points are counted in, such as "policy update"
   * @param points in order of x; those that are not finite leave a gap
   * @param target its target, if it has one
   */
  public record Series(
      String name, String unit, String xName, List<Point> points, OptionalDouble target) {
    public Series {
      points = List.copyOf(points);
    }
  }

  /** One measurement. */
  public record Point(double x, double y) {}

  /**
   * One prompt before and after.
   *
   * @param prompt what both models were given
   * @param turns of a conversation, in place of the prompt
   * @param base how the base model went on
   * @param tuned how the tuned model went on
   * @param baseScore score of the base text
   * @param tunedScore score of the tuned text
   */
  public record Sample(
      String prompt,
      List<Turn> turns,
      String base,
      String tuned,
      double baseScore,
      double tunedScore) {

    public Sample {
      turns = List.copyOf(turns);
    }

    /** Of a prompt that is no conversation. */
    public Sample(String prompt, String base, String tuned, double baseScore, double tunedScore) {
      this(prompt, List.of(), base, tuned, baseScore, tunedScore);
    }
  }

  /**
   * A file of the run.
   *
   * @param path relative to the report's folder
   * @param what it is
   * @param bytes its size
   */
  public record Output(String path, String what, long bytes) {}
}

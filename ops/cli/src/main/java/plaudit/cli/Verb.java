package plaudit.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import plaudit.eval.report.Table;
import plaudit.node.run.Eta;
import plaudit.node.run.Progress;
import plaudit.node.run.ProgressLine;
import plaudit.stats.Wilson;

/** A verb: its options are its fields, {@link #call} does it and answers the exit code. */
public abstract class Verb implements Callable<Integer> {

  private static final JsonMapper JSON =
      JsonMapper.builder().addMixIn(Wilson.class, Share.class).build();

  @Spec private CommandSpec spec;

  /** What the verb is called, without the group it is in. */
  protected final String name() {
    return spec.name();
  }

  /** Where results go. */
  protected final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Where words for people go. */
  protected final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** Prints a line of the result; numbers have points, wherever the reader lives. */
  protected final void say(String format, Object... values) {
    out().println(Table.format(format, values));
  }

  /** Shows on {@code line} how much is done, of how much, and how long the rest will take. */
  protected static LongConsumer counting(ProgressLine line, String what, long total, String unit) {
    InstantSource clock = InstantSource.system();
    Eta eta = new Eta(Duration.ofMinutes(2));
    return done -> {
      eta.mark(clock.instant(), (double) done);
      line.show(Progress.counted(what, done, total, unit, eta.until((double) total)));
    };
  }

  /** A line on the terminal for words that come and go. */
  protected final ProgressLine progressLine() {
    return ProgressLine.suited(err(), InstantSource.system());
  }

  /** Prints {@code value} on one line of standard output, for machines. */
  protected final void printJson(Object value) {
    try {
      out().println(JSON.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("no JSON for " + value.getClass().getName(), e);
    }
  }

  /** A share with its interval: {@code value}, {@code low} and {@code high}. */
  private interface Share {
    @JsonProperty("value")
    double share();
  }
}

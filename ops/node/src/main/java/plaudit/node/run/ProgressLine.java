package plaudit.node.run;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Shows progress: on a terminal one line that is drawn over again, elsewhere (a file, a pipe) a
 * line now and then. Safe to use from many threads.
 */
public final class ProgressLine implements AutoCloseable {

  private static final Duration REDRAW = Duration.ofMillis(100);
  private static final String ERASE = "\r\u001b[K";

  private final PrintWriter out;
  private final int columns;
  private final Duration pause;
  private final InstantSource clock;
  private Instant next = Instant.MIN;
  private String shown = "";
  private String latest = "";

  private ProgressLine(PrintWriter out, int columns, Duration pause, InstantSource clock) {
    this.out = out;
    this.columns = columns;
    this.pause = pause;
    this.clock = clock;
  }

  /** A line that is redrawn in a window so many columns wide. */
  public static ProgressLine live(PrintWriter out, int columns, InstantSource clock) {
    return new ProgressLine(out, Math.max(20, columns), REDRAW, clock);
  }

  /** A plain line each {@code pause}. */
  public static ProgressLine plain(PrintWriter out, Duration pause, InstantSource clock) {
    return new ProgressLine(out, 0, pause, clock);
  }

  /**
   * Whichever suits standard error. The launcher tells whether it is a terminal, by {@code
   * plaudit.terminal.columns}; Java can tell that only of all three streams together.
   */
  public static ProgressLine suited(PrintWriter err, InstantSource clock) {
    int columns = Integer.getInteger("plaudit.terminal.columns", 0);
    boolean dumb = "dumb".equals(System.getenv("TERM"));
    return columns > 0 && !dumb
        ? live(err, columns, clock)
        : plain(err, Duration.ofSeconds(15), clock);
  }

  /** Shows where the work stands, unless that has just been done. */
  public void show(Progress progress) {
    show(progress.line());
  }

  /** Shows any text of one line in the same place. */
  public synchronized void show(String line) {
    latest = line;
    Instant now = clock.instant();
    if (!now.isBefore(next)) {
      next = now.plus(pause);
      draw(line);
    }
  }

  /** Prints a line that stays, above the progress line. */
  public synchronized void say(String line) {
    if (live()) {
      out.print(ERASE + line + System.lineSeparator() + shown);
    } else {
      out.println(line);
    }
    out.flush();
  }

  /** Leaves the last state on the screen and ends the line. */
  @Override
  public synchronized void close() {
    if (!latest.isEmpty() && !shown.equals(fitted(latest))) {
      draw(latest);
    }
    if (live() && !shown.isEmpty()) {
      out.println();
    }
    out.flush();
    shown = "";
    latest = "";
  }

  private void draw(String line) {
    shown = fitted(line);
    if (live()) {
      out.print(ERASE + shown);
    } else {
      out.println(shown);
    }
    out.flush();
  }

  /** A line as wide as the window would wrap, and could not be drawn over. */
  private String fitted(String line) {
    return live() && line.length() >= columns ? line.substring(0, columns - 2) + "…" : line;
  }

  private boolean live() {
    return columns > 0;
  }
}

package plaudit.experience.journal;

import java.nio.file.Path;

/** The journal cannot be used as it is; the message says which file, and what to do. */
public abstract sealed class JournalException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private JournalException(String message) {
    super(message);
  }

  /** Bytes in the middle of a segment are not what was written. */
  public static final class Damaged extends JournalException {
    private static final long serialVersionUID = 1;

    Damaged(Path file, long offset, String what) {
      super(
          ("journal %s, byte %d: %s (expected: a whole record). Without the journal's directory the"
                  + " run goes on from its checkpoint, but forgets what was under way")
              .formatted(file, offset, what));
    }
  }

  /** The entries, played again, do not do what they did: other prompts, or other rules. */
  public static final class Diverged extends JournalException {
    private static final long serialVersionUID = 1;

    Diverged(String what, Object now, Object then) {
      super(
          ("journal: %s is %s (expected: %s, as recorded; are the prompts and the version of Plaudit"
                  + " those of the run?)")
              .formatted(what, now, then));
    }
  }
}

package plaudit.task;

import java.util.Locale;

/** What became of a text: a {@link Query}, or the reason why it is not one. */
public sealed interface QueryOutcome permits Query, QueryOutcome.Skipped {

  /** The text was left out. */
  record Skipped(Reason reason) implements QueryOutcome {}

  /** Why a text was left out. */
  enum Reason {
    /** The start token does not occur in it. */
    NO_START_TOKEN,
    /** No end token occurs in the part that is kept. */
    NO_END_TOKEN,
    /** It has more tokens than there is room for. */
    TOO_LONG,
    /** Fewer tokens are left of it than the rules ask for. */
    TOO_SHORT,
    /** Nothing of it is left. */
    EMPTY;

    /** For people: {@code no end token}. */
    public String words() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }
}

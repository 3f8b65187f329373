package plaudit.scoring;

import java.util.List;
import java.util.function.Function;
import plaudit.tokens.Tokens;

/**
 * Where scores come from: the run's reward model, another model, a rule, a program elsewhere, or a
 * sum of them. One thread calls at a time; a source that asks another machine answers later, on a
 * thread of its own, and may have several batches under way.
 */
public interface RewardSource extends AutoCloseable {

  /**
   * A response to be judged.
   *
   * @param promptId of the prompt; responses with the same one are a group
   * @param query the query's tokens, without what the task puts around it
   * @param kept the response's tokens, cut where it ends
   * @param shown those that people read
   * @param words tokens as people read them
   */
  record Response(
      long promptId, Tokens query, Tokens kept, Tokens shown, Function<Tokens, String> words) {

    /** The query as people read it. */
    public String queryText() {
      return words.apply(query);
    }

    /** The cut response as people read it. */
    public String text() {
      return words.apply(shown);
    }
  }

  /** Takes the answer: one of both methods is called, once. */
  interface Receiver {

    /** One finite score for each response, in order. */
    void scored(float[] scores);

    /** There are none. */
    void failed(RuntimeException why);
  }

  /** Scores {@code responses}; {@code receiver} is told before this returns, or later. */
  void score(List<Response> responses, Receiver receiver);

  /** Whether the same responses get the same scores again, to the bit. */
  default boolean repeats() {
    return true;
  }

  @Override
  default void close() {}
}

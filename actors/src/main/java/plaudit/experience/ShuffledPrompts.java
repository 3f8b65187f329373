package plaudit.experience;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import plaudit.tokens.Tokens;

/**
 * An endless stream of shuffled prompts. Position {@code p} of a stream over N queries is in epoch
 * {@code p / N}; each epoch has every query once, in an order that depends on (seed, epoch) and
 * nothing else. So a position always has the same prompt, in a resumed run too.
 *
 * <p>A prompt's id is its position. Questions to people come from other streams, {@link
 * #forQuestions} and {@link #forValidations}, whose ids start at {@link #FIRST_QUESTION} and {@link
 * #FIRST_VALIDATION}: ids stay unique over the run, and still fit the integers of JSON. Not
 * thread-safe.
 */
public final class ShuffledPrompts {

  /** The id of the first question; policy work would need a trillion prompts to reach it. */
  public static final long FIRST_QUESTION = 1L << 40;

  /** The id of the first validation question. */
  public static final long FIRST_VALIDATION = 1L << 41;

  private static final RandomGeneratorFactory<RandomGenerator> GENERATORS =
      RandomGeneratorFactory.of("L64X128MixRandom");

  /** 2^64 / golden ratio: spreads the epochs over the seeds. */
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private final List<Tokens> queries;
  private final long seed;
  private final long firstId;
  private final long firstPosition;
  private long shuffledEpoch = -1;
  private int[] order = {};

  private ShuffledPrompts(List<Tokens> queries, long seed, long firstId, long firstPosition) {
    if (queries.isEmpty()) {
      throw new IllegalArgumentException("queries: none (expected: at least one)");
    }
    this.queries = List.copyOf(queries);
    this.seed = seed;
    this.firstId = firstId;
    this.firstPosition = firstPosition;
  }

  /** The stream of policy work. */
  public ShuffledPrompts(List<Tokens> queries, long seed) {
    this(queries, seed, 0, 0);
  }

  /** The stream of questions: other ids, and another order than policy work of this seed has. */
  public static ShuffledPrompts forQuestions(List<Tokens> queries, long seed) {
    return new ShuffledPrompts(queries, ~seed, FIRST_QUESTION, 0);
  }

  /** The stream of validation questions: as {@link #forQuestions}, with ids of its own. */
  public static ShuffledPrompts forValidations(List<Tokens> queries, long seed) {
    return new ShuffledPrompts(queries, ~seed * SPREAD, FIRST_VALIDATION, 0);
  }

  /**
   * This stream without its next {@code positions}: what a resumed run has asked already. Ids do
   * not shift.
   */
  public ShuffledPrompts skip(long positions) {
    if (positions < 0) {
      throw new IllegalArgumentException("positions: " + positions + " (expected: >= 0)");
    }
    return new ShuffledPrompts(queries, seed, firstId, firstPosition + positions);
  }

  /** The prompt at {@code position}, counted from where this stream starts, {@code >= 0}. */
  public Prompt at(long position) {
    long absolute = firstPosition + position;
    if (position < 0 || absolute >= FIRST_QUESTION) {
      throw new IllegalArgumentException(
          "prompt position: %d (expected: 0 to %d)".formatted(absolute, FIRST_QUESTION - 1));
    }
    shuffle(absolute / queries.size());
    int query = order[(int) (absolute % queries.size())];
    return new Prompt(firstId + absolute, queries.get(query));
  }

  /** How many queries an epoch has. */
  public int size() {
    return queries.size();
  }

  /** Fisher and Yates, downwards; the last epoch's order is kept. */
  private void shuffle(long epoch) {
    if (epoch == shuffledEpoch) {
      return;
    }
    int[] shuffled = new int[queries.size()];
    for (int i = 0; i < shuffled.length; i++) {
      shuffled[i] = i;
    }
    RandomGenerator random = GENERATORS.create(seed ^ (epoch * SPREAD));
    for (int i = shuffled.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int moved = shuffled[i];
      shuffled[i] = shuffled[j];
      shuffled[j] = moved;
    }
    order = shuffled;
    shuffledEpoch = epoch;
  }
}

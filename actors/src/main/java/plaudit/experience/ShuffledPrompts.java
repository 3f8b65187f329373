package plaudit.experience;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import plaudit.tokens.Tokens;

/**
 * The endless, shuffled deck of prompts. Position {@code p} of a deck of N queries is in epoch
 * {@code p / N}; each epoch deals every query once, in an order that depends on (seed, epoch) and
 * nothing else. So a run that resumes deals the very prompts it would have dealt, and whoever knows
 * a position can deal it again.
 *
 * <p>A prompt's id is its position. Questions to people come from other decks, {@link
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
      throw new IllegalArgumentException("queries of the deck: none (expected: at least one)");
    }
    this.queries = List.copyOf(queries);
    this.seed = seed;
    this.firstId = firstId;
    this.firstPosition = firstPosition;
  }

  /** The deck of policy work. */
  public ShuffledPrompts(List<Tokens> queries, long seed) {
    this(queries, seed, 0, 0);
  }

  /** The deck of questions: other ids, and another order than the policy's deck of this seed. */
  public static ShuffledPrompts forQuestions(List<Tokens> queries, long seed) {
    return new ShuffledPrompts(queries, ~seed, FIRST_QUESTION, 0);
  }

  /** The deck of validation questions: as {@link #forQuestions}, with ids of its own. */
  public static ShuffledPrompts forValidations(List<Tokens> queries, long seed) {
    return new ShuffledPrompts(queries, ~seed * SPREAD, FIRST_VALIDATION, 0);
  }

  /**
   * This deck without its next {@code positions}: what a resumed run passes so that people are not
   * asked again. Ids do not shift.
   */
  public ShuffledPrompts skip(long positions) {
    if (positions < 0) {
      throw new IllegalArgumentException("positions: " + positions + " (expected: >= 0)");
    }
    return new ShuffledPrompts(queries, seed, firstId, firstPosition + positions);
  }

  /** The prompt at {@code position}, counted from where this deck starts, {@code >= 0}. */
  public Prompt at(long position) {
    long absolute = firstPosition + position;
    if (position < 0 || absolute >= FIRST_QUESTION) {
      throw new IllegalArgumentException(
          "deck position: %d (expected: 0 to %d)".formatted(absolute, FIRST_QUESTION - 1));
    }
    shuffle(absolute / queries.size());
    int card = order[(int) (absolute % queries.size())];
    return new Prompt(firstId + absolute, queries.get(card));
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
    int[] cards = new int[queries.size()];
    for (int i = 0; i < cards.length; i++) {
      cards[i] = i;
    }
    RandomGenerator random = GENERATORS.create(seed ^ (epoch * SPREAD));
    for (int i = cards.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int card = cards[i];
      cards[i] = cards[j];
      cards[j] = card;
    }
    order = cards;
    shuffledEpoch = epoch;
  }
}

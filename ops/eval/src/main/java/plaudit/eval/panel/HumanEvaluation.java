package plaudit.eval.panel;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import plaudit.eval.agreement.JudgedItem;
import plaudit.files.Sha256;
import plaudit.labels.Comparison;
import plaudit.labels.Label;
import plaudit.stats.Agreement;
import plaudit.stats.Wilson;
import plaudit.tokens.Tokens;

/**
 * What is put to people, and how their answers are counted. Nothing in a comparison says who wrote
 * which text, their order is drawn from the seed, and the gateway shows them in another order to
 * each labeler.
 *
 * @param sets one a query
 * @param overlap how many people judge each, odd so that two writers can have a majority
 * @param seed of the order
 * @param prefix how the ids of its comparisons begin
 */
public record HumanEvaluation(List<ResponseSet> sets, int overlap, long seed, String prefix) {

  /** One with a label store of its own. */
  public HumanEvaluation(List<ResponseSet> sets, int overlap, long seed) {
    this(sets, overlap, seed, "c");
  }

  public HumanEvaluation {
    sets = List.copyOf(sets);
    if (sets.isEmpty()) {
      throw new IllegalArgumentException("sets: none (expected: at least one)");
    }
    int writers = sets.get(0).texts().size();
    for (ResponseSet set : sets) {
      if (set.texts().size() != writers) {
        throw new IllegalArgumentException(
            "texts: %d and %d (expected: as many for each query)"
                .formatted(writers, set.texts().size()));
      }
    }
  }

  /** How many write. */
  public int writers() {
    return sets.get(0).texts().size();
  }

  /** The questions, one for each set whose texts differ. */
  public List<Comparison> comparisons() {
    Random random = new Random(seed);
    List<Comparison> comparisons = new ArrayList<>();
    for (int i = 0; i < sets.size(); i++) {
      ResponseSet set = sets.get(i);
      List<String> texts = new ArrayList<>(set.different());
      Collections.shuffle(texts, random);
      if (set.contested()) {
        List<Comparison.Sample> samples =
            texts.stream().map(text -> new Comparison.Sample(Tokens.of(), text, 0)).toList();
        comparisons.add(new Comparison(id(i), Tokens.of(), set.query(), samples));
      }
    }
    return comparisons;
  }

  /** A fingerprint: another evaluation would not fit the answers to this one. */
  public String digest() {
    StringBuilder all = new StringBuilder().append(overlap).append(' ').append(seed);
    for (ResponseSet set : sets) {
      all.append('\0').append(set.query());
      set.texts().forEach(text -> all.append('\1').append(text));
    }
    return Sha256.of(all.toString());
  }

  /**
   * Counts. A set is judged when {@code overlap} people have answered, or when it has answers and
   * the panel is over.
   *
   * @param labels in the store's order
   * @param over whether no more answers will come
   */
  public Tally count(List<Label> labels, boolean over) {
    Map<String, JudgedItem> answers = StoredLabels.items(labels);
    Map<String, String> winners = winners(labels);
    Tally tally = Tally.none(writers());
    for (int i = 0; i < sets.size(); i++) {
      ResponseSet set = sets.get(i);
      JudgedItem item = answers.get(id(i));
      String winner = winners.get(id(i));
      if (!set.contested()) {
        tally = tally.withAlike();
      } else if (item == null || item.answers().isEmpty()) {
        tally = tally.withOpen();
      } else if (item.answers().size() < overlap && !over) {
        tally = tally.withOpen();
      } else {
        tally = winner == null ? tally.withTie() : tally.withWin(set, winner);
      }
    }
    return tally;
  }

  /** The text that a majority prefers, by comparison id; none where there is no majority. */
  private Map<String, String> winners(List<Label> labels) {
    Map<String, JudgedItem> answers = StoredLabels.items(labels);
    Map<String, String> winners = new HashMap<>();
    for (Comparison comparison : comparisons()) {
      JudgedItem item = answers.get(comparison.id());
      OptionalInt best = item == null ? OptionalInt.empty() : item.majority();
      if (best.isPresent()) {
        winners.put(comparison.id(), comparison.samples().get(best.getAsInt()).text());
      }
    }
    return winners;
  }

  /**
   * How often scores prefer what a majority of people prefers, of the sets in which it prefers one.
   *
   * @param scores of each set's texts, in the writers' order
   */
  public Agreement agreement(List<Label> labels, List<float[]> scores) {
    Map<String, String> winners = winners(labels);
    Agreement agreement = Agreement.NONE;
    for (int i = 0; i < sets.size(); i++) {
      String winner = winners.get(id(i));
      if (winner != null) {
        List<String> texts = sets.get(i).texts();
        agreement =
            agreement.and(
                scores.get(i),
                IntStream.range(0, texts.size())
                    .filter(writer -> texts.get(writer).equals(winner))
                    .boxed()
                    .toList());
      }
    }
    return agreement;
  }

  /** The answers to this evaluation's comparisons among {@code labels}. */
  public List<Label> own(List<Label> labels) {
    return labels.stream().filter(it -> it.comparison().id().startsWith(prefix)).toList();
  }

  private String id(int set) {
    return prefix + String.format(Locale.ROOT, "%06d", set);
  }

  /**
   * What all writers made of one query.
   *
   * @param query what people read first
   * @param texts one a writer, in the writers' order
   */
  public record ResponseSet(String query, List<String> texts) {

    public ResponseSet {
      texts = texts.stream().map(String::strip).toList();
      if (texts.size() < 2) {
        throw new IllegalArgumentException("texts: " + texts.size() + " (expected: >= 2)");
      }
    }

    /** The texts without repetitions: what two writers agree on is shown once. */
    List<String> different() {
      return List.copyOf(new LinkedHashSet<>(texts));
    }

    /** Whether there is anything to choose between. */
    boolean contested() {
      return different().size() > 1;
    }
  }

  /**
   * Whom majorities prefer.
   *
   * @param wins for each writer, the sets won; a text that k writers wrote is 1/k of a win for each
   * @param ties sets without a majority
   * @param alike sets on which all writers wrote the same, which were put to no labeler
   * @param open sets that are not judged; they do not count
   */
  public record Tally(List<Double> wins, int ties, int alike, int open) {

    public Tally {
      wins = List.copyOf(wins);
    }

    static Tally none(int writers) {
      return new Tally(Collections.nCopies(writers, 0d), 0, 0, 0);
    }

    Tally withTie() {
      return new Tally(wins, ties + 1, alike, open);
    }

    Tally withAlike() {
      return new Tally(wins, ties, alike + 1, open);
    }

    Tally withOpen() {
      return new Tally(wins, ties, alike, open + 1);
    }

    /** One more set, won by the writers of {@code text}. */
    Tally withWin(ResponseSet set, String text) {
      long sharers = set.texts().stream().filter(text::equals).count();
      List<Double> more = new ArrayList<>(wins);
      for (int writer = 0; writer < more.size(); writer++) {
        if (set.texts().get(writer).equals(text)) {
          more.set(writer, more.get(writer) + 1.0 / sharers);
        }
      }
      return new Tally(more, ties, alike, open);
    }

    /** How many sets count. */
    public int counted() {
      return (int) Math.round(wins.stream().mapToDouble(Double::doubleValue).sum()) + ties + alike;
    }

    /**
     * The share of a writer with its 95 % interval; what has no winner is shared among all, so that
     * between two a tie is half a win.
     */
    public Wilson share(int writer) {
      double points = wins.get(writer) + (double) (ties + alike) / wins.size();
      return Wilson.of(Math.min(points, counted()), counted());
    }
  }
}

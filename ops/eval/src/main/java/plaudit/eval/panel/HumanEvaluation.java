package plaudit.eval.panel;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Random;
import plaudit.eval.agreement.JudgedItem;
import plaudit.eval.agreement.Majority;
import plaudit.labels.Comparison;
import plaudit.labels.Label;
import plaudit.tokens.Tokens;

/**
 * What is put to people, and how their answers are counted. Nothing in a comparison says who wrote
 * which text, their order is drawn from the seed, and the gateway shows them in another order to
 * each labeler.
 *
 * @param slates one a query
 * @param overlap how many people judge each, odd so that two writers can have a majority
 * @param seed of the order
 */
public record HumanEvaluation(List<ResponseSet> slates, int overlap, long seed) {

  public HumanEvaluation {
    slates = List.copyOf(slates);
    if (slates.isEmpty()) {
      throw new IllegalArgumentException("slates: none (expected: at least one)");
    }
    int writers = slates.get(0).texts().size();
    for (ResponseSet slate : slates) {
      if (slate.texts().size() != writers) {
        throw new IllegalArgumentException(
            "texts: %d and %d (expected: as many for each query)"
                .formatted(writers, slate.texts().size()));
      }
    }
  }

  /** How many write. */
  public int writers() {
    return slates.get(0).texts().size();
  }

  /** The questions, one for each slate whose texts differ. */
  public List<Comparison> comparisons() {
    Random random = new Random(seed);
    List<Comparison> comparisons = new ArrayList<>();
    for (int i = 0; i < slates.size(); i++) {
      ResponseSet slate = slates.get(i);
      List<String> texts = new ArrayList<>(slate.different());
      Collections.shuffle(texts, random);
      if (slate.contested()) {
        List<Comparison.Sample> samples =
            texts.stream().map(text -> new Comparison.Sample(Tokens.of(), text, 0)).toList();
        comparisons.add(new Comparison(id(i), Tokens.of(), slate.query(), samples));
      }
    }
    return comparisons;
  }

  /** A fingerprint: another ballot would not fit the answers to this one. */
  public String digest() {
    StringBuilder all = new StringBuilder().append(overlap).append(' ').append(seed);
    for (ResponseSet slate : slates) {
      all.append('\0').append(slate.query());
      slate.texts().forEach(text -> all.append('\1').append(text));
    }
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(all.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * Counts. A slate is judged when {@code overlap} people have answered, or when it has answers and
   * nobody will be asked any more.
   *
   * @param labels in the store's order
   * @param over whether nobody will be asked any more
   */
  public Tally count(List<Label> labels, boolean over) {
    Map<String, JudgedItem> answers = StoredLabels.items(labels);
    Map<String, Comparison> asked = new HashMap<>();
    comparisons().forEach(comparison -> asked.put(comparison.id(), comparison));
    Tally tally = Tally.none(writers());
    for (int i = 0; i < slates.size(); i++) {
      ResponseSet slate = slates.get(i);
      JudgedItem item = answers.get(id(i));
      if (!slate.contested()) {
        tally = tally.withAlike();
      } else if (item == null || item.answers().isEmpty()) {
        tally = tally.withOpen();
      } else if (item.answers().size() < overlap && !over) {
        tally = tally.withOpen();
      } else {
        OptionalInt best = Majority.of(item);
        Comparison comparison = Objects.requireNonNull(asked.get(id(i)));
        tally =
            best.isEmpty()
                ? tally.withTie()
                : tally.withWin(slate, comparison.samples().get(best.getAsInt()).text());
      }
    }
    return tally;
  }

  private static String id(int slate) {
    return String.format(Locale.ROOT, "c%06d", slate);
  }
}

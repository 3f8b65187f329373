package plaudit.language;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;

/** Byte-level BPE by the book: every step counts or scans everything again. */
final class SlowBpe {

  private SlowBpe() {}

  /** Merges the best-ranked pair of a word, leftmost first, until no pair has a rank. */
  static List<Integer> encode(BpeVocabulary vocabulary, String text) {
    Map<String, Integer> ids = vocabulary.ids();
    Map<String, Integer> ranks = new HashMap<>();
    for (String merge : vocabulary.merges()) {
      ranks.put(merge, ranks.size());
    }
    List<Integer> encoded = new ArrayList<>();
    Matcher words = BpeTrainer.WordCounts.GPT2_WORD.matcher(text);
    while (words.find()) {
      List<String> symbols = symbols(words.group());
      while (true) {
        int best = Integer.MAX_VALUE;
        int at = -1;
        for (int i = 0; i + 1 < symbols.size(); i++) {
          int rank =
              ranks.getOrDefault(symbols.get(i) + " " + symbols.get(i + 1), Integer.MAX_VALUE);
          if (rank < best) {
            best = rank;
            at = i;
          }
        }
        if (at < 0) {
          break;
        }
        symbols.set(at, symbols.get(at) + symbols.remove(at + 1));
      }
      symbols.forEach(s -> encoded.add(ids.get(s)));
    }
    return encoded;
  }

  /** The merges of a corpus, all pairs counted afresh for each. */
  static List<String> merges(List<String> documents, int tokens, long minimumCount) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (int i = 0; i < BpeVocabulary.BYTES; i++) {
      ids.put(String.valueOf(BpeVocabulary.spelling(i)), i);
    }
    List<List<String>> words = new ArrayList<>();
    for (String document : documents) {
      Matcher found = BpeTrainer.WordCounts.GPT2_WORD.matcher(document);
      while (found.find()) {
        words.add(symbols(found.group()));
      }
    }
    List<String> merges = new ArrayList<>();
    while (ids.size() < tokens) {
      Map<List<String>, Long> counts = new HashMap<>();
      for (List<String> word : words) {
        for (int i = 0; i + 1 < word.size(); i++) {
          counts.merge(List.of(word.get(i), word.get(i + 1)), 1L, Long::sum);
        }
      }
      List<String> best = null;
      for (List<String> pair : counts.keySet()) {
        if (counts.getOrDefault(pair, 0L) >= minimumCount
            && (best == null || beats(pair, best, counts, ids))) {
          best = pair;
        }
      }
      if (best == null) {
        break;
      }
      merges.add(best.get(0) + " " + best.get(1));
      String merged = best.get(0) + best.get(1);
      ids.putIfAbsent(merged, ids.size());
      for (List<String> word : words) {
        for (int i = 0; i + 1 < word.size(); i++) {
          if (word.get(i).equals(best.get(0)) && word.get(i + 1).equals(best.get(1))) {
            word.set(i, merged);
            word.remove(i + 1);
          }
        }
      }
    }
    return merges;
  }

  private static boolean beats(
      List<String> a, List<String> b, Map<List<String>, Long> counts, Map<String, Integer> ids) {
    int byCount = Long.compare(counts.getOrDefault(a, 0L), counts.getOrDefault(b, 0L));
    int byLeft = Integer.compare(ids.getOrDefault(b.get(0), 0), ids.getOrDefault(a.get(0), 0));
    int byRight = Integer.compare(ids.getOrDefault(b.get(1), 0), ids.getOrDefault(a.get(1), 0));
    return byCount != 0 ? byCount > 0 : byLeft != 0 ? byLeft > 0 : byRight > 0;
  }

  private static List<String> symbols(String word) {
    List<String> symbols = new ArrayList<>();
    for (int id : BpeVocabulary.byteIds(word)) {
      symbols.add(String.valueOf(BpeVocabulary.spelling(id)));
    }
    return symbols;
  }
}

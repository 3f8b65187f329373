package plaudit.language;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.ObjLongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import plaudit.input.InvalidInputException;

/**
 * Learns a byte-level BPE vocabulary (Sennrich et al. 2016; Radford et al. 2019): starting from the
 * 256 bytes, the pair of neighbours that occurs most often becomes a token, again and again.
 *
 * <p>Words are counted once and merges happen on distinct words. Each pair knows its count and the
 * words it was ever seen in; a merge visits only those words, takes their pairs out of the counts
 * and puts the new ones in. Counts of old pairs only fall, so the queue may hold numbers that are
 * too high: the pair on top is looked up and goes back with the true number if it was too high.
 * Equal counts are decided by the smaller ids, left one first, so the result depends on the text
 * alone and not on its order.
 */
public final class BpeTrainer {

  /** OpenAI's only special token; its id is the last of the vocabulary. */
  public static final String END_OF_TEXT = "<|endoftext|>";

  /** Longer words (a ruler of dashes, a base64 blob) teach nothing and are left out. In bytes. */
  private static final int MAX_WORD = 128;

  /**
   * How to train.
   *
   * @param vocabularySize ids in all: 256 bytes, the merges and the specials; a small corpus may
   *     yield fewer
   * @param minimumCount a pair seen less often is never merged
   * @param everyDocument learns from one document in so many; 1 for all
   * @param specials tokens matched whole in a text, given the last ids in this order
   */
  public record Settings(
      int vocabularySize, long minimumCount, int everyDocument, List<String> specials) {

    public Settings {
      specials = List.copyOf(specials);
      if (vocabularySize < BpeVocabulary.BYTES + specials.size()) {
        throw InvalidInputException.of(
            "vocabulary size",
            vocabularySize,
            ">= " + (BpeVocabulary.BYTES + specials.size()) + ", the bytes and special tokens");
      }
      if (minimumCount < 1) {
        throw InvalidInputException.of("minimum pair count", minimumCount, ">= 1");
      }
      if (everyDocument < 1) {
        throw InvalidInputException.of("one document in", everyDocument, ">= 1");
      }
    }

    /** GPT-2's shape: pairs seen twice or more, all documents, {@code <|endoftext|>} last. */
    public static Settings ofSize(int vocabularySize) {
      return new Settings(vocabularySize, 2, 1, List.of(END_OF_TEXT));
    }
  }

  private final Settings settings;
  private final List<Word> words = new ArrayList<>();
  private final Map<Long, Pair> pairs = new HashMap<>();
  private final PriorityQueue<Candidate> queue = new PriorityQueue<>(Candidate.BEST_FIRST);
  private final List<String> tokens = new ArrayList<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final List<String> merges = new ArrayList<>();

  private BpeTrainer(Settings settings) {
    this.settings = settings;
    for (int id = 0; id < BpeVocabulary.BYTES; id++) {
      idOf(String.valueOf(BpeVocabulary.spelling(id)));
    }
  }

  /** Learns the vocabulary of {@code documents}; refuses a corpus without a word. */
  public static BpeVocabulary train(Iterator<String> documents, Settings settings) {
    WordCounts counts = WordCounts.of(documents, settings.everyDocument());
    if (counts.distinct() == 0) {
      throw new InvalidInputException("tokenizer training: the corpus holds no text");
    }
    return train(counts, settings);
  }

  static BpeVocabulary train(WordCounts counts, Settings settings) {
    var trainer = new BpeTrainer(settings);
    counts.forEach(trainer::addWord);
    trainer.mergeUntilFull();
    return trainer.vocabulary();
  }

  private void addWord(String text, long count) {
    int[] symbols = BpeVocabulary.byteIds(text);
    if (symbols.length > 1 && symbols.length <= MAX_WORD) {
      words.add(new Word(symbols, count));
    }
  }

  private void mergeUntilFull() {
    for (int w = 0; w < words.size(); w++) {
      Word word = words.get(w);
      for (int i = 0; i + 1 < word.length; i++) {
        pair(word.symbols[i], word.symbols[i + 1]).add(word.count, w);
      }
    }
    pairs.values().forEach(pair -> queue.add(pair.candidate()));
    int learned = settings.vocabularySize() - settings.specials().size();
    while (tokens.size() < learned) {
      Pair best = takeBest();
      if (best == null) {
        return;
      }
      merge(best);
    }
  }

  /** The pair with the highest true count, or null when none is frequent enough. */
  private @Nullable Pair takeBest() {
    for (Candidate top = queue.poll(); top != null; top = queue.poll()) {
      Pair pair = top.pair();
      if (pair.count < settings.minimumCount()) {
        continue;
      }
      if (top.count() == pair.count) {
        return pair;
      }
      if (top.count() > pair.count) {
        queue.add(pair.candidate());
      }
    }
    return null;
  }

  private void merge(Pair pair) {
    int merged = idOf(tokens.get(pair.left) + tokens.get(pair.right));
    merges.add(tokens.get(pair.left) + " " + tokens.get(pair.right));
    List<Pair> risen = new ArrayList<>();
    for (int i = 0; i < pair.seenIn; i++) {
      int w = pair.where[i];
      Word word = words.get(w);
      if (!word.holds(pair.left, pair.right)) {
        continue; // an earlier merge took the pair out of this word
      }
      for (int j = 0; j + 1 < word.length; j++) {
        pair(word.symbols[j], word.symbols[j + 1]).count -= word.count;
      }
      word.merge(pair.left, pair.right, merged);
      for (int j = 0; j + 1 < word.length; j++) {
        Pair after = pair(word.symbols[j], word.symbols[j + 1]);
        if (after.left == merged || after.right == merged) {
          after.add(word.count, w);
          if (after.risenAt != merges.size()) {
            after.risenAt = merges.size();
            risen.add(after);
          }
        } else {
          after.count += word.count;
        }
      }
    }
    risen.forEach(after -> queue.add(after.candidate()));
    pairs.remove(key(pair.left, pair.right));
  }

  /** The id of a token; two ways to spell one token share an id. */
  private int idOf(String token) {
    Integer known = ids.get(token);
    if (known != null) {
      return known;
    }
    ids.put(token, tokens.size());
    tokens.add(token);
    return tokens.size() - 1;
  }

  private Pair pair(int left, int right) {
    return pairs.computeIfAbsent(key(left, right), k -> new Pair(left, right));
  }

  private static long key(int left, int right) {
    return (long) left << 32 | right;
  }

  private BpeVocabulary vocabulary() {
    List<String> all = new ArrayList<>(tokens);
    for (String special : settings.specials()) {
      if (ids.containsKey(special)) {
        throw InvalidInputException.of(
            "special token", special, "one that no word of the text spells");
      }
      all.add(special);
    }
    return new BpeVocabulary(all, merges, settings.specials());
  }

  /** A distinct word as it is spelled so far. */
  private static final class Word {
    final int[] symbols;
    final long count;
    int length;

    Word(int[] symbols, long count) {
      this.symbols = symbols;
      this.count = count;
      this.length = symbols.length;
    }

    boolean holds(int left, int right) {
      for (int i = 0; i + 1 < length; i++) {
        if (symbols[i] == left && symbols[i + 1] == right) {
          return true;
        }
      }
      return false;
    }

    void merge(int left, int right, int merged) {
      int to = 0;
      for (int i = 0; i < length; i++) {
        if (i + 1 < length && symbols[i] == left && symbols[i + 1] == right) {
          symbols[to++] = merged;
          i++;
        } else {
          symbols[to++] = symbols[i];
        }
      }
      length = to;
    }
  }

  /** Two neighbours: how often they occur now, and in which words they ever did. */
  private static final class Pair {
    final int left;
    final int right;
    long count;
    int risenAt = -1;
    int[] where = new int[2];
    int seenIn;

    Pair(int left, int right) {
      this.left = left;
      this.right = right;
    }

    void add(long occurrences, int word) {
      count += occurrences;
      if (seenIn > 0 && where[seenIn - 1] == word) {
        return;
      }
      if (seenIn == where.length) {
        where = Arrays.copyOf(where, seenIn * 2);
      }
      where[seenIn++] = word;
    }

    Candidate candidate() {
      return new Candidate(this, count);
    }
  }

  /** A pair in the queue, with the count it had when it was put there. */
  private record Candidate(Pair pair, long count) {
    static final Comparator<Candidate> BEST_FIRST =
        Comparator.comparingLong(Candidate::count)
            .reversed()
            .thenComparingInt(c -> c.pair().left)
            .thenComparingInt(c -> c.pair().right);
  }

  /** How often each word occurs in a corpus, where a word is what GPT-2 never merges across. */
  static final class WordCounts {

    /** GPT-2's split; white space and letters as Unicode has them. */
    static final Pattern GPT2_WORD =
        Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            Pattern.UNICODE_CHARACTER_CLASS);

    private final Map<String, long[]> counts = new HashMap<>();

    /** Counts the words of one document in {@code every}, the first included. */
    static WordCounts of(Iterator<String> documents, int every) {
      WordCounts words = new WordCounts();
      for (long seen = 0; documents.hasNext(); seen++) {
        String document = documents.next();
        if (seen % every == 0) {
          words.add(document);
        }
      }
      return words;
    }

    void add(String document) {
      Matcher word = GPT2_WORD.matcher(document);
      while (word.find()) {
        counts.computeIfAbsent(word.group(), w -> new long[1])[0]++;
      }
    }

    int distinct() {
      return counts.size();
    }

    void forEach(ObjLongConsumer<String> action) {
      counts.forEach((word, count) -> action.accept(word, count[0]));
    }
  }
}

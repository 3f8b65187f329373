package plaudit.eval.copying;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A text's words for the question whether two texts say the same: no case, no punctuation. */
final class Words {

  private Words() {}

  static List<String> of(String text) {
    String plain =
        Normalizer.normalize(text, Normalizer.Form.NFKC)
            .toLowerCase(Locale.ROOT)
            .replaceAll("['\u2019]", "");
    return Arrays.stream(plain.split("[^\\p{L}\\p{M}\\p{N}]+", -1))
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /** The words in one string in which each has a space on both sides. */
  static String spaced(List<String> words) {
    return words.stream().collect(Collectors.joining(" ", " ", " "));
  }
}

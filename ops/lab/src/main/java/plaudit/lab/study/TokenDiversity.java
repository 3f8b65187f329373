package plaudit.lab.study;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import plaudit.tokens.Tokens;

/**
 * How varied texts are: distinct-n is the number of different runs of n tokens over the number of
 * all (Li et al. 2016). Gibberish that repeats itself has little; compare only sets of equally many
 * texts of one length, since it falls as texts get more.
 */
final class TokenDiversity {

  private TokenDiversity() {}

  /** Distinct-n over all texts together, 0 where no text has n tokens. */
  static double distinct(List<Tokens> texts, int n) {
    Set<Tokens> different = new HashSet<>();
    long all = 0;
    for (Tokens text : texts) {
      for (int from = 0; from + n <= text.length(); from++) {
        different.add(text.slice(from, from + n));
        all++;
      }
    }
    return all == 0 ? 0 : (double) different.size() / all;
  }
}

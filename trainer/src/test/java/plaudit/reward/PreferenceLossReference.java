package plaudit.reward;

/**
 * The reward model's loss in slow, plain Java, for the fast tensor code to be compared with (paper
 * 1.2, with the minus sign its equation 1 leaves out): mean over the comparisons of
 * logsumexp(scores) - score of the best.
 */
final class PreferenceLossReference {

  private PreferenceLossReference() {}

  static double loss(float[] scores, int best) {
    double highest = Double.NEGATIVE_INFINITY;
    for (float score : scores) {
      highest = Math.max(highest, score);
    }
    double sum = 0;
    for (float score : scores) {
      sum += Math.exp(score - highest);
    }
    return highest + Math.log(sum) - scores[best];
  }

  static double loss(float[][] scores, int[] best) {
    double sum = 0;
    for (int i = 0; i < best.length; i++) {
      sum += loss(scores[i], best[i]);
    }
    return sum / best.length;
  }
}

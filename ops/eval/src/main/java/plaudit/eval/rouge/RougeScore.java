package plaudit.eval.rouge;

/**
 * ROUGE of one candidate.
 *
 * @param precision share of the candidate found in the reference
 * @param recall share of the reference found in the candidate
 * @param f1 their harmonic mean, 0 where both are
 */
public record RougeScore(double precision, double recall, double f1) {

  static RougeScore of(double precision, double recall) {
    double sum = precision + recall;
    return new RougeScore(precision, recall, sum == 0 ? 0 : 2 * precision * recall / sum);
  }
}

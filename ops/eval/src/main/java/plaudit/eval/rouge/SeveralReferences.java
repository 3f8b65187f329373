package plaudit.eval.rouge;

import java.util.ArrayList;
import java.util.List;

/** How a candidate that has several references is scored; with one they are all the same. */
public enum SeveralReferences {
  /** Matches and units of all references are added up: ROUGE-1.5.5's {@code -f A}. */
  AVERAGE {
    @Override
    public Rouge.Score score(List<Rouge.Overlap> overlaps) {
      return overlaps.stream().reduce(Rouge.Overlap::plus).orElseThrow().score();
    }
  },

  /** The reference of highest recall, the first of equals: ROUGE-1.5.5's {@code -f B}. */
  BEST {
    @Override
    public Rouge.Score score(List<Rouge.Overlap> overlaps) {
      Rouge.Overlap best = overlaps.get(0);
      for (Rouge.Overlap overlap : overlaps) {
        best = overlap.recall() > best.recall() ? overlap : best;
      }
      return best.score();
    }
  },

  /**
   * The best of all references but one, averaged over which one is left out (Lin 2004, section
   * 2.1): comparable with a person who is scored against the others.
   */
  JACKKNIFE {
    @Override
    public Rouge.Score score(List<Rouge.Overlap> overlaps) {
      if (overlaps.size() == 1) {
        return overlaps.get(0).score();
      }
      double precision = 0;
      double recall = 0;
      double f1 = 0;
      for (int out = 0; out < overlaps.size(); out++) {
        List<Rouge.Overlap> others = new ArrayList<>(overlaps);
        others.remove(out);
        Rouge.Score best = BEST.score(others);
        precision += best.precision() / overlaps.size();
        recall += best.recall() / overlaps.size();
        f1 += best.f1() / overlaps.size();
      }
      return new Rouge.Score(precision, recall, f1);
    }
  };

  /** The score from the overlaps with each reference, at least one. */
  public abstract Rouge.Score score(List<Rouge.Overlap> overlaps);
}

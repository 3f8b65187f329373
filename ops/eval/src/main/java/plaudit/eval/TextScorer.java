package plaudit.eval;

import java.util.List;

/** Says how good responses are: the higher the better, on a scale of its own. */
public interface TextScorer extends AutoCloseable {

  /** The scores, in order. */
  double[] score(List<Passage> passages);

  /** What scores, in a few words. */
  String name();

  @Override
  void close();
}

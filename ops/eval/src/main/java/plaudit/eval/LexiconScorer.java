package plaudit.eval;

import java.nio.file.Path;
import java.util.List;
import plaudit.eval.measure.Lexicon;
import plaudit.eval.measure.Valence;

/** Scores by how positive a response is, -1 to 1: the preference of the simulated vendor. */
public final class LexiconScorer implements TextScorer {

  private final Path file;
  private final Valence valence;

  private LexiconScorer(Path file, Valence valence) {
    this.file = file;
    this.valence = valence;
  }

  /** Reads words and valences. */
  public static LexiconScorer open(Path file) {
    return new LexiconScorer(file, new Valence(Lexicon.load(file)));
  }

  @Override
  public double[] score(List<Passage> passages) {
    return passages.stream().mapToDouble(p -> valence.score(p.answer().response())).toArray();
  }

  @Override
  public String name() {
    return "valence by " + file;
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}

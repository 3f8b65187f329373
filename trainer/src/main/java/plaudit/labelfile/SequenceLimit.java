package plaudit.labelfile;

import java.util.ArrayList;
import java.util.List;
import plaudit.reward.RewardExample;
import plaudit.reward.Target;
import plaudit.stats.Agreement;
import plaudit.tokens.Tokens;

/**
 * How many tokens of a query and response the reward model reads. What is too much is cut from the
 * left of the query, so that the response is read whole and right behind what it answers; only a
 * response that is longer than the limit by itself loses its end.
 *
 * @param tokens at most, at least 1
 */
public record SequenceLimit(int tokens) {

  /**
   * Rows as the reward model reads them.
   *
   * @param examples one for each row with a target
   * @param queriesCut sequences whose query was cut
   * @param responsesCut sequences whose response was cut
   * @param sequences all of them
   * @param longest what always taking the response of most tokens, before any cut, agrees with: a
   *     rule that reads nothing
   */
  public record Fitted(
      List<RewardExample> examples,
      long queriesCut,
      long responsesCut,
      long sequences,
      Agreement longest) {
    public Fitted {
      examples = List.copyOf(examples);
    }
  }

  /** The sequence of one response. */
  Tokens sequence(Tokens query, Tokens response) {
    Tokens kept = response.slice(0, Math.min(response.length(), tokens));
    int room = Math.min(query.length(), tokens - kept.length());
    return query.slice(query.length() - room, query.length()).concat(kept);
  }

  /** All rows that have a target. */
  public Fitted fit(List<LabelRow> rows) {
    List<RewardExample> examples = new ArrayList<>();
    long queriesCut = 0;
    long responsesCut = 0;
    long sequences = 0;
    Agreement longest = Agreement.NONE;
    for (LabelRow row : rows) {
      if (row.target().isEmpty()) {
        continue;
      }
      Target target = row.target().get();
      Tokens query = row.query().tokens();
      List<Tokens> read = new ArrayList<>();
      for (LabelRow.Passage response : row.responses()) {
        int length = response.tokens().length();
        read.add(sequence(query, response.tokens()));
        sequences++;
        responsesCut += length > tokens ? 1 : 0;
        queriesCut += query.length() > Math.max(0, tokens - length) ? 1 : 0;
      }
      RewardExample example = new RewardExample(read, target);
      longest = example.countIn(longest, lengths(row));
      examples.add(example);
    }
    return new Fitted(examples, queriesCut, responsesCut, sequences, longest);
  }

  private static float[] lengths(LabelRow row) {
    float[] lengths = new float[row.responses().size()];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = row.responses().get(i).tokens().length();
    }
    return lengths;
  }
}

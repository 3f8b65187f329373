package plaudit.reward;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One pass over the training rows: a fresh permutation, cut into optimizer steps (paper 2.2). Rows
 * of a step have equally many responses, so that their rewards make a rectangle; where a file mixes
 * them, rows wait until a step of their kind is full, and the rest makes smaller steps at the end.
 */
final class RewardBatches {

  private RewardBatches() {}

  /** Each row exactly once. */
  static List<List<RewardExample>> of(List<RewardExample> examples, int batch, Random random) {
    List<RewardExample> shuffled = new ArrayList<>(examples);
    Collections.shuffle(shuffled, random);
    Map<Integer, List<RewardExample>> open = new LinkedHashMap<>();
    List<List<RewardExample>> batches = new ArrayList<>();
    for (RewardExample example : shuffled) {
      List<RewardExample> rows =
          open.computeIfAbsent(example.responses(), responses -> new ArrayList<>());
      rows.add(example);
      if (rows.size() == batch) {
        batches.add(rows);
        open.remove(example.responses());
      }
    }
    batches.addAll(open.values());
    return batches;
  }
}

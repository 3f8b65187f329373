package plaudit.reward;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import plaudit.labels.Choice;
import plaudit.labels.Label;

/**
 * Which labels train the reward model and which only measure it. Decided by a hash of the
 * comparison's id alone: a label keeps its side over restarts, retrainings and orders of arrival,
 * and all judgments of one comparison are on one side. Where a number of labels is to train
 * exactly, as in the release, those with the greatest hashes do.
 *
 * @param heldOutShare of the comparisons, 0 for none
 * @param exactly preferences that train, 0 for all that are not held out
 */
public record LabelSplit(double heldOutShare, int exactly) {

  /** A split by share. */
  public LabelSplit(double heldOutShare) {
    this(heldOutShare, 0);
  }

  public LabelSplit {
    if (!(heldOutShare >= 0 && heldOutShare < 1)) {
      throw new IllegalArgumentException(
          "held-out share: " + heldOutShare + " (expected: >= 0 and < 1)");
    }
  }

  /** Labels by side, each in the order they came. */
  public record Sides(List<Label> training, List<Label> heldOut) {
    public Sides {
      training = List.copyOf(training);
      heldOut = List.copyOf(heldOut);
    }
  }

  /** Whether labels of this comparison are kept from training. */
  public boolean heldOut(String comparisonId) {
    return (hash(comparisonId) >>> 11) * 0x1p-53 < heldOutShare;
  }

  /** Both sides of {@code labels}. */
  public Sides split(List<Label> labels) {
    return exactly > 0 ? exact(labels) : byShare(labels);
  }

  /** Further judgments of the comparison at the border are on neither side. */
  private Sides exact(List<Label> labels) {
    Map<String, List<Label>> byComparison = new LinkedHashMap<>();
    for (Label label : labels) {
      byComparison.computeIfAbsent(label.comparison().id(), id -> new ArrayList<>()).add(label);
    }
    List<String> order = new ArrayList<>(byComparison.keySet());
    order.sort(
        Comparator.comparingLong((String id) -> hash(id) >>> 11)
            .reversed()
            .thenComparing(Comparator.naturalOrder()));
    Set<Label> training = new HashSet<>();
    Set<Label> heldOut = new HashSet<>();
    int preferences = 0;
    for (String id : order) {
      boolean full = preferences == exactly;
      for (Label label : byComparison.getOrDefault(id, List.of())) {
        if (full) {
          heldOut.add(label);
        } else if (preferences < exactly) {
          training.add(label);
          preferences += label.judgment().choice() instanceof Choice.Best ? 1 : 0;
        }
      }
    }
    return new Sides(
        labels.stream().filter(training::contains).toList(),
        labels.stream().filter(heldOut::contains).toList());
  }

  private Sides byShare(List<Label> labels) {
    List<Label> training = new ArrayList<>();
    List<Label> heldOut = new ArrayList<>();
    for (Label label : labels) {
      (heldOut(label.comparison().id()) ? heldOut : training).add(label);
    }
    return new Sides(training, heldOut);
  }

  /** FNV-1a over the bytes, then the finisher of SplitMix64 so that every bit depends on all. */
  static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
    return hash ^ (hash >>> 31);
  }
}

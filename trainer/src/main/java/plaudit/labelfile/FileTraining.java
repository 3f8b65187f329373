package plaudit.labelfile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import plaudit.experience.ShuffledPrompts;
import plaudit.input.InvalidInputException;
import plaudit.labelfile.SequenceLimit.Fitted;
import plaudit.model.Compute;
import plaudit.model.ReferenceModel;
import plaudit.model.TorchNet;
import plaudit.optim.MicroBatch;
import plaudit.reward.GroupSplit;
import plaudit.reward.ReferenceSamples;
import plaudit.reward.RewardExample;
import plaudit.reward.RewardLoss;
import plaudit.reward.RewardNet;
import plaudit.reward.RewardQuality;
import plaudit.reward.RewardSettings;
import plaudit.reward.RewardTraining;
import plaudit.sampling.Generation;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;
import plaudit.training.TrainingObserver;

/**
 * A reward model from label files instead of a run (paper 1.2, 1.3): the same training, with whole
 * groups of rows held out. The scale is measured on responses that the reference writes to the
 * training rows' own queries, as long as the labelled ones are on average.
 *
 * @param settings loss, passes, learning rate, normalisation
 * @param limit tokens the model reads
 * @param heldOutShare of the rows, in whole groups; 0 for none
 * @param trainingRows at most so many of the others are drawn to train on; 0 for all
 * @param temperature at which the reference writes
 * @param seed of the head, the permutations and the split
 */
public record FileTraining(
    RewardSettings settings,
    SequenceLimit limit,
    double heldOutShare,
    int trainingRows,
    float temperature,
    long seed) {

  private static final int ROWS_AT_ONCE = 16;

  public FileTraining {
    if (!(heldOutShare >= 0 && heldOutShare < 1)) {
      throw InvalidInputException.of("held-out", heldOutShare, ">= 0 and < 1");
    }
    if (trainingRows < 0) {
      throw InvalidInputException.of("training rows", trainingRows, ">= 0");
    }
  }

  /**
   * Rows by side.
   *
   * @param heldOutGroups whose rows are held out, in order
   */
  public record Sides(
      List<LabelRow> training, List<LabelRow> heldOut, int groups, Set<String> heldOutGroups) {}

  /** Holds whole groups out. */
  public Sides split(List<LabelRow> rows) {
    Map<String, Integer> sizes = new LinkedHashMap<>();
    rows.forEach(row -> sizes.merge(row.group(), 1, Integer::sum));
    return sides(
        rows,
        sizes.size(),
        heldOutShare == 0 ? Set.of() : new GroupSplit(seed).heldOut(sizes, heldOutShare));
  }

  /**
   * Holds every {@code of}-th group out, from the {@code fold}-th on: over all folds each row
   * measures once.
   *
   * @param fold from 1 to {@code of}
   */
  public Sides fold(List<LabelRow> rows, int fold, int of) {
    Set<String> groups = new LinkedHashSet<>();
    rows.forEach(row -> groups.add(row.group()));
    if (fold < 1 || fold > of || of < 2 || groups.size() < of) {
      throw InvalidInputException.of(
          "fold",
          fold + "/" + of,
          "I/K, I from 1 to K, K from 2 to the %d groups there are".formatted(groups.size()));
    }
    return sides(rows, groups.size(), new GroupSplit(seed).fold(groups, fold, of));
  }

  /**
   * Trains on the first {@code training} rows and holds the others out, as the release does: cut
   * before any permutation, and a multiple of the batch (paper 2.2). Others with the texts of one
   * of the first are left out.
   */
  public Sides first(List<LabelRow> rows, int training) {
    if (training < 1 || training > rows.size() || training % settings.batch() != 0) {
      throw InvalidInputException.of(
          "num-train",
          training,
          "a multiple of reward.batch, %d, and at most the %d rows there are"
              .formatted(settings.batch(), rows.size()));
    }
    long groups = rows.stream().map(LabelRow::group).distinct().count();
    Set<Object> trained = new HashSet<>();
    rows.subList(0, training).forEach(row -> trained.add(row.texts()));
    return new Sides(
        List.copyOf(rows.subList(0, training)),
        rows.stream().skip(training).filter(row -> !trained.contains(row.texts())).toList(),
        Math.toIntExact(groups),
        Set.of());
  }

  private Sides sides(List<LabelRow> rows, int groups, Set<String> heldOut) {
    List<LabelRow> training =
        new ArrayList<>(rows.stream().filter(row -> !heldOut.contains(row.group())).toList());
    if (trainingRows > 0 && trainingRows < training.size()) {
      Collections.shuffle(training, new Random(seed + 3));
      training = training.subList(0, trainingRows);
    }
    return new Sides(
        List.copyOf(training),
        rows.stream().filter(row -> heldOut.contains(row.group())).toList(),
        groups,
        heldOut);
  }

  /** Refuses rows that the loss cannot learn from, naming the first. */
  public static void check(List<LabelRow> rows, RewardLoss loss) {
    for (LabelRow row : rows) {
      if (row.target().isPresent() && !loss.accepts(row.target().get())) {
        throw InvalidInputException.of(
            row.place(),
            row.target().get().name(),
            loss.expects() + ", which is what reward.loss = " + loss.configName() + " learns from");
      }
    }
  }

  /**
   * Trains on the training side.
   *
   * @param net fresh; see {@link #start}
   */
  public RewardTraining.Outcome train(
      RewardNet net,
      ReferenceModel reference,
      Sides sides,
      Fitted training,
      Compute compute,
      TrainingObserver observer) {
    if (training.examples().isEmpty()) {
      throw InvalidInputException.of("rows to train on", 0, "at least one with a preference");
    }
    ReferenceSamples samples = samples(reference, sides.training(), compute);
    return new RewardTraining(
            settings, training.examples(), samples, new Random(seed + 1), observer)
        .run(net);
  }

  /** The reference with a fresh head. */
  public RewardNet start(ReferenceModel reference, Compute compute, MicroBatch microBatch) {
    return RewardNet.fresh(
        reference.config(),
        reference::tensor,
        new Random(seed),
        settings.adam(),
        compute,
        microBatch);
  }

  /** How well a model does on rows; its scale is that of {@code scores}. */
  public static RewardQuality measure(
      RewardLoss loss, List<RewardExample> examples, Scores scores) {
    List<float[]> rewards = new ArrayList<>();
    for (int from = 0; from < examples.size(); from += ROWS_AT_ONCE) {
      List<RewardExample> some =
          examples.subList(from, Math.min(from + ROWS_AT_ONCE, examples.size()));
      float[] all = scores.of(some.stream().flatMap(row -> row.sequences().stream()).toList());
      int at = 0;
      for (RewardExample example : some) {
        rewards.add(Arrays.copyOfRange(all, at, at + example.responses()));
        at += example.responses();
      }
    }
    return RewardQuality.of(loss, examples, rewards);
  }

  /** A reward model that reads. */
  @FunctionalInterface
  public interface Scores {
    /** The reward of each sequence. */
    float[] of(List<Tokens> sequences);
  }

  /** Whole responses of the reference to the rows' queries (paper X3). */
  private ReferenceSamples samples(ReferenceModel reference, List<LabelRow> rows, Compute compute) {
    double mean =
        rows.stream()
            .flatMap(row -> row.responses().stream())
            .mapToInt(response -> Math.min(response.tokens().length(), limit.tokens()))
            .average()
            .orElse(1);
    int length = Math.toIntExact(Math.max(1, Math.min(Math.round(mean), limit.tokens() - 1)));
    List<Tokens> queries = new ArrayList<>();
    for (LabelRow row : rows) {
      Tokens query = row.query().tokens();
      // A model writes behind something: where there is no query, behind the first word given.
      Tokens begin = query.length() > 0 ? query : row.responses().get(0).tokens().slice(0, 1);
      int kept = Math.min(begin.length(), Math.max(1, limit.tokens() - length));
      queries.add(begin.slice(begin.length() - kept, begin.length()));
    }
    Task task = new Task(Tokens.of(), Tokens.of(), length, temperature, TruncationRule.NONE, true);
    try (TorchNet net = reference.net(compute)) {
      return ReferenceSamples.write(
          net,
          new Generation(task, seed),
          new ShuffledPrompts(queries, seed + 2),
          settings.normaliseSamples());
    }
  }
}

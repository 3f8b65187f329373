package plaudit.policy;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import plaudit.experience.Trajectory;

/**
 * What one optimizer step learns from. Its rows can be parted: the gradients of the parts, each
 * counted by its share of the {@link #weight}, add up to that of the whole.
 */
public sealed interface MinibatchTargets {

  /** How many trajectories, or pairs of them. */
  int rows();

  /** The rows from {@code from} to {@code to}, exclusive. */
  MinibatchTargets part(int from, int to);

  /** What shares are counted in: response tokens, or pairs. */
  long weight();

  /** What the value estimates should have been, shape {@code [batch][T]}; empty without them. */
  default Optional<float[][]> returns() {
    return Optional.empty();
  }

  /** The value estimates that the targets were made with, same shape; empty without returns. */
  default Optional<float[][]> values() {
    return Optional.empty();
  }

  /**
   * Makes each token likelier by its advantage, within the clip range.
   *
   * @param batch the trajectories, in the order of the rows below; their log-probabilities are what
   *     ratios are taken to
   * @param advantages shape {@code [batch][T]}, ragged where responses end early
   * @param returns what the value estimates should have been, same shape; empty without them
   * @param weights of each token in the policy's loss, same shape; 1 without a {@link Correction}
   */
  // Raw arrays on purpose: they live for one update and are copied into tensors.
  @SuppressWarnings("ArrayRecordComponent")
  record AdvantageTargets(
      List<Trajectory> batch, float[][] advantages, Optional<float[][]> returns, float[][] weights)
      implements MinibatchTargets {

    @Override
    public int rows() {
      return batch.size();
    }

    @Override
    public AdvantageTargets part(int from, int to) {
      return new AdvantageTargets(
          List.copyOf(batch.subList(from, to)),
          Arrays.copyOfRange(advantages, from, to),
          returns.map(all -> Arrays.copyOfRange(all, from, to)),
          Arrays.copyOfRange(weights, from, to));
    }

    /** The rows of these numbers. */
    AdvantageTargets some(List<Integer> numbers) {
      return new AdvantageTargets(
          numbers.stream().map(batch::get).toList(),
          some(advantages, numbers),
          returns.map(all -> some(all, numbers)),
          some(weights, numbers));
    }

    private static float[][] some(float[][] all, List<Integer> numbers) {
      return numbers.stream().map(number -> all[number]).toArray(float[][]::new);
    }

    @Override
    public Optional<float[][]> values() {
      return returns.map(
          all -> batch.stream().map(t -> t.rollout().values().toArray()).toArray(float[][]::new));
    }

    @Override
    public long weight() {
      return batch.stream().mapToLong(t -> t.rollout().response().length()).sum();
    }
  }

  /** Prefers one response of each pair to the other. */
  record PreferenceTargets(List<Pair> pairs) implements MinibatchTargets {

    @Override
    public int rows() {
      return pairs.size();
    }

    @Override
    public PreferenceTargets part(int from, int to) {
      return new PreferenceTargets(List.copyOf(pairs.subList(from, to)));
    }

    @Override
    public long weight() {
      return pairs.size();
    }
  }

  /**
   * Two responses to one prompt.
   *
   * @param target probability that the chosen one is preferred, 1 for certain
   */
  record Pair(Trajectory chosen, Trajectory rejected, double target) {}
}

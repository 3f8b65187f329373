package plaudit.policy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import plaudit.experience.Trajectory;
import plaudit.tokens.TokenVersions;

/**
 * What one policy update was like; {@code docs/metrics.md} explains each number.
 *
 * @param version the version it made
 * @param numbers by metric name, in order
 */
public record UpdateReport(long version, Map<String, Double> numbers) {

  /** Keeps a copy. */
  public UpdateReport {
    numbers = Collections.unmodifiableMap(new LinkedHashMap<>(numbers));
  }

  /**
   * The report of an update.
   *
   * @param before the version before the update
   * @param batch that it learned from
   * @param beta KL coefficient
   * @param stats measured on the way
   */
  static UpdateReport of(
      long before, List<Trajectory> batch, double beta, double learningRate, UpdateStats stats) {
    double score = mean(batch, Trajectory::score);
    double kl = mean(batch, Trajectory::kl);
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("objective/score", score);
    numbers.put("objective/kl", kl);
    numbers.put("objective/kl_k3", mean(batch, UpdateReport::k3));
    numbers.put("objective/entropy", mean(batch, t -> -t.rollout().logprobs().sum()));
    numbers.put("policy/entropy", tokenEntropy(batch));
    numbers.put("objective/score_total", score - beta * kl);
    numbers.put("objective/valid", mean(batch, t -> t.valid() ? 1 : 0));
    numbers.put("policy/beta", beta);
    numbers.put("policy/learning_rate", learningRate);
    numbers.putAll(stats.numbers());
    numbers.putAll(staleness(before, batch));
    return new UpdateReport(before + 1, numbers);
  }

  /** One number; 0 if it is not there. */
  public double get(String name) {
    return numbers.getOrDefault(name, 0.0);
  }

  /** This report and one more number. */
  UpdateReport with(String name, double value) {
    Map<String, Double> more = new LinkedHashMap<>(numbers);
    more.put(name, value);
    return new UpdateReport(version, more);
  }

  /**
   * An estimate of a response's KL in nats from its sampled tokens: with d = log rho - log pi of a
   * token, the sum of exp(d) - 1 - d. Unbiased like the sum of -d that the policy pays for, never
   * negative, and less noisy.
   */
  static double k3(Trajectory trajectory) {
    double sum = 0;
    for (int t = 0; t < trajectory.refLogprobs().length(); t++) {
      double d = (double) trajectory.refLogprobs().get(t) - trajectory.rollout().logprobs().get(t);
      sum += Math.expm1(d) - d;
    }
    return sum;
  }

  /**
   * Mean of -log pi of the sampled tokens, in nats a token: the entropy of the policy's next token,
   * estimated without bias by what it sampled.
   */
  private static double tokenEntropy(List<Trajectory> batch) {
    double sum = 0;
    long tokens = 0;
    for (Trajectory trajectory : batch) {
      sum -= trajectory.rollout().logprobs().sum();
      tokens += trajectory.rollout().logprobs().length();
    }
    return sum / tokens;
  }

  /** The mean counts tokens; the maximum is that of the oldest token, as the hard bound has it. */
  private static Map<String, Double> staleness(long version, List<Trajectory> batch) {
    List<TokenVersions> written = batch.stream().map(t -> t.rollout().versions()).toList();
    long age = written.stream().mapToLong(versions -> versions.age(version)).sum();
    long tokens = written.stream().mapToLong(TokenVersions::length).sum();
    long oldest = written.stream().mapToLong(TokenVersions::oldest).min().orElse(version);
    double mixed = written.stream().filter(TokenVersions::isMixed).count();
    return Map.of(
        "async/staleness_mean",
        (double) age / tokens,
        "async/staleness_max",
        (double) (version - oldest),
        "async/swapped",
        mixed / batch.size());
  }

  private static double mean(List<Trajectory> batch, ToDoubleFunction<Trajectory> number) {
    return batch.stream().mapToDouble(number).average().orElse(0);
  }
}

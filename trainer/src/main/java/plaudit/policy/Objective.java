package plaudit.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import plaudit.experience.Trajectory;
import plaudit.policy.Advantages.Estimates;
import plaudit.policy.Correction.Kind;
import plaudit.policy.MinibatchTargets.AdvantageTargets;
import plaudit.policy.MinibatchTargets.Pair;
import plaudit.policy.MinibatchTargets.PreferenceTargets;

/**
 * What a minibatch teaches: the one place where algorithms differ. Each is a pure rule from scored
 * rollouts to {@link MinibatchTargets}, whose loss {@link GradientAccumulator} runs backward.
 *
 * <p>All of them maximise E[score] - beta KL(pi, rho), whose optimum is pi*(y|x) ~ rho(y|x)
 * exp(score / beta). The KL penalty is part of the reward in each, and not a term of the loss:
 * there the estimator usually taken (k3) has a biased gradient.
 */
public sealed interface Objective {

  /**
   * The targets of a minibatch.
   *
   * @param groups trajectories of one prompt together; singletons without groups
   * @param beta KL coefficient
   * @param ratios of the learner's probabilities to the sampler's, token by token
   */
  MinibatchTargets targets(List<List<Trajectory>> groups, double beta, ImportanceRatios ratios);

  /** The targets where nothing is corrected: every ratio is 1. */
  default MinibatchTargets targets(List<List<Trajectory>> groups, double beta) {
    return targets(groups, beta, ImportanceRatios.none(List.of()));
  }

  /**
   * The groups of a batch, responses to one prompt together, in the order of their first members.
   *
   * @param size responses to each prompt; with 1 every trajectory stands alone
   */
  static List<List<Trajectory>> groups(List<Trajectory> batch, int size) {
    if (size == 1) {
      return batch.stream().map(List::of).toList();
    }
    Map<Long, List<Trajectory>> byPrompt = new LinkedHashMap<>();
    for (Trajectory trajectory : batch) {
      byPrompt
          .computeIfAbsent(trajectory.rollout().promptId(), id -> new ArrayList<>())
          .add(trajectory);
    }
    byPrompt.forEach(
        (id, group) -> {
          if (group.size() != size) {
            throw new IllegalArgumentException(
                "responses to prompt %d: %d (expected: %d)".formatted(id, group.size(), size));
          }
        });
    return List.copyOf(byPrompt.values());
  }

  /**
   * The paper's algorithm (3.5, 3.7 steps 1 to 4): rewards from score and KL penalty, whitened with
   * their mean kept; generalised advantages from the values of the rollout, or {@link VTrace}'s;
   * advantages whitened over the minibatch.
   *
   * @param gamma discount a token
   * @param lambda how far advantages look ahead
   * @param whitenRewards whether rewards are brought to variance 1
   * @param parts of the minibatch that are whitened each by itself; 1 in the paper, 8 in the
   *     release
   * @param correction for responses of an older policy
   */
  record Ppo(double gamma, double lambda, boolean whitenRewards, int parts, Correction correction)
      implements Objective {

    /** As in the paper. */
    public Ppo(double gamma, double lambda, boolean whitenRewards) {
      this(gamma, lambda, whitenRewards, 1, Correction.NONE);
    }

    @Override
    public MinibatchTargets targets(
        List<List<Trajectory>> groups, double beta, ImportanceRatios ratios) {
      List<Trajectory> batch = groups.stream().flatMap(List::stream).toList();
      float[][] rewards = TokenRewards.of(batch, beta);
      if (whitenRewards) {
        rewards = Whitening.whitenKeepingMean(rewards, parts);
      }
      float[][] values =
          batch.stream().map(t -> t.rollout().values().toArray()).toArray(float[][]::new);
      Estimates estimates =
          correction.kind() == Kind.V_TRACE
              ? VTrace.estimate(rewards, values, ratios.of(batch), gamma, lambda, correction)
              : Advantages.estimate(rewards, values, gamma, lambda);
      return new AdvantageTargets(
          batch,
          Whitening.whiten(estimates.advantages(), parts),
          Optional.of(estimates.returns()),
          ratios.weights(batch, correction));
    }
  }

  /**
   * REINFORCE, leave one out (Ahmadian et al. 2024): a response is worth its score less its KL
   * penalty, and its advantage is what that exceeds the mean of the <em>other</em> responses to the
   * same prompt. An unbiased baseline without a value network.
   *
   * @param correction for responses of an older policy
   */
  record Rloo(Correction correction) implements Objective {

    @Override
    public MinibatchTargets targets(
        List<List<Trajectory>> groups, double beta, ImportanceRatios ratios) {
      return compared(groups, beta, Rloo::advantages, ratios, correction);
    }

    /** A_i = R_i - mean of R_j over j != i. */
    static double[] advantages(double[] rewards) {
      double sum = 0;
      for (double reward : rewards) {
        sum += reward;
      }
      double[] advantages = new double[rewards.length];
      for (int i = 0; i < rewards.length; i++) {
        advantages[i] = rewards[i] - (sum - rewards[i]) / (rewards.length - 1);
      }
      return advantages;
    }
  }

  /**
   * Group-relative advantages (Shao et al. 2024): a response's reward less its group's mean, over
   * the group's standard deviation. A prompt whose responses hardly differ weighs as much as one
   * whose responses differ much.
   *
   * @param correction for responses of an older policy
   */
  record Grpo(Correction correction) implements Objective {

    private static final double EPSILON = 1e-4;

    @Override
    public MinibatchTargets targets(
        List<List<Trajectory>> groups, double beta, ImportanceRatios ratios) {
      return compared(groups, beta, Grpo::advantages, ratios, correction);
    }

    /** A_i = (R_i - mean) / (sample standard deviation + 1e-4). */
    static double[] advantages(double[] rewards) {
      double mean = 0;
      for (double reward : rewards) {
        mean += reward / rewards.length;
      }
      double squares = 0;
      for (double reward : rewards) {
        squares += (reward - mean) * (reward - mean);
      }
      double deviation = Math.sqrt(squares / (rewards.length - 1));
      double[] advantages = new double[rewards.length];
      for (int i = 0; i < rewards.length; i++) {
        advantages[i] = (rewards[i] - mean) / (deviation + EPSILON);
      }
      return advantages;
    }
  }

  /** Advantages from comparing responses to one prompt: one number a response, for each token. */
  private static MinibatchTargets compared(
      List<List<Trajectory>> groups,
      double beta,
      UnaryOperator<double[]> advantages,
      ImportanceRatios ratios,
      Correction correction) {
    List<Trajectory> batch = new ArrayList<>();
    List<float[]> rows = new ArrayList<>();
    for (List<Trajectory> group : groups) {
      double[] rewards = group.stream().mapToDouble(t -> t.score() - beta * t.kl()).toArray();
      double[] own = advantages.apply(rewards);
      for (int i = 0; i < own.length; i++) {
        batch.add(group.get(i));
        float[] row = new float[group.get(i).rollout().response().length()];
        Arrays.fill(row, (float) own[i]);
        rows.add(row);
      }
    }
    return new AdvantageTargets(
        batch, rows.toArray(float[][]::new), Optional.empty(), ratios.weights(batch, correction));
  }

  /**
   * Direct preference optimisation on fresh samples (Guo et al. 2024): of each group the response
   * with the highest score is preferred to the one with the lowest. A group of equal scores teaches
   * nothing.
   *
   * @param softLabels whether a pair's preference has the probability sigmoid(difference of
   *     scores), as the reward model says, rather than 1. With soft labels the optimum is that of
   *     PPO; with hard ones the policy goes on past it
   */
  record OnlineDpo(boolean softLabels) implements Objective {

    private static final Comparator<Trajectory> BY_SCORE =
        Comparator.comparingDouble(Trajectory::score);

    @Override
    public MinibatchTargets targets(
        List<List<Trajectory>> groups, double beta, ImportanceRatios ratios) {
      List<Pair> pairs = new ArrayList<>();
      for (List<Trajectory> group : groups) {
        Trajectory best = group.stream().max(BY_SCORE).orElseThrow();
        Trajectory worst = group.stream().min(BY_SCORE).orElseThrow();
        double lead = best.score() - worst.score();
        if (lead > 0) {
          pairs.add(new Pair(best, worst, softLabels ? 1 / (1 + Math.exp(-lead)) : 1));
        }
      }
      return new PreferenceTargets(pairs);
    }
  }
}

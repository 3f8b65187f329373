package plaudit.optim;

/**
 * The policy's losses as TorchScript text (paper 3.7; section 9 for those after 2019).
 *
 * <p>Conventions: {@code ids [B, T']} is context and response of each row, padded with -1; matrices
 * {@code [B, n]} belong to the last {@code n} columns. A response shorter than {@code n} is padded
 * on the right, and padded places count in no mean. Means are over the tokens that are there, so
 * that a micro-batch weighted by its share of the tokens adds up to the whole.
 *
 * <p>The arithmetic is in methods of its own without a network ({@code clipped_policy}, {@code
 * clipped_value}, {@code preference}), which tests hold against the paper's golden numbers.
 */
final class PolicyScript {

  private PolicyScript() {}

  /**
   * {@code present(ids, n) -> [B, n]}: 1 where the response has a token. {@code token_mean(x, m)}.
   *
   * <p>{@code clipped_policy(logp, old_logp, advantages, weights, m, clip)}: the clipped surrogate,
   * each token's times its weight, which is constant. Results: policy loss, approximate KL, share
   * of clipped ratios, largest ratio.
   *
   * <p>{@code clipped_value(values, old_values, returns, m, clip)}: half the mean of the larger
   * squared error, clipped or not; and the share where the clipped one was.
   *
   * <p>{@code preference(logp, ref_logp, m, target, beta)}: rows come in pairs, chosen before
   * rejected; minus the mean log-likelihood of the preference, which has probability {@code
   * target}, under the policy's implied reward beta log(pi/rho). Results: loss, share of pairs the
   * policy orders right, mean margin of the implied rewards.
   */
  private static final String ARITHMETIC =
      """
      def present(self, ids: Tensor, n: int) -> Tensor:
        t = torch.size(ids, 1)
        return torch.to(torch.ge(torch.slice(ids, 1, torch.sub(t, n), t), 0), 6)
      def token_mean(self, x: Tensor, m: Tensor) -> Tensor:
        return torch.div(torch.sum(torch.mul(x, m)), torch.sum(m))
      def clipped_policy(self, logp: Tensor, old_logp: Tensor, advantages: Tensor, weights: Tensor, m: Tensor, clip: float) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
        diff = torch.mul(torch.sub(logp, old_logp), m)
        ratio = torch.exp(diff)
        minus = torch.neg(advantages)
        one = torch.mul(minus, ratio)
        two = torch.mul(minus, torch.clamp(ratio, torch.sub(1., clip), torch.add(1., clip)))
        pg = (self).token_mean(torch.mul(torch.maximum(one, two), weights), m, )
        approx = torch.mul((self).token_mean(torch.square(torch.detach(diff)), m, ), 0.5)
        clips = (self).token_mean(torch.to(torch.gt(two, one), 6), m, )
        return (pg, approx, clips, torch.max(torch.detach(ratio)))
      def clipped_value(self, values: Tensor, old_values: Tensor, returns: Tensor, m: Tensor, clip: float) -> Tuple[Tensor, Tensor]:
        low = torch.sub(old_values, clip)
        high = torch.add(old_values, clip)
        clipped = torch.minimum(torch.maximum(values, low), high)
        v1 = torch.square(torch.sub(values, returns))
        v2 = torch.square(torch.sub(clipped, returns))
        vf = torch.mul((self).token_mean(torch.maximum(v1, v2), m, ), 0.5)
        clips = (self).token_mean(torch.to(torch.gt(v2, v1), 6), m, )
        return (vf, clips)
      def preference(self, logp: Tensor, ref_logp: Tensor, m: Tensor, target: Tensor, beta: float) -> Tuple[Tensor, Tensor, Tensor]:
        drift = torch.sum(torch.mul(torch.sub(logp, ref_logp), m), [1])
        pairs = torch.reshape(drift, [-1, 2])
        h = torch.mul(torch.sub(torch.select(pairs, 1, 0), torch.select(pairs, 1, 1)), beta)
        yes = torch.mul(target, torch.log_sigmoid(h))
        no = torch.mul(torch.rsub(target, 1.), torch.log_sigmoid(torch.neg(h)))
        loss = torch.neg(torch.mean(torch.add(yes, no)))
        right = torch.mean(torch.to(torch.gt(torch.detach(h), 0.), 6))
        return (loss, right, torch.mean(torch.detach(h)))
      """;

  /**
   * {@code ppo_loss(ids, old_logp, old_values, advantages, returns, weights, knobs [5])}: the
   * clipped surrogate plus the clipped value loss of a shared trunk. Knobs: temperature, clip range
   * of the ratio, clip range of the value, value coefficient (0 where nothing else is learnt here),
   * scale of the loss. Results: loss, policy loss, value loss, approximate KL, share of clipped
   * ratios, share of clipped values, largest ratio, new log-probabilities, new values.
   *
   * <p>{@code value_loss(ids, old_values, returns, knobs [2])}: the value loss of a network of its
   * own. Knobs: clip range, scale. Results: loss, value loss, share of clipped values. {@code
   * values(ids, n) -> [B, n]}: its estimates.
   *
   * <p>{@code dpo_loss(ids [2P, T'], old_logp, ref_logp, target [P], knobs [3])}: the preference
   * loss of P pairs. Knobs: temperature, beta, scale. Results: loss, preference loss, share ordered
   * right, mean margin, approximate KL, largest ratio, new log-probabilities.
   */
  private static final String LOSSES =
      """
      def ppo_loss(self, ids: Tensor, old_logp: Tensor, old_values: Tensor, advantages: Tensor, returns: Tensor, weights: Tensor, knobs: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        n = torch.size(old_logp, 1)
        temp = float(torch.select(knobs, 0, 0))
        m = (self).present(ids, n, )
        logp, values = (self).response(ids, n, temp, w, )
        pg, approx, clips, largest = (self).clipped_policy(logp, old_logp, advantages, weights, m, float(torch.select(knobs, 0, 1)), )
        vf, vclips = (self).clipped_value(values, old_values, returns, m, float(torch.select(knobs, 0, 2)), )
        both = torch.add(pg, torch.mul(vf, torch.select(knobs, 0, 3)))
        loss = torch.mul(both, torch.select(knobs, 0, 4))
        return (loss, pg, vf, approx, clips, vclips, largest, torch.detach(logp), torch.detach(values))
      def values(self, ids: Tensor, n: int, w: List[Tensor]) -> Tensor:
        t = torch.size(ids, 1)
        h = torch.slice((self).hidden(ids, w, ), 1, torch.sub(torch.sub(t, n), 1), torch.sub(t, 1))
        return (self).scalar(h, w, )
      def value_loss(self, ids: Tensor, old_values: Tensor, returns: Tensor, knobs: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor]:
        n = torch.size(old_values, 1)
        values = (self).values(ids, n, w, )
        vf, clips = (self).clipped_value(values, old_values, returns, (self).present(ids, n, ), float(torch.select(knobs, 0, 0)), )
        return (torch.mul(vf, torch.select(knobs, 0, 1)), vf, clips)
      def dpo_loss(self, ids: Tensor, old_logp: Tensor, ref_logp: Tensor, target: Tensor, knobs: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        n = torch.size(ref_logp, 1)
        temp = float(torch.select(knobs, 0, 0))
        m = (self).present(ids, n, )
        logp, ignored = (self).response(ids, n, temp, w, )
        mean, right, margin = (self).preference(logp, ref_logp, m, target, float(torch.select(knobs, 0, 1)), )
        diff = torch.mul(torch.sub(torch.detach(logp), old_logp), m)
        approx = torch.mul((self).token_mean(torch.square(diff), m, ), 0.5)
        loss = torch.mul(mean, torch.select(knobs, 0, 2))
        return (loss, mean, right, margin, approx, torch.max(torch.exp(diff)), torch.detach(logp))
      """;

  static final String TEXT = (ARITHMETIC + LOSSES).indent(2);
}

package plaudit.optim;

import plaudit.model.ModelConfig;

/**
 * What going backward adds to the forward pass, as TorchScript text: one method per loss and the
 * optimizer step. Arguments of losses are arrays, since only arrays travel on the recording path;
 * numbers come as arrays of one element.
 */
public final class TrainingScript {

  private TrainingScript() {}

  /** The losses and the optimizer over the forward pass of one configuration. */
  public static String of(ModelConfig config) {
    return languageLoss(config.vocabulary()) + preferenceLoss() + ppoLoss() + ADAM;
  }

  /** The optimizer alone: the methods {@code adam} and {@code assign}. */
  static String optimizer() {
    return ADAM;
  }

  /**
   * {@code lm_loss(ids [B, T + 1], scale [1])}: scale times the mean next-token cross-entropy in
   * nats; the second result is the unscaled mean. {@code lm_nats(ids)}: that mean alone.
   */
  private static String languageLoss(int vocabulary) {
    return """
      def lm_loss(self, ids: Tensor, scale: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
        t = torch.size(ids, 1)
        h = (self).hidden(torch.slice(ids, 1, 0, torch.sub(t, 1)), w, )
        z = torch.reshape((self).unembed(h, w, ), [-1, %d])
        target = torch.reshape(torch.slice(ids, 1, 1, t), [-1])
        mean = torch.cross_entropy_loss(z, target, None, 1, -1, 0.)
        return (torch.mul(mean, torch.select(scale, 0, 0)), mean)
      def lm_nats(self, ids: Tensor, w: List[Tensor]) -> Tensor:
        loss, mean = (self).lm_loss(ids, torch.ones([1], dtype=6, layout=0, device=ids.device), w, )
        return mean
    """
        .formatted(vocabulary);
  }

  /**
   * {@code preference_loss(ids [B * n, T], best [B], scale [1])}: minus the mean log-softmax of the
   * best response's reward among its n (paper 1.2); also the rewards {@code [B, n]}. The weights
   * end with the trainable gain and bias of the reward (paper 1.3).
   */
  private static String preferenceLoss() {
    return """
      def preference_loss(self, ids: Tensor, best: Tensor, scale: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
        raw = (self).reward(ids, w, )
        r = torch.add(torch.mul(raw, w[-2]), w[-1])
        z = torch.reshape(r, [torch.size(best, 0), -1])
        mean = torch.cross_entropy_loss(z, best, None, 1, -100, 0.)
        return (torch.mul(mean, torch.select(scale, 0, 0)), z)
    """;
  }

  /**
   * {@code ppo_loss(ids [B, T'], old_logp, old_values, advantages, returns (each [B, T]), knobs
   * [5])}: the clipped surrogate plus the clipped value loss (paper 3.7). Knobs: temperature, clip
   * range of the ratio, clip range of the value, value coefficient, scale of the loss. Results:
   * loss, policy loss, value loss, approximate KL, share of clipped ratios, share of clipped
   * values, largest ratio, new log-probabilities, new values.
   */
  private static String ppoLoss() {
    return """
      def ppo_loss(self, ids: Tensor, old_logp: Tensor, old_values: Tensor, advantages: Tensor, returns: Tensor, knobs: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        n = torch.size(old_logp, 1)
        temp = float(torch.select(knobs, 0, 0))
        clip = float(torch.select(knobs, 0, 1))
        vclip = float(torch.select(knobs, 0, 2))
        logp, values = (self).response(ids, n, temp, w, )
        diff = torch.sub(logp, old_logp)
        ratio = torch.exp(diff)
        minus = torch.neg(advantages)
        one = torch.mul(minus, ratio)
        two = torch.mul(minus, torch.clamp(ratio, torch.sub(1., clip), torch.add(1., clip)))
        pg = torch.mean(torch.maximum(one, two))
        low = torch.sub(old_values, vclip)
        high = torch.add(old_values, vclip)
        clipped = torch.minimum(torch.maximum(values, low), high)
        v1 = torch.square(torch.sub(values, returns))
        v2 = torch.square(torch.sub(clipped, returns))
        vf = torch.mul(torch.mean(torch.maximum(v1, v2)), 0.5)
        loss = torch.mul(torch.add(pg, torch.mul(vf, torch.select(knobs, 0, 3))), torch.select(knobs, 0, 4))
        approx = torch.mul(torch.mean(torch.square(torch.detach(diff))), 0.5)
        pclip = torch.mean(torch.to(torch.gt(two, one), 6))
        vclips = torch.mean(torch.to(torch.gt(v2, v1), 6))
        return (loss, pg, vf, approx, pclip, vclips, torch.max(torch.detach(ratio)), torch.detach(logp), torch.detach(values))
    """;
  }

  /**
   * {@code adam(p, g, m, v, decayed, rate, beta1, beta2, epsilon, decay, clip)}: one step in place
   * with the bias-corrected rate. Returns the gradient's global norm.
   */
  private static final String ADAM =
      """
      def adam(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], decayed: List[Tensor], rate: float, beta1: float, beta2: float, epsilon: float, decay: float, clip: float) -> Tensor:
        norm = torch.norm(torch.stack(torch._foreach_norm(g)))
        if torch.gt(clip, 0.):
          factor = torch.clamp_max(torch.div(clip, torch.add(norm, 1e-06)), 1.)
          torch._foreach_mul_(g, factor)
        torch._foreach_mul_(m, beta1)
        torch._foreach_add_(m, g, alpha=torch.sub(1., beta1))
        torch._foreach_mul_(v, beta2)
        torch._foreach_addcmul_(v, g, g, torch.sub(1., beta2))
        root = torch._foreach_sqrt(v)
        torch._foreach_add_(root, epsilon)
        if torch.gt(decay, 0.):
          torch._foreach_mul_(decayed, torch.sub(1., decay))
        torch._foreach_addcdiv_(p, m, root, torch.neg(rate))
        torch._foreach_zero_(g)
        return norm
      def assign(self, p: Tensor, value: float) -> Tensor:
        return torch.fill_(p, value)
    """;
}

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
    return languageLoss(config.vocabulary()) + RewardScript.TEXT + PolicyScript.TEXT + ADAM;
  }

  /** The optimizer alone, with what else changes arrays in place. */
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
   * {@code adam(p, g, m, v, decayed, rate, beta1, beta2, epsilon, decay, clip)}: one step in place
   * with the bias-corrected rate. Returns the gradient's global norm.
   *
   * <p>{@code put(p, x)}, {@code accumulate(g, x)} and {@code clear(g)} overwrite, add and set to
   * zero in place.
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
      def put(self, p: Tensor, x: Tensor) -> Tensor:
        return torch.copy_(p, x)
      def accumulate(self, g: Tensor, x: Tensor) -> Tensor:
        return torch.add_(g, x)
      def clear(self, g: List[Tensor]) -> Tensor:
        torch._foreach_zero_(g)
        return g[0]
    """;
}

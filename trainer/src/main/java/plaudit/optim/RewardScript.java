package plaudit.optim;

/**
 * The reward model's losses as TorchScript text (paper 1.2). Over rewards {@code z [B, n]} and a
 * target, the mean over the rows of:
 *
 * <ul>
 *   <li>{@code best_of_n(z, t [B, n])}: minus the log-softmax, weighted by the target's shares;
 *   <li>{@code pairwise(z, t [B, n, n])}: minus log sigmoid(z_i - z_j), weighted by t_ij;
 *   <li>{@code rating(z [B, 1], t [B, 1])}: (z - t)^2;
 *   <li>{@code compare(z [B, 2], t [B, 1])}: (z_1 - z_0 - t)^2.
 * </ul>
 *
 * <p>Each has a {@code ..._loss(ids [B * n, T], t, scale [1])} over the network, which gives the
 * scaled loss and the rewards. The weights end with the trainable gain and bias of the reward
 * (paper 1.3).
 */
final class RewardScript {

  private RewardScript() {}

  private static final String LOSSES =
      """
      def best_of_n(self, z: Tensor, t: Tensor) -> Tensor:
        each = torch.sum(torch.mul(t, torch.log_softmax(z, 1)), [1])
        return torch.neg(torch.mean(each))
      def pairwise(self, z: Tensor, t: Tensor) -> Tensor:
        d = torch.sub(torch.unsqueeze(z, 2), torch.unsqueeze(z, 1))
        each = torch.sum(torch.mul(t, torch.log_sigmoid(d)), [1, 2])
        return torch.neg(torch.mean(each))
      def rating(self, z: Tensor, t: Tensor) -> Tensor:
        return torch.mean(torch.square(torch.sub(z, t)))
      def compare(self, z: Tensor, t: Tensor) -> Tensor:
        d = torch.sub(torch.slice(z, 1, 1, 2), torch.slice(z, 1, 0, 1))
        return torch.mean(torch.square(torch.sub(d, t)))
      def rewards(self, ids: Tensor, t: Tensor, w: List[Tensor]) -> Tensor:
        raw = (self).reward(ids, w, )
        r = torch.add(torch.mul(raw, w[-2]), w[-1])
        return torch.reshape(r, [torch.size(t, 0), -1])
      """;

  static final String TEXT =
      (LOSSES + over("best_of_n") + over("pairwise") + over("rating") + over("compare")).indent(2);

  /** The loss over the network, from the loss over rewards. */
  private static String over(String name) {
    return """
      def %s_loss(self, ids: Tensor, t: Tensor, scale: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
        z = (self).rewards(ids, t, w, )
        return (torch.mul((self).%s(z, t, ), torch.select(scale, 0, 0)), z)
      """
        .formatted(name, name);
  }
}

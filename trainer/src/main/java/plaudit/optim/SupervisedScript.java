package plaudit.optim;

import plaudit.model.Gpt2Script;
import plaudit.model.ModelConfig;

/**
 * The program of supervised training (paper 1.5), as TorchScript text: the forward pass with and
 * without dropout, the loss and the optimizer. The only program that knows dropout.
 */
final class SupervisedScript {

  private SupervisedScript() {}

  /** All of it for one configuration. */
  static String of(ModelConfig config) {
    return Gpt2Script.of(config)
        + Gpt2Script.withDropout(config)
        + answerLoss(config.vocabulary())
        + TrainingScript.optimizer();
  }

  /**
   * {@code answer_loss(ids [B, T], targets [B, n], knobs [2])}: the cross-entropy in nats, summed
   * over the last {@code n} tokens of each row (those that {@code targets} has; -1 is none), times
   * the first knob; the second result is the plain sum. What stands before is read and not learnt.
   * The second knob is the probability of dropout. {@code answer_nats(ids, targets)}: the sum
   * without dropout.
   */
  private static String answerLoss(int vocabulary) {
    return """
      def answer_sum(self, h: Tensor, targets: Tensor, w: List[Tensor]) -> Tensor:
        t = torch.size(h, 1)
        before = torch.slice(h, 1, torch.sub(torch.sub(t, torch.size(targets, 1)), 1), torch.sub(t, 1))
        z = torch.reshape((self).unembed(before, w, ), [-1, %d])
        return torch.cross_entropy_loss(z, torch.reshape(targets, [-1]), None, 2, -1, 0.)
      def answer_loss(self, ids: Tensor, targets: Tensor, knobs: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
        h = (self).hidden_dropout(ids, float(torch.select(knobs, 0, 1)), w, )
        sum = (self).answer_sum(h, targets, w, )
        return (torch.mul(sum, torch.select(knobs, 0, 0)), torch.detach(sum))
      def answer_nats(self, ids: Tensor, targets: Tensor, w: List[Tensor]) -> Tensor:
        return (self).answer_sum((self).hidden(ids, w, ), targets, w, )
    """
        .formatted(vocabulary);
  }
}

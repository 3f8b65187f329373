# The losses of supervised training in TorchScript (paper 1.5): cross-entropy in nats, summed over
# the last n tokens of each row of ids [B, T], those that targets [B, n] has (-1 is none). What
# stands before is read and not learned.
def answer_sum(self, h: Tensor, targets: Tensor, w: List[Tensor]) -> Tensor:
  t = h.size(1)
  before = h[:, t - targets.size(1) - 1 : t - 1]
  z = self.unembed(before, w).flatten(0, 1)
  return torch.cross_entropy_loss(z, targets.reshape([-1]), None, 2, -1, 0.)

# hyper: scale, probability of dropout. Results: scale times the sum, the sum.
def answer_loss(self, ids: Tensor, targets: Tensor, hyper: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
  h = self.hidden_dropout(ids, float(hyper[1]), w)
  sum = self.answer_sum(h, targets, w)
  return sum * hyper[0], sum.detach()

# The sum without dropout.
def answer_nats(self, ids: Tensor, targets: Tensor, w: List[Tensor]) -> Tensor:
  return self.answer_sum(self.hidden(ids, w), targets, w)

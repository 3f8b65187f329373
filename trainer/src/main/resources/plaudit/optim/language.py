# Pretraining's loss in TorchScript: the mean next-token cross-entropy of ids [B, T + 1] in nats.
# Results: scale times the mean, the mean.
def lm_loss(self, ids: Tensor, scale: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
  t = ids.size(1)
  h = self.hidden(ids[:, 0 : t - 1], w)
  z = self.unembed(h, w).flatten(0, 1)
  mean = torch.cross_entropy_loss(z, ids[:, 1 : t].reshape([-1]), None, 1, -1, 0.)
  return mean * scale[0], mean

# The mean alone.
def lm_nats(self, ids: Tensor, w: List[Tensor]) -> Tensor:
  loss, mean = self.lm_loss(ids, torch.ones([1], dtype=6, layout=0, device=ids.device), w)
  return mean

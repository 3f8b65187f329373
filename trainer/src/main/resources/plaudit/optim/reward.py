# The reward model's losses in TorchScript (paper 1.2): over rewards z [B, n] and a target t, the
# mean over the rows. The weights end with the trainable gain and bias of the reward (paper 1.3).

# t [B, n]: minus the log-softmax, weighted by the target's shares.
def best_of_n(self, z: Tensor, t: Tensor) -> Tensor:
  return -(t * torch.log_softmax(z, 1)).sum([1]).mean()

# t [B, n, n]: minus log sigmoid(z_i - z_j), weighted by t_ij.
def pairwise(self, z: Tensor, t: Tensor) -> Tensor:
  d = z.unsqueeze(2) - z.unsqueeze(1)
  return -(t * torch.log_sigmoid(d)).sum([1, 2]).mean()

# z [B, 1], t [B, 1]: (z - t)^2.
def rating(self, z: Tensor, t: Tensor) -> Tensor:
  return torch.square(z - t).mean()

# z [B, 2], t [B, 1]: (z_1 - z_0 - t)^2.
def compare(self, z: Tensor, t: Tensor) -> Tensor:
  return torch.square(z[:, 1:2] - z[:, 0:1] - t).mean()

# The squared sum of a row's rewards.
def centering(self, z: Tensor) -> Tensor:
  return torch.square(z.sum([1])).mean()

# [B, n]: the rewards of ids [B * n, T].
def rewards(self, ids: Tensor, t: Tensor, w: List[Tensor]) -> Tensor:
  return (self.reward(ids, w) * w[-2] + w[-1]).reshape([t.size(0), -1])

# The losses over the network. hyper: scale, weight of centering. Results: scaled loss, rewards.
def scaled(self, loss: Tensor, z: Tensor, hyper: Tensor) -> Tuple[Tensor, Tensor]:
  return (loss + self.centering(z) * hyper[1]) * hyper[0], z

def best_of_n_loss(self, ids: Tensor, t: Tensor, hyper: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
  z = self.rewards(ids, t, w)
  return self.scaled(self.best_of_n(z, t), z, hyper)

def pairwise_loss(self, ids: Tensor, t: Tensor, hyper: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
  z = self.rewards(ids, t, w)
  return self.scaled(self.pairwise(z, t), z, hyper)

def rating_loss(self, ids: Tensor, t: Tensor, hyper: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
  z = self.rewards(ids, t, w)
  return self.scaled(self.rating(z, t), z, hyper)

def compare_loss(self, ids: Tensor, t: Tensor, hyper: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
  z = self.rewards(ids, t, w)
  return self.scaled(self.compare(z, t), z, hyper)

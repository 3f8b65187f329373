# The policy's losses in TorchScript (paper 3.7; docs/algorithms.md for those after 2019).
#
# ids [B, T'] is context and response of each row, padded with -1; matrices [B, n] belong to the
# last n columns. A response shorter than n is padded on the right, and padded places count in no
# mean. Means are over the tokens that are there, so that micro-batches weighted by their share of
# the tokens add up to the whole. What tests hold against the paper's golden numbers needs no
# network: clipped_policy, clipped_value, preference.
#
# Arguments of a ..._loss are arrays, since only arrays travel on the recording path; hyper is the
# array of its hyper-parameters. w is the network's weights.

# [B, n]: 1 where the response has a token; 6 is float32.
def present(self, ids: Tensor, n: int) -> Tensor:
  t = ids.size(1)
  return (ids[:, t - n : t] >= 0).to(6)

def token_mean(self, x: Tensor, m: Tensor) -> Tensor:
  return (x * m).sum() / m.sum()

# The clipped surrogate, each token's times its weight, which is constant.
# Results: policy loss, approximate KL, share of clipped ratios, largest ratio.
def clipped_policy(self, logp: Tensor, old_logp: Tensor, advantages: Tensor, weights: Tensor, m: Tensor, clip: float) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
  diff = (logp - old_logp) * m
  ratio = torch.exp(diff)
  minus = -advantages
  one = minus * ratio
  two = minus * torch.clamp(ratio, 1. - clip, 1. + clip)
  loss = self.token_mean(torch.maximum(one, two) * weights, m)
  approx_kl = self.token_mean(torch.square(diff.detach()), m) * 0.5
  clipped = self.token_mean((two > one).to(6), m)
  return loss, approx_kl, clipped, ratio.detach().max()

# Half the mean of the larger squared error, clipped or not.
# Results: value loss, share of tokens where the clipped error was the larger.
def clipped_value(self, values: Tensor, old_values: Tensor, returns: Tensor, m: Tensor, clip: float) -> Tuple[Tensor, Tensor]:
  near = torch.minimum(torch.maximum(values, old_values - clip), old_values + clip)
  one = torch.square(values - returns)
  two = torch.square(near - returns)
  loss = self.token_mean(torch.maximum(one, two), m) * 0.5
  return loss, self.token_mean((two > one).to(6), m)

# Rows come in pairs, chosen before rejected: minus the mean log-likelihood of the preference, which
# has probability target, under the policy's implied reward beta log(pi / rho).
# Results: loss, share of pairs the policy orders right, mean margin of the implied rewards.
def preference(self, logp: Tensor, ref_logp: Tensor, m: Tensor, target: Tensor, beta: float) -> Tuple[Tensor, Tensor, Tensor]:
  pairs = ((logp - ref_logp) * m).sum([1]).reshape([-1, 2])
  margin = (pairs[:, 0] - pairs[:, 1]) * beta
  yes = target * torch.log_sigmoid(margin)
  no = (1. - target) * torch.log_sigmoid(-margin)
  right = (margin.detach() > 0.).to(6)
  return -(yes + no).mean(), right.mean(), margin.detach().mean()

# The clipped surrogate plus the clipped value loss of a shared trunk.
# hyper: temperature, clip range of the ratio, clip range of the value, value coefficient (0 where
# nothing else is learned here), scale of the loss.
# Results: loss, policy loss, value loss, approximate KL, share of clipped ratios, share of clipped
# values, largest ratio, new log-probabilities, new values.
def ppo_loss(self, ids: Tensor, old_logp: Tensor, old_values: Tensor, advantages: Tensor, returns: Tensor, weights: Tensor, hyper: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
  n = old_logp.size(1)
  m = self.present(ids, n)
  logp, values = self.response(ids, n, float(hyper[0]), w)
  pg, approx_kl, clipped, largest = self.clipped_policy(logp, old_logp, advantages, weights, m, float(hyper[1]))
  vf, value_clipped = self.clipped_value(values, old_values, returns, m, float(hyper[2]))
  loss = (pg + vf * hyper[3]) * hyper[4]
  return loss, pg, vf, approx_kl, clipped, value_clipped, largest, logp.detach(), values.detach()

# [B, n]: the estimates of a value network of its own.
def values(self, ids: Tensor, n: int, w: List[Tensor]) -> Tensor:
  t = ids.size(1)
  return self.scalar(self.hidden(ids, w)[:, t - n - 1 : t - 1], w)

# The value loss of such a network.
# hyper: clip range, scale. Results: loss, value loss, share of clipped values.
def value_loss(self, ids: Tensor, old_values: Tensor, returns: Tensor, hyper: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor]:
  n = old_values.size(1)
  values = self.values(ids, n, w)
  vf, clipped = self.clipped_value(values, old_values, returns, self.present(ids, n), float(hyper[0]))
  return vf * hyper[1], vf, clipped

# The preference loss of P pairs: ids [2P, T'], target [P].
# hyper: temperature, beta, scale.
# Results: loss, preference loss, share ordered right, mean margin, approximate KL, largest ratio,
# new log-probabilities.
def dpo_loss(self, ids: Tensor, old_logp: Tensor, ref_logp: Tensor, target: Tensor, hyper: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
  n = ref_logp.size(1)
  m = self.present(ids, n)
  logp, ignored = self.response(ids, n, float(hyper[0]), w)
  mean, right, margin = self.preference(logp, ref_logp, m, target, float(hyper[1]))
  diff = (logp.detach() - old_logp) * m
  approx_kl = self.token_mean(torch.square(diff), m) * 0.5
  return mean * hyper[2], mean, right, margin, approx_kl, torch.exp(diff).max(), logp.detach()

# GPT-2's forward pass in TorchScript; Gpt2Script writes it out for one configuration.
#
# Conventions of every method, so that one set of weights serves scoring, decoding and losses:
# - w is the list of weights in Gpt2Layout's order, then the scalar head's weight [1, d] and bias
#   [1], then whatever a trainer appends. A weight's name stands for its place in the list; what
#   stands between "each layer" and "end of layer" is repeated, and its names are the layer's.
# - ids [B, T] holds token ids, and -1 where there is padding. Padding never consumes a position, is
#   never attended to, and the hidden state at a padded place is that of the last present token to
#   its left (paper 3.1), so left, right and middle padding all give the same numbers for the tokens
#   that are there.
# - temp divides the logits in every log-probability (paper 3.2).
# Types by number: 4 is int64, 6 float32, 7 float64, 11 bool.

# 0 where attention is allowed, -1e10 elsewhere.
def bias(self, allowed: Tensor) -> Tensor:
  zeros = torch.zeros_like(allowed, dtype=6)
  return torch.masked_fill(zeros, torch.logical_not(allowed), -10000000000.)

# [B, T, d] after the final layer norm. With dropout, embeddings, attention and what each block adds
# are dropped with probability p, as in GPT-2's own training; only supervised training (paper 1.5)
# asks for it, and the programs of rewards and policies do not contain it (paper P4).
def hidden{_dropout}(self, ids: Tensor, {p}w: List[Tensor]) -> Tensor:
  b = torch.size(ids, 0)
  n = torch.size(ids, 1)
  keep = ids >= 0
  full = bool(torch.all(keep))
  present = torch.to(keep, 4)
  pos = torch.clamp_min(torch.cumsum(present, 1) - 1, 0)
  tok = torch.clamp_min(ids, 0)
  ones = torch.ones([n, n], dtype=11, layout=0, device=ids.device)
  seen = torch.logical_and(torch.unsqueeze(torch.tril(ones), 0), torch.unsqueeze(keep, 1))
  mask = torch.unsqueeze(self.bias(seen), 1)
  x = torch.reshape(torch.embedding(w[wte.weight], tok) + torch.embedding(w[wpe.weight], pos), [-1, {d}])
  x = torch.dropout(x, p, True)  # with dropout
  # each layer
  normed = torch.layer_norm(x, [{d}], w[ln_1.weight], w[ln_1.bias], {epsilon})
  qkv = torch.split(torch.addmm(w[attn.c_attn.bias], normed, w[attn.c_attn.weight]), {d}, 1)
  q = torch.transpose(torch.view(qkv[0], [b, n, {heads}, {head_size}]), 1, 2)
  k = torch.transpose(torch.view(qkv[1], [b, n, {heads}, {head_size}]), 1, 2)
  v = torch.transpose(torch.view(qkv[2], [b, n, {heads}, {head_size}]), 1, 2)
  if full:
    a = torch.scaled_dot_product_attention(q, k, v, None, {attention_p}, True)
  else:
    a = torch.scaled_dot_product_attention(q, k, v, mask, {attention_p}, False)
  heads = torch.reshape(torch.transpose(a, 1, 2), [-1, {d}])
  added = torch.addmm(w[attn.c_proj.bias], heads, w[attn.c_proj.weight])
  added = torch.dropout(added, p, True)  # with dropout
  x = x + added
  normed = torch.layer_norm(x, [{d}], w[ln_2.weight], w[ln_2.bias], {epsilon})
  inner = torch.addmm(w[mlp.c_fc.bias], normed, w[mlp.c_fc.weight])
  added = torch.addmm(w[mlp.c_proj.bias], {activation of inner}, w[mlp.c_proj.weight])
  added = torch.dropout(added, p, True)  # with dropout
  x = x + added
  # end of layer
  out = torch.view(torch.layer_norm(x, [{d}], w[ln_f.weight], w[ln_f.bias], {epsilon}), [b, n, {d}])
  if full:
    gathered = out
  else:
    at = torch.arange(n, dtype=4, layout=0, device=ids.device)
    last, ignored = torch.cummax(present * torch.unsqueeze(at, 0), 1)
    index = torch.expand(torch.unsqueeze(last, 2), [b, n, {d}])
    gathered = torch.gather(out, 1, index)
  return gathered

def unembed(self, h: Tensor, w: List[Tensor]) -> Tensor:
  return torch.linear(h, w[unembedding])

def scalar(self, h: Tensor, w: List[Tensor]) -> Tensor:
  return torch.squeeze(torch.linear(h, w[head.weight], w[head.bias]), -1)

def logits(self, ids: Tensor, w: List[Tensor]) -> Tensor:
  return self.unembed(self.hidden(ids, w), w)

def last(self, ids: Tensor, w: List[Tensor]) -> Tensor:
  return torch.select(self.hidden(ids, w), 1, -1)

def last_logits(self, ids: Tensor, w: List[Tensor]) -> Tensor:
  return self.unembed(self.last(ids, w), w)

# The log-probability of each of the last n tokens and the scalar head on the state before each,
# both [B, n]; where a shorter response is padded the numbers mean nothing.
def response(self, ids: Tensor, n: int, temp: float, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
  t = torch.size(ids, 1)
  h = torch.slice(self.hidden(ids, w), 1, t - n - 1, t - 1)
  z = self.unembed(h, w) / temp
  target = torch.clamp_min(torch.slice(ids, 1, t - n, t), 0)
  nll = torch.cross_entropy_loss(torch.reshape(z, [-1, {vocabulary}]), torch.reshape(target, [-1]), None, 0, -100, 0.)
  return -torch.reshape(nll, [-1, n]), self.scalar(h, w)

def score(self, ids: Tensor, n: int, temp: float, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
  logp, value = self.response(ids, n, temp, w)
  return logp, value

# [B]: the scalar head on the last present token.
def reward(self, ids: Tensor, w: List[Tensor]) -> Tensor:
  return self.scalar(self.last(ids, w), w)

# Runs ids [B, n] through columns t0 to t0 + n of the cache and samples the next token from the last
# column by inverse CDF with the uniforms u [B], greedily if temp is 0. keep [B, capacity] is 1 where
# a column holds a token. The cache is one tensor [2 * layers, B, heads, capacity, d / heads], keys
# at even and values at odd places, written in place. Results, each [B]: the token, its
# log-probability, the scalar head.
def step(self, ids: Tensor, keep: Tensor, t0: int, cache: Tensor, u: Tensor, temp: float, w: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor]:
  b = torch.size(ids, 0)
  n = torch.size(ids, 1)
  t1 = t0 + n
  present = torch.slice(keep, 1, 0, t1)
  pos = torch.slice(torch.clamp_min(torch.cumsum(present, 1) - 1, 0), 1, t0, t1)
  tok = torch.clamp_min(ids, 0)
  ones = torch.ones([n, t1], dtype=6, layout=0, device=ids.device)
  causal = torch.to(torch.tril(ones, t0), 11)
  seen = torch.logical_and(torch.unsqueeze(causal, 0), torch.unsqueeze(present > 0, 1))
  mask = torch.unsqueeze(self.bias(seen), 1)
  x = torch.reshape(torch.embedding(w[wte.weight], tok) + torch.embedding(w[wpe.weight], pos), [-1, {d}])
  # each layer
  normed = torch.layer_norm(x, [{d}], w[ln_1.weight], w[ln_1.bias], {epsilon})
  qkv = torch.split(torch.addmm(w[attn.c_attn.bias], normed, w[attn.c_attn.weight]), {d}, 1)
  q = torch.transpose(torch.view(qkv[0], [b, n, {heads}, {head_size}]), 1, 2)
  k = torch.transpose(torch.view(qkv[1], [b, n, {heads}, {head_size}]), 1, 2)
  v = torch.transpose(torch.view(qkv[2], [b, n, {heads}, {head_size}]), 1, 2)
  keys = torch.select(cache, 0, {key_slot})
  written = torch.copy_(torch.slice(keys, 2, t0, t1), k)
  values = torch.select(cache, 0, {value_slot})
  written = torch.copy_(torch.slice(values, 2, t0, t1), v)
  a = torch.scaled_dot_product_attention(q, torch.slice(keys, 2, 0, t1), torch.slice(values, 2, 0, t1), mask, 0., False)
  heads = torch.reshape(torch.transpose(a, 1, 2), [-1, {d}])
  x = x + torch.addmm(w[attn.c_proj.bias], heads, w[attn.c_proj.weight])
  normed = torch.layer_norm(x, [{d}], w[ln_2.weight], w[ln_2.bias], {epsilon})
  inner = torch.addmm(w[mlp.c_fc.bias], normed, w[mlp.c_fc.weight])
  x = x + torch.addmm(w[mlp.c_proj.bias], {activation of inner}, w[mlp.c_proj.weight])
  # end of layer
  out = torch.layer_norm(x, [{d}], w[ln_f.weight], w[ln_f.bias], {epsilon})
  h = torch.select(torch.view(out, [b, n, {d}]), 1, -1)
  raw = self.unembed(h, w)
  if temp > 0.:
    lp = torch.log_softmax(raw / temp, -1)
    cdf = torch.cumsum(torch.to(torch.exp(lp), 7), 1)
    total = torch.slice(cdf, 1, -1, 9223372036854775807)
    at = torch.unsqueeze(torch.to(u, 7), 1) * total
    next = torch.clamp_max(torch.searchsorted(cdf, at, out_int32=False, right=True), {last_token})
  else:
    lp = torch.log_softmax(raw, -1)
    next = torch.argmax(raw, -1, True)
  chosen = torch.squeeze(torch.gather(lp, 1, next), 1)
  return torch.squeeze(next, 1), chosen, self.scalar(h, w)

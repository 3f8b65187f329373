# A decoder's forward pass in TorchScript; DecoderScript writes it out for one configuration.
#
# How the text is written out:
# - A line that ends in "with X", and lines between "with X" and "end with X", are for decoders that
#   have X alone: learned or rotary positions; query, key and value side by side, by head or apart;
#   head norms, of queries and keys; groups of query heads that share a head of keys and values; a
#   window; a gate; parallel or successive layers. Dropout is for supervised training.
# - w is the list of weights in Layout's order, then the scalar head's weight [1, d] and bias [1],
#   then whatever a trainer appends. A weight's part in the model stands for its place in the list;
#   what stands between "each layer" and "end of layer" is repeated, and its parts are the layer's.
# - {linear x part} is x times the matrix part.weight plus part.bias, if there is one, by the operator
#   that the precision asks for; {activated x part} is the model's non-linearity of that, {exact x
#   part} the same by the plain operator always. LinearText writes them. {norm x part} is the norm.
# - "Queries, keys and values as in hidden" stands for the lines that are there marked so.
#
# Conventions of every method, so that one set of weights serves scoring, decoding and losses:
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

# Cosine and sine, each [B, 1, T, r], of the angles by which positions [B, T] turn r pairs of channels.
# with rotary positions
def angles(self, pos: Tensor) -> Tuple[Tensor, Tensor]:
  frequencies = torch.tensor({frequencies}, dtype=7, device=pos.device)
  angle = torch.unsqueeze(torch.unsqueeze(torch.to(pos, 7), 2) * frequencies, 1)
  return torch.to(torch.cos(angle), 6), torch.to(torch.sin(angle), 6)
# end with rotary positions

# Turns channel i of each head with channel i + r; those from 2r on stay. x is [B, heads, T, size].
# with rotary positions
def rotated(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
  one = torch.slice(x, 3, 0, {rotated})
  two = torch.slice(x, 3, {rotated}, {twice_rotated})
  rest = torch.slice(x, 3, {twice_rotated}, {head_size})
  return torch.cat([one * cos - two * sin, two * cos + one * sin, rest], 3)
# end with rotary positions

# Keys or values of each head of queries, from those that its group shares.
# with groups
def spread(self, x: Tensor) -> Tensor:
  each = torch.expand(torch.unsqueeze(x, 2), [-1, -1, {group}, -1, -1])
  return torch.flatten(each, 1, 2)
# end with groups

# [B, T, d] after the final norm. With dropout, embeddings, attention and what each block adds
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
  near = (torch.unsqueeze(pos, 2) - torch.unsqueeze(pos, 1)) < {window}  # with a window
  seen = torch.logical_and(seen, near)  # with a window
  mask = torch.unsqueeze(self.bias(seen), 1)
  x = torch.reshape(torch.embedding(w[embedding.weight], tok) + torch.embedding(w[positions.weight], pos), [-1, {d}])  # with learned positions
  x = torch.reshape(torch.embedding(w[embedding.weight], tok), [-1, {d}])  # with rotary positions
  cos, sin = self.angles(pos)  # with rotary positions
  x = torch.dropout(x, p, True)  # with dropout
  # each layer
  # queries, keys and values
  normed = {norm x norm1}
  # with query, key and value side by side
  qkv = torch.split({linear normed qkv}, {d}, 1)
  q = torch.transpose(torch.view(qkv[0], [b, n, {heads}, {head_size}]), 1, 2)
  k = torch.transpose(torch.view(qkv[1], [b, n, {heads}, {head_size}]), 1, 2)
  v = torch.transpose(torch.view(qkv[2], [b, n, {heads}, {head_size}]), 1, 2)
  # end with query, key and value side by side
  # with query, key and value by head
  qkv = torch.split(torch.view({linear normed qkv_by_head}, [b, n, {heads}, {thrice_head_size}]), {head_size}, 3)
  q = torch.transpose(qkv[0], 1, 2)
  k = torch.transpose(qkv[1], 1, 2)
  v = torch.transpose(qkv[2], 1, 2)
  # end with query, key and value by head
  # with query, key and value apart
  q = torch.view({linear normed query}, [b, n, {heads}, {head_size}])
  k = torch.view({linear normed key}, [b, n, {key_heads}, {head_size}])
  v = torch.view({linear normed value}, [b, n, {key_heads}, {head_size}])
  # end with query, key and value apart
  q = {norm q query_norm}  # with head norms
  k = {norm k key_norm}  # with head norms
  # with query, key and value apart
  q = torch.transpose(q, 1, 2)
  k = torch.transpose(k, 1, 2)
  v = torch.transpose(v, 1, 2)
  # end with query, key and value apart
  q = self.rotated(q, cos, sin)  # with rotary positions
  k = self.rotated(k, cos, sin)  # with rotary positions
  # end of queries, keys and values
  k = self.spread(k)  # with groups
  v = self.spread(v)  # with groups
  if full:  # with no window
  if full and n <= {window}:  # with a window
    a = torch.scaled_dot_product_attention(q, k, v, None, {attention_p}, True)
  else:
    a = torch.scaled_dot_product_attention(q, k, v, mask, {attention_p}, False)
  heads = torch.reshape(torch.transpose(a, 1, 2), [-1, {all_heads}])
  added = {linear heads output}
  added = torch.dropout(added, p, True)  # with dropout
  attended = added  # with parallel layers
  x = x + added  # with successive layers
  normed = {norm x norm2}
  inner = {activated normed up}  # with no gate
  inner = {activated normed gate} * {linear normed up}  # with a gate
  added = {linear inner down}
  added = torch.dropout(added, p, True)  # with dropout
  x = x + added  # with successive layers
  x = x + attended + added  # with parallel layers
  # end of layer
  out = torch.view({norm x final_norm}, [b, n, {d}])
  if full:
    gathered = out
  else:
    at = torch.arange(n, dtype=4, layout=0, device=ids.device)
    last, ignored = torch.cummax(present * torch.unsqueeze(at, 0), 1)
    index = torch.expand(torch.unsqueeze(last, 2), [b, n, {d}])
    gathered = torch.gather(out, 1, index)
  return gathered

def all_logits(self, h: Tensor, w: List[Tensor]) -> Tensor:
  return {linear h unembedding}

# The logits of which probabilities are made: ids without a token have none.
def unembed(self, h: Tensor, w: List[Tensor]) -> Tensor:
  z = self.all_logits(h, w)
  unknown = torch.fill_(torch.slice(z, -1, {from}, {end}), -10000000000.)  # for each range of unknown ids
  return z

def scalar(self, h: Tensor, w: List[Tensor]) -> Tensor:
  return torch.squeeze({exact h scalar_head}, -1)

def logits(self, ids: Tensor, w: List[Tensor]) -> Tensor:
  return self.all_logits(self.hidden(ids, w), w)

def last(self, ids: Tensor, w: List[Tensor]) -> Tensor:
  return torch.select(self.hidden(ids, w), 1, -1)

def last_logits(self, ids: Tensor, w: List[Tensor]) -> Tensor:
  return self.all_logits(self.last(ids, w), w)

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

# Runs ids [B, n] through columns t0 to t0 + n of the cache's rows from row on and samples the next
# token from the last column by inverse CDF with the uniforms u [B], greedily if temp is 0. keep
# [rows, capacity] is 1 where a column holds a token; what stands before t0 and holds none may be
# unwritten. The cache is one tensor [2 * layers, rows, key heads, capacity, head size], keys at even
# and values at odd places, written in place. The queries of a group are read as rows of one head, so
# that no key is copied. Results, each [B]: the token, its log-probability, the scalar head.
def step(self, ids: Tensor, keep: Tensor, row: int, t0: int, cache: Tensor, u: Tensor, temp: float, w: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor]:
  b = torch.size(ids, 0)
  n = torch.size(ids, 1)
  t1 = t0 + n
  own = torch.slice(cache, 1, row, row + b)
  present = torch.slice(torch.slice(keep, 0, row, row + b), 1, 0, t1)
  all_pos = torch.clamp_min(torch.cumsum(present, 1) - 1, 0)
  pos = torch.slice(all_pos, 1, t0, t1)
  tok = torch.clamp_min(ids, 0)
  ones = torch.ones([n, t1], dtype=6, layout=0, device=ids.device)
  causal = torch.to(torch.tril(ones, t0), 11)
  seen = torch.logical_and(torch.unsqueeze(causal, 0), torch.unsqueeze(present > 0, 1))
  near = (torch.unsqueeze(pos, 2) - torch.unsqueeze(all_pos, 1)) < {window}  # with a window
  seen = torch.logical_and(seen, near)  # with a window
  mask = torch.unsqueeze(self.bias(seen), 1)
  mask = torch.repeat(mask, [1, 1, {group}, 1])  # with groups
  x = torch.reshape(torch.embedding(w[embedding.weight], tok) + torch.embedding(w[positions.weight], pos), [-1, {d}])  # with learned positions
  x = torch.reshape(torch.embedding(w[embedding.weight], tok), [-1, {d}])  # with rotary positions
  cos, sin = self.angles(pos)  # with rotary positions
  # each layer
  # queries, keys and values as in hidden
  keys = torch.select(own, 0, {key_slot})
  written = torch.copy_(torch.slice(keys, 2, t0, t1), k)
  values = torch.select(own, 0, {value_slot})
  written = torch.copy_(torch.slice(values, 2, t0, t1), v)
  q = torch.reshape(q, [b, {key_heads}, {group} * n, {head_size}])  # with groups
  a = torch.scaled_dot_product_attention(q, torch.slice(keys, 2, 0, t1), torch.slice(values, 2, 0, t1), mask, 0., False)
  a = torch.reshape(a, [b, {heads}, n, {head_size}])  # with groups
  heads = torch.reshape(torch.transpose(a, 1, 2), [-1, {all_heads}])
  added = {linear heads output}
  attended = added  # with parallel layers
  x = x + added  # with successive layers
  normed = {norm x norm2}
  inner = {activated normed up}  # with no gate
  inner = {activated normed gate} * {linear normed up}  # with a gate
  added = {linear inner down}
  x = x + added  # with successive layers
  x = x + attended + added  # with parallel layers
  # end of layer
  out = {norm x final_norm}
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

# Puts what keep and the first t columns of the cache have of one row in the place of another's.
def move(self, keep: Tensor, cache: Tensor, source: int, target: int, t: int, w: List[Tensor]) -> Tensor:
  moved = torch.copy_(torch.select(keep, 0, target), torch.select(keep, 0, source))
  filled = torch.slice(cache, 3, 0, t)
  return torch.copy_(torch.select(filled, 1, target), torch.select(filled, 1, source))

# Changes of a network's arrays in place.
def put(self, p: Tensor, x: Tensor) -> Tensor:
  return torch.copy_(p, x)

def accumulate(self, g: Tensor, x: Tensor) -> Tensor:
  return torch.add_(g, x)

def clear(self, g: List[Tensor]) -> Tensor:
  torch._foreach_zero_(g)
  return g[0]

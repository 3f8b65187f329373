# One Adam step in place, as TensorFlow 1 has it (paper 3.8): rate is bias-corrected, and epsilon is
# added to the root of the second moment as it is. decayed are the parameters with weight decay.
# Returns the gradient's global norm before clipping (clip 0: none); the gradients are zero then.
def adam(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], decayed: List[Tensor], rate: float, beta1: float, beta2: float, epsilon: float, decay: float, clip: float) -> Tensor:
  norm = torch.norm(torch.stack(torch._foreach_norm(g)))
  if clip > 0.:
    torch._foreach_mul_(g, torch.clamp_max(clip / (norm + 1e-06), 1.))
  torch._foreach_mul_(m, beta1)
  torch._foreach_add_(m, g, alpha=1. - beta1)
  torch._foreach_mul_(v, beta2)
  torch._foreach_addcmul_(v, g, g, 1. - beta2)
  root = torch._foreach_sqrt(v)
  torch._foreach_add_(root, epsilon)
  if decay > 0.:
    torch._foreach_mul_(decayed, 1. - decay)
  torch._foreach_addcdiv_(p, m, root, -rate)
  torch._foreach_zero_(g)
  return norm

package plaudit.model;

/**
 * GPT-2's forward pass as TorchScript text: the layers of one configuration written out.
 *
 * <p>Conventions of every method, so that one set of weights serves scoring, decoding and losses:
 *
 * <ul>
 *   <li>{@code w} is the list of weights in {@link Gpt2Layout}'s order, then the scalar head's
 *       {@code weight [1, d]} and {@code bias [1]}, then whatever a trainer appends;
 *   <li>{@code ids [B, T]} holds token ids, and -1 where there is padding. Padding never consumes a
 *       position, is never attended to, and the hidden state at a padded place is that of the last
 *       present token to its left (paper 3.1), so left, right and middle padding all give the same
 *       numbers for the tokens that are there;
 *   <li>{@code temp} divides the logits in every log-probability (paper 3.2).
 * </ul>
 *
 * <p>The cache of a decoding is one tensor {@code [2 * layers, B, heads, capacity, d / heads]},
 * keys at even and values at odd places, written in place.
 */
public final class Gpt2Script {

  private static final int PER_LAYER = 12;

  private final ModelConfig config;
  private final boolean dropout;
  private final StringBuilder text = new StringBuilder();

  private Gpt2Script(ModelConfig config, boolean dropout) {
    this.config = config;
    this.dropout = dropout;
  }

  /** The methods {@code hidden}, {@code logits}, {@code score}, {@code reward} and {@code step}. */
  public static String of(ModelConfig config) {
    Gpt2Script script = new Gpt2Script(config, false);
    script.masks();
    script.hidden();
    script.heads();
    script.scoring();
    script.step();
    return script.text.toString();
  }

  /**
   * The method {@code hidden_dropout(ids, p, w)}: as {@code hidden}, where embeddings, attention
   * and what each block adds are dropped with probability {@code p} as in GPT-2's own training. It
   * stands apart from {@link #of}: only supervised training (paper 1.5) asks for it, and the
   * programs of rewards and policies do not even contain it (paper P4).
   */
  public static String withDropout(ModelConfig config) {
    Gpt2Script script = new Gpt2Script(config, true);
    script.hidden();
    return script.text.toString();
  }

  /** Where the scalar head's weight stands in {@code w}; its bias is the next one. */
  public static int headIndex(ModelConfig config) {
    return Gpt2Layout.of(config).size();
  }

  private void line(String format, Object... args) {
    text.append(format.formatted(args)).append('\n');
  }

  private void masks() {
    line("  def bias(self, allowed: Tensor) -> Tensor:");
    line("    zeros = torch.zeros_like(allowed, dtype=6)");
    line("    return torch.masked_fill(zeros, torch.logical_not(allowed), -10000000000.)");
  }

  /** {@code hidden(ids, w) -> [B, T, d]}, after the final layer norm. */
  private void hidden() {
    int d = config.width();
    line(
        "  def hidden%s(self, ids: Tensor, %sw: List[Tensor]) -> Tensor:",
        dropout ? "_dropout" : "", dropout ? "p: float, " : "");
    line("    b = torch.size(ids, 0)");
    line("    n = torch.size(ids, 1)");
    line("    keep = torch.ge(ids, 0)");
    line("    full = bool(torch.all(keep))");
    line("    k = torch.to(keep, 4)");
    line("    pos = torch.clamp_min(torch.sub(torch.cumsum(k, 1), 1), 0)");
    line("    tok = torch.clamp_min(ids, 0)");
    line("    ones = torch.ones([n, n], dtype=11, layout=0, device=ids.device)");
    line(
        "    seen = torch.logical_and(torch.unsqueeze(torch.tril(ones), 0), torch.unsqueeze(keep, 1))");
    line("    mask = torch.unsqueeze((self).bias(seen, ), 1)");
    embed("pos");
    for (int layer = 0; layer < config.layers(); layer++) {
      qkv(layer);
      line("    if full:");
      line(
          "      a%d = torch.scaled_dot_product_attention(q%d, k%d, v%d, None, %s, True)",
          layer, layer, layer, layer, dropout ? "p" : "0.");
      line("    else:");
      line(
          "      a%d = torch.scaled_dot_product_attention(q%d, k%d, v%d, mask, %s, False)",
          layer, layer, layer, layer, dropout ? "p" : "0.");
      rest(layer);
    }
    finish();
    line("    out = torch.view(xf, [b, n, %d])", d);
    line("    if full:");
    line("      gathered = out");
    line("    else:");
    line("      at = torch.arange(n, dtype=4, layout=0, device=ids.device)");
    line("      last, ignored = torch.cummax(torch.mul(k, torch.unsqueeze(at, 0)), 1)");
    line("      index = torch.expand(torch.unsqueeze(last, 2), [b, n, %d])", d);
    line("      gathered = torch.gather(out, 1, index)");
    line("    return gathered");
  }

  private void heads() {
    int head = headIndex(config);
    int lm = config.tiedHead() ? 0 : head - 1;
    line("  def unembed(self, h: Tensor, w: List[Tensor]) -> Tensor:");
    line("    return torch.linear(h, w[%d])", lm);
    line("  def scalar(self, h: Tensor, w: List[Tensor]) -> Tensor:");
    line("    return torch.squeeze(torch.linear(h, w[%d], w[%d]), -1)", head, head + 1);
    line("  def logits(self, ids: Tensor, w: List[Tensor]) -> Tensor:");
    line("    return (self).unembed((self).hidden(ids, w, ), w, )");
    line("  def last_logits(self, ids: Tensor, w: List[Tensor]) -> Tensor:");
    line("    return (self).unembed((self).last(ids, w, ), w, )");
    line("  def last(self, ids: Tensor, w: List[Tensor]) -> Tensor:");
    line("    h = (self).hidden(ids, w, )");
    line("    return torch.select(h, 1, -1)");
  }

  /**
   * {@code logprobs(ids, n, temp, w)}: log-probability of each of the last {@code n} tokens and the
   * scalar head on the state before each, both {@code [B, n]}; where a shorter response is padded
   * the numbers mean nothing. {@code reward(ids, w) -> [B]}: the scalar head on the last present
   * token.
   */
  private void scoring() {
    int v = config.vocabulary();
    line(
        "  def response(self, ids: Tensor, n: int, temp: float, w: List[Tensor])"
            + " -> Tuple[Tensor, Tensor]:");
    line("    t = torch.size(ids, 1)");
    line(
        "    h = torch.slice((self).hidden(ids, w, ), 1, torch.sub(torch.sub(t, n), 1), torch.sub(t, 1))");
    line("    z = torch.div((self).unembed(h, w, ), temp)");
    line("    target = torch.clamp_min(torch.slice(ids, 1, torch.sub(t, n), t), 0)");
    line(
        "    nll = torch.cross_entropy_loss(torch.reshape(z, [-1, %d]), torch.reshape(target, [-1]), None, 0, -100, 0.)",
        v);
    line("    logp = torch.neg(torch.reshape(nll, [-1, n]))");
    line("    return (logp, (self).scalar(h, w, ))");
    line(
        "  def score(self, ids: Tensor, n: int, temp: float, w: List[Tensor])"
            + " -> Tuple[Tensor, Tensor]:");
    line("    logp, value = (self).response(ids, n, temp, w, )");
    line("    return (logp, value)");
    line("  def reward(self, ids: Tensor, w: List[Tensor]) -> Tensor:");
    line("    return (self).scalar((self).last(ids, w, ), w, )");
  }

  /**
   * {@code step(ids, keep, t0, cache, u, temp, w)}: runs {@code ids [B, n]} through columns {@code
   * t0..t0+n} of the cache and samples the next token from the last column by inverse CDF with the
   * uniforms {@code u [B]} (greedily if {@code temp} is 0). {@code keep [B, capacity]} is 1 where a
   * column holds a token. Returns the token, its log-probability and the scalar head, each {@code
   * [B]}.
   */
  private void step() {
    int layers = config.layers();
    line(
        "  def step(self, ids: Tensor, keep: Tensor, t0: int, cache: Tensor, u: Tensor, temp: float,"
            + " w: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor]:");
    line("    b = torch.size(ids, 0)");
    line("    n = torch.size(ids, 1)");
    line("    t1 = torch.add(t0, n)");
    line("    k = torch.slice(keep, 1, 0, t1)");
    line("    allpos = torch.clamp_min(torch.sub(torch.cumsum(k, 1), 1), 0)");
    line("    pos = torch.slice(allpos, 1, t0, t1)");
    line("    tok = torch.clamp_min(ids, 0)");
    line("    ones = torch.ones([n, t1], dtype=6, layout=0, device=ids.device)");
    line("    causal = torch.to(torch.tril(ones, t0), 11)");
    line(
        "    seen = torch.logical_and(torch.unsqueeze(causal, 0), torch.unsqueeze(torch.gt(k, 0), 1))");
    line("    mask = torch.unsqueeze((self).bias(seen, ), 1)");
    embed("pos");
    for (int layer = 0; layer < layers; layer++) {
      qkv(layer);
      for (String kind : new String[] {"k", "v"}) {
        int slot = 2 * layer + (kind.equals("k") ? 0 : 1);
        line("    c%s%d = torch.select(cache, 0, %d)", kind, layer, slot);
        line(
            "    w%s%d = torch.copy_(torch.slice(c%s%d, 2, t0, t1), %s%d)",
            kind, layer, kind, layer, kind, layer);
        line("    f%s%d = torch.slice(c%s%d, 2, 0, t1)", kind, layer, kind, layer);
      }
      line(
          "    a%d = torch.scaled_dot_product_attention(q%d, fk%d, fv%d, mask, 0., False)",
          layer, layer, layer, layer);
      rest(layer);
    }
    finish();
    line("    h = torch.select(torch.view(xf, [b, n, %d]), 1, -1)", config.width());
    line("    raw = (self).unembed(h, w, )");
    line("    if torch.gt(temp, 0.):");
    line("      lp0 = torch.log_softmax(torch.div(raw, temp), -1)");
    line("      cdf = torch.cumsum(torch.to(torch.exp(lp0), 7), 1)");
    line("      total = torch.slice(cdf, 1, -1, 9223372036854775807)");
    line("      at = torch.mul(torch.unsqueeze(torch.to(u, 7), 1), total)");
    line(
        "      next0 = torch.clamp_max(torch.searchsorted(cdf, at, out_int32=False, right=True), %d)",
        config.vocabulary() - 1);
    line("      next, lp = next0, lp0");
    line("    else:");
    line("      lp = torch.log_softmax(raw, -1)");
    line("      next = torch.argmax(raw, -1, True)");
    line("    chosen = torch.squeeze(torch.gather(lp, 1, next), 1)");
    line("    return (torch.squeeze(next, 1), chosen, (self).scalar(h, w, ))");
  }

  private void embed(String pos) {
    line(
        "    x0 = %s",
        dropped(
            "torch.reshape(torch.add(torch.embedding(w[0], tok), torch.embedding(w[1], %s)), [-1, %d])"
                .formatted(pos, config.width())));
  }

  private void qkv(int layer) {
    int d = config.width();
    int hd = d / config.heads();
    int at = 2 + PER_LAYER * layer;
    line(
        "    n%d = torch.layer_norm(x%d, [%d], w[%d], w[%d], %s)",
        layer, layer, d, at, at + 1, epsilon());
    line(
        "    p%d = torch.split(torch.addmm(w[%d], n%d, w[%d]), %d, 1)",
        layer, at + 3, layer, at + 2, d);
    String[] names = {"q", "k", "v"};
    for (int i = 0; i < 3; i++) {
      line(
          "    %s%d = torch.transpose(torch.view(p%d[%d], [b, n, %d, %d]), 1, 2)",
          names[i], layer, layer, i, config.heads(), hd);
    }
  }

  private void rest(int layer) {
    int d = config.width();
    int at = 2 + PER_LAYER * layer;
    line("    o%d = torch.reshape(torch.transpose(a%d, 1, 2), [-1, %d])", layer, layer, d);
    line(
        "    y%d = torch.add(x%d, %s)",
        layer, layer, dropped("torch.addmm(w[%d], o%d, w[%d])".formatted(at + 5, layer, at + 4)));
    line(
        "    m%d = torch.layer_norm(y%d, [%d], w[%d], w[%d], %s)",
        layer, layer, d, at + 6, at + 7, epsilon());
    line(
        "    g%d = %s",
        layer, activation("torch.addmm(w[%d], m%d, w[%d])".formatted(at + 9, layer, at + 8)));
    line(
        "    x%d = torch.add(y%d, %s)",
        layer + 1,
        layer,
        dropped("torch.addmm(w[%d], g%d, w[%d])".formatted(at + 11, layer, at + 10)));
  }

  private void finish() {
    int at = 2 + PER_LAYER * config.layers();
    line(
        "    xf = torch.layer_norm(x%d, [%d], w[%d], w[%d], %s)",
        config.layers(), config.width(), at, at + 1, epsilon());
  }

  private String dropped(String x) {
    return dropout ? "torch.dropout(" + x + ", p, True)" : x;
  }

  private String epsilon() {
    return Double.toString(config.layerNormEpsilon());
  }

  private String activation(String x) {
    return switch (config.activation()) {
      case GELU_NEW -> "torch.gelu(" + x + ", approximate=\"tanh\")";
      case GELU -> "torch.gelu(" + x + ")";
      case RELU -> "torch.relu(" + x + ")";
    };
  }
}

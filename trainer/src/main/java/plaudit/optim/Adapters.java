package plaudit.optim;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import plaudit.model.Compute;
import plaudit.model.Gpt2Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ScalarHead;
import plaudit.model.TensorSpec;
import plaudit.model.Weights;

/**
 * Low-rank adapters (LoRA, Hu et al. 2021): every matrix W {@code [in, out]} of the layers stays as
 * it is, and what is learnt is {@code alpha / rank * down @ up} beside it, with {@code down [in,
 * rank]} random and {@code up [rank, out]} zero at first. Without its adapters the net is the
 * reference; with them added in, it is an ordinary net of the layout.
 *
 * <p>The weights a loss gets are those of the layout with a scalar head, all frozen, then what is
 * trained: a scalar head of its own, and the adapters.
 *
 * @param config the architecture
 * @param rank columns of {@code down}
 * @param alpha scale of the adapters
 */
public record Adapters(ModelConfig config, int rank, double alpha) {

  private static final String PREFIX = "lora.";
  private static final List<String> LOSSES = List.of("score", "ppo_loss", "dpo_loss");

  /** What is trained, before the first step; the same seed gives the same weights. */
  public Weights fresh(long seed, Compute compute) {
    Random random = new Random(seed);
    return Weights.read(trained(), spec -> fill(spec, random), true, compute);
  }

  /** Names and shapes of what is trained. */
  public List<TensorSpec> trained() {
    List<TensorSpec> specs = new ArrayList<>();
    List<TensorSpec> all = ScalarHead.VALUE.appendTo(Gpt2Layout.of(config));
    for (TensorSpec head : all.subList(all.size() - 2, all.size())) {
      specs.add(new TensorSpec(PREFIX + head.name(), head.shape()));
    }
    for (TensorSpec matrix : all) {
      if (isAdapted(matrix)) {
        specs.add(TensorSpec.of(PREFIX + matrix.name() + ".down", matrix.dims()[0], rank));
        specs.add(TensorSpec.of(PREFIX + matrix.name() + ".up", rank, matrix.dims()[1]));
      }
    }
    return specs;
  }

  /**
   * The text of {@code merged(w)}, which adds the adapters in and gives the weights of an ordinary
   * net, and of an {@code adapted_...} method for each loss in {@code text} that runs it on them.
   */
  String script(String text) {
    StringBuilder script = new StringBuilder(merged());
    for (String loss : LOSSES) {
      Matcher found =
          Pattern.compile("  def " + loss + "\\(self, (.*), w: List\\[Tensor\\]\\) -> (.*):")
              .matcher(text);
      if (!found.find()) {
        throw new IllegalStateException("no such loss in the script: " + loss);
      }
      String names = found.group(1).replaceAll(": \\w+", "");
      script.append(
          """
            def adapted_%1$s(self, %2$s, w: List[Tensor]) -> %3$s:
              return self.%1$s(%4$s, self.merged(w))
          """
              .formatted(loss, found.group(1), found.group(2), names));
    }
    return script.toString();
  }

  private String merged() {
    List<TensorSpec> layout = Gpt2Layout.of(config);
    int head = layout.size() + 2;
    int next = head + 2;
    StringBuilder text =
        new StringBuilder("  def merged(self, w: List[Tensor]) -> List[Tensor]:\n");
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < layout.size(); i++) {
      parts.add("w[" + i + "]");
      if (isAdapted(layout.get(i))) {
        text.append(
            "    m%d = w[%d] + torch.mm(w[%d], w[%d]) * %s%n"
                .formatted(i, i, next, next + 1, Double.toString(alpha / rank)));
        parts.set(i, "m" + i);
        next += 2;
      }
    }
    parts.add("w[" + head + "]");
    parts.add("w[" + (head + 1) + "]");
    return text.append("    return [").append(String.join(", ", parts)).append("]\n").toString();
  }

  private static boolean isAdapted(TensorSpec spec) {
    return spec.name().startsWith("h.") && spec.shape().size() == 2;
  }

  private static ByteBuffer fill(TensorSpec spec, Random random) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size())).order(ByteOrder.LITTLE_ENDIAN);
    boolean down = spec.name().endsWith(".down");
    for (long i = 0; i < spec.size(); i++) {
      bytes.putFloat(
          down ? (float) (random.nextGaussian() / Math.sqrt((double) spec.dims()[0])) : 0);
    }
    return bytes.flip();
  }
}

package plaudit.optim;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import plaudit.json.JsonFiles;
import plaudit.model.Compute;
import plaudit.model.Dtype;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.SafetensorsWriter;
import plaudit.model.ScalarHead;
import plaudit.model.TensorSpec;
import plaudit.model.Weights;

/**
 * Low-rank adapters (LoRA, Hu et al. 2021): every matrix W {@code [in, out]} of the layers stays as
 * it is, and what is learnt is {@code alpha / rank * down @ up} beside it, with {@code down [in,
 * rank]} random and {@code up [rank, out]} zero at first. Where a family's matrices are {@code
 * [out, in]}, so are these: {@code up [out, rank] @ down [rank, in]}. Without its adapters the net
 * is the reference; with them added in, it is an ordinary net of the layout.
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
    List<TensorSpec> all = ScalarHead.VALUE.appendTo(Layout.of(config));
    for (TensorSpec head : all.subList(all.size() - 2, all.size())) {
      specs.add(new TensorSpec(PREFIX + head.name(), head.shape()));
    }
    for (TensorSpec matrix : all) {
      if (Layout.isLayerMatrix(matrix)) {
        String name = PREFIX + matrix.name();
        long rows = matrix.dims()[0];
        long columns = matrix.dims()[1];
        if (config.inputFirst()) {
          specs.add(TensorSpec.of(name + ".down", rows, rank));
          specs.add(TensorSpec.of(name + ".up", rank, columns));
        } else {
          specs.add(TensorSpec.of(name + ".down", rank, columns));
          specs.add(TensorSpec.of(name + ".up", rows, rank));
        }
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
    List<TensorSpec> layout = Layout.of(config);
    int head = layout.size() + 2;
    int next = head + 2;
    StringBuilder text =
        new StringBuilder("  def merged(self, w: List[Tensor]) -> List[Tensor]:\n");
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < layout.size(); i++) {
      parts.add("w[" + i + "]");
      if (Layout.isLayerMatrix(layout.get(i))) {
        int left = config.inputFirst() ? next : next + 1;
        int right = config.inputFirst() ? next + 1 : next;
        text.append(
            "    m%d = w[%d] + torch.mm(w[%d], w[%d]) * %s%n"
                .formatted(i, i, left, right, Double.toString(alpha / rank)));
        parts.set(i, "m" + i);
        next += 2;
      }
    }
    parts.add("w[" + head + "]");
    parts.add("w[" + (head + 1) + "]");
    return text.append("    return [").append(String.join(", ", parts)).append("]\n").toString();
  }

  /**
   * The adapters as PEFT has them: {@code lora_A [rank, in]} and {@code lora_B [out, rank]} of each
   * matrix.
   *
   * @param read the numbers of a tensor of {@link #trained()}, little-endian F32, by its name
   */
  public List<SafetensorsWriter.Entry> peft(Function<String, ByteBuffer> read) {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    for (TensorSpec matrix : matrices()) {
      String module = "base_model.model." + Layout.storedName(config, matrix);
      String name = module.substring(0, module.length() - ".weight".length());
      long in = matrix.dims()[config.inputFirst() ? 0 : 1];
      long out = matrix.dims()[config.inputFirst() ? 1 : 0];
      String own = PREFIX + matrix.name();
      entries.add(
          SafetensorsWriter.Entry.of(
              name + ".lora_A.weight",
              new long[] {rank, in},
              Dtype.F32,
              () -> outputFirst(read.apply(own + ".down"), rank)));
      entries.add(
          SafetensorsWriter.Entry.of(
              name + ".lora_B.weight",
              new long[] {out, rank},
              Dtype.F32,
              () -> outputFirst(read.apply(own + ".up"), Math.toIntExact(out))));
    }
    return entries;
  }

  /** What PEFT must know of them. */
  public ObjectNode peftConfig(String baseModel) {
    ObjectNode json =
        JsonFiles.newObject()
            .put("peft_type", "LORA")
            .put("task_type", "CAUSAL_LM")
            .put("base_model_name_or_path", baseModel)
            .put("r", rank)
            .put("lora_alpha", alpha)
            .put("lora_dropout", 0.0)
            .put("bias", "none")
            .put("fan_in_fan_out", config.inputFirst())
            .put("inference_mode", true);
    ArrayNode modules = json.putArray("target_modules");
    matrices().stream()
        .map(
            matrix ->
                matrix.name().replaceFirst("^\\w+\\.\\d+\\.", "").replaceFirst("\\.weight$", ""))
        .distinct()
        .forEach(modules::add);
    return json;
  }

  private List<TensorSpec> matrices() {
    return Layout.of(config).stream().filter(Layout::isLayerMatrix).toList();
  }

  /** {@code [in, out]} as {@code [out, in]}, where the family's matrices are the former. */
  private ByteBuffer outputFirst(ByteBuffer matrix, int out) {
    if (!config.inputFirst()) {
      return matrix;
    }
    FloatBuffer from = matrix.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    int in = from.remaining() / out;
    ByteBuffer to =
        ByteBuffer.allocate(from.remaining() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        to.putFloat(from.get(i * out + o));
      }
    }
    return to.flip();
  }

  private ByteBuffer fill(TensorSpec spec, Random random) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size())).order(ByteOrder.LITTLE_ENDIAN);
    boolean down = spec.name().endsWith(".down");
    long in = spec.dims()[config.inputFirst() || !down ? 0 : 1];
    for (long i = 0; i < spec.size(); i++) {
      bytes.putFloat(down ? (float) (random.nextGaussian() / Math.sqrt((double) in)) : 0);
    }
    return bytes.flip();
  }
}

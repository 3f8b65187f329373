package plaudit.model;

/**
 * The text of a linear product {@code x @ W + b}: the one place where it is decided which operator
 * computes it. Types by number: 6 is float32, 15 bfloat16.
 */
final class LinearText {

  private static final String NO_SCALARS = "annotate(List[Optional[number]], [])";

  private LinearText() {}

  /**
   * One linear layer, by its places in the list of weights.
   *
   * @param weight a matrix
   * @param bias a vector, or {@link #NO_BIAS}
   * @param inputFirst whether the matrix is {@code [in, out]}, as GPT-2's layers have it, or {@code
   *     [out, in]}
   * @param packed where the packed matrix is in the list that {@code pack} makes
   */
  record Linear(int weight, int bias, boolean inputFirst, int packed) {
    static final int NO_BIAS = -1;

    private boolean biased() {
      return bias != NO_BIAS;
    }
  }

  /**
   * The product of the variable {@code x}; its shape is {@code [rows, in]} if the input is first.
   */
  static String product(String x, Linear linear, Products products) {
    return switch (products) {
      case PLAIN -> plain(x, linear);
      case PACKED_FP32 -> pointwise(x, linear, "\"none\"", "\"\"");
      case PACKED_BF16 -> "torch.to(" + bf16(x, linear, "\"none\"", "\"\"") + ", 6)";
      case RECORDED_FP32 ->
          "torch.to_dense(torch.mkldnn_linear(torch.to_mkldnn(%s), %s%s))"
              .formatted(x, outputFirst(linear), linear.biased() ? ", " + w(linear.bias()) : "");
      case RECORDED_BF16 ->
          "torch.to(torch.linear(torch.to(%s, 15), torch.to(%s, 15)%s), 6)"
              .formatted(
                  x,
                  outputFirst(linear),
                  linear.biased() ? ", torch.to(" + w(linear.bias()) + ", 15)" : "");
    };
  }

  /** The non-linearity of that product; in bfloat16 where the next product reads it so. */
  static String activated(String x, Linear linear, Activation activation, Products products) {
    if (products.packed()) {
      String name =
          switch (activation) {
            case GELU_NEW, GELU -> "\"gelu\"";
            case RELU -> "\"relu\"";
            case SILU -> "\"swish\"";
          };
      String algorithm =
          switch (activation) {
            case GELU_NEW -> "\"tanh\"";
            case GELU -> "\"none\"";
            case RELU, SILU -> "\"\"";
          };
      return products == Products.PACKED_BF16
          ? bf16(x, linear, name, algorithm)
          : pointwise(x, linear, name, algorithm);
    }
    String product = product(x, linear, products);
    return switch (activation) {
      case GELU_NEW -> "torch.gelu(" + product + ", approximate=\"tanh\")";
      case GELU -> "torch.gelu(" + product + ")";
      case RELU -> "torch.relu(" + product + ")";
      case SILU -> "torch.silu(" + product + ")";
    };
  }

  /** The matrix as {@code pack} keeps it; packed for one row, which serves all numbers of rows. */
  static String packedWeight(Linear linear, Products products) {
    String matrix = outputFirst(linear);
    return "ops.mkldnn._reorder_linear_weight(torch.contiguous(%s), 1)"
        .formatted(products == Products.PACKED_BF16 ? "torch.to(" + matrix + ", 15)" : matrix);
  }

  /** The bias as {@code pack} keeps it. */
  static String packedBias(Linear linear, Products products) {
    String bias = w(linear.bias());
    return products == Products.PACKED_BF16 ? "torch.to(" + bias + ", 15)" : bias;
  }

  private static String plain(String x, Linear linear) {
    String weight = w(linear.weight());
    if (!linear.inputFirst()) {
      return "torch.linear(%s, %s%s)"
          .formatted(x, weight, linear.biased() ? ", " + w(linear.bias()) : "");
    }
    return linear.biased()
        ? "torch.addmm(%s, %s, %s)".formatted(w(linear.bias()), x, weight)
        : "torch.mm(%s, %s)".formatted(x, weight);
  }

  private static String bf16(String x, Linear linear, String activation, String algorithm) {
    return pointwise("torch.to(" + x + ", 15)", linear, activation, algorithm);
  }

  private static String pointwise(String x, Linear linear, String activation, String algorithm) {
    return "ops.mkldnn._linear_pointwise(%s, %s, %s, %s, %s, %s)"
        .formatted(
            x,
            w(linear.packed()),
            linear.biased() ? w(linear.bias()) : "None",
            activation,
            NO_SCALARS,
            algorithm);
  }

  private static String outputFirst(Linear linear) {
    String weight = w(linear.weight());
    return linear.inputFirst() ? "torch.t(" + weight + ")" : weight;
  }

  private static String w(int place) {
    return "w[" + place + "]";
  }
}

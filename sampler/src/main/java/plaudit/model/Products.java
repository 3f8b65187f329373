package plaudit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import plaudit.compute.ComputeThread;
import plaudit.compute.ComputeTime;
import plaudit.model.LinearText.Linear;

/**
 * The operators by which a text multiplies with weights. Which of them this machine has is found
 * out by products of several shapes, compared with the plain ones: an operator that is missing or
 * computes something else is not used. Shapes matter: oneDNN 3.7 on an AMD processor with AVX-512
 * was seen to compute nonsense in float32 wherever the outputs are no multiple of its block.
 *
 * <p>Packed ones read weights that are laid out for them once; they have no gradient, and say so
 * only by gradients that are zero. Recorded ones are those of losses.
 */
public enum Products {
  PLAIN(Precision.EXACT),
  PACKED_FP32(Precision.FP32),
  PACKED_BF16(Precision.BF16),
  RECORDED_FP32(Precision.FP32),
  RECORDED_BF16(Precision.BF16);

  private static final Logger LOG = LoggerFactory.getLogger(Products.class);
  private static final int ROWS = 512;
  private static final int IN = 256;
  private static final int OUT = 1024;
  private static final int TRIES = 6;

  /** Of the products that are compared: one and several blocks of a kernel, whole and in part. */
  private static final int[] ROWS_TRIED = {1, 33};

  private static final int[] IN_TRIED = {37, 64};
  private static final int[] OUT_TRIED = {16, 37, 48, 80, 96, 112, 160, 224, 1000, OUT};

  /**
   * The share of the plain product's time that is clearly faster, so that chance decides little.
   */
  private static final double WORTH = 0.8;

  private static final Map<String, Double> TRIED = new HashMap<>();

  private final Precision precision;

  Products(Precision precision) {
    this.precision = precision;
  }

  /** What they are, never {@link Precision#AUTO}. */
  public Precision precision() {
    return precision;
  }

  /** Whether weights are packed for them. */
  boolean packed() {
    return this == PACKED_FP32 || this == PACKED_BF16;
  }

  /**
   * Those of sampling and scoring: the precision asked for, or the next more exact one where that
   * does not work or is not faster. Left to the machine it is {@link Precision#FP32}.
   */
  public static Products forward(Compute compute) {
    return switch (compute.precision()) {
      case EXACT -> PLAIN;
      case FP32, AUTO -> PACKED_FP32.orPlain(compute);
      case BF16 -> PACKED_BF16.ifFaster(PACKED_FP32.orPlain(compute), compute);
    };
  }

  /**
   * Those of losses, likewise. Left to the machine it is {@link Precision#BF16} or {@link
   * Precision#FP32} where that is clearly faster than what is more exact, else {@link
   * Precision#EXACT}.
   */
  public static Products recorded(Compute compute) {
    return switch (compute.precision()) {
      case EXACT -> PLAIN;
      case FP32 -> RECORDED_FP32.orPlain(compute);
      case BF16 -> RECORDED_BF16.ifFaster(RECORDED_FP32.ifClearlyFaster(PLAIN, compute), compute);
      case AUTO ->
          RECORDED_BF16.ifClearlyFaster(RECORDED_FP32.ifClearlyFaster(PLAIN, compute), compute);
    };
  }

  private Products ifClearlyFaster(Products other, Compute compute) {
    return seconds(compute) < WORTH * other.seconds(compute) ? this : other;
  }

  private Products ifFaster(Products other, Compute compute) {
    if (seconds(compute) < other.seconds(compute)) {
      return this;
    }
    LOG.warn("Products [{}] are not faster than [{}] here, which take their place", this, other);
    return other;
  }

  private Products orPlain(Compute compute) {
    return seconds(compute) < Double.POSITIVE_INFINITY ? this : PLAIN;
  }

  /**
   * Of one product, forward and, where it is recorded, backward; infinite if it is not to be used.
   */
  private double seconds(Compute compute) {
    String key = this + " " + compute.device() + " " + compute.threads();
    synchronized (TRIED) {
      Double known = TRIED.get(key);
      if (known == null) {
        known = compute.device().equals("cpu") ? tried(compute) : Double.POSITIVE_INFINITY;
        TRIED.put(key, known);
      }
      return known;
    }
  }

  /**
   * The rate of the fastest operator of this precision in GFLOP/s: one product {@code [rows, in] x
   * [in, out]}, and the gradient of the weight where it is recorded. 0 where there is none.
   */
  public static double gflops(Precision precision, Compute compute, int rows, int in, int out) {
    double most = 0;
    for (Products products : values()) {
      boolean same = (products.precision == Precision.BF16) == (precision == Precision.BF16);
      if (same && products.seconds(compute) < Double.POSITIVE_INFINITY) {
        try (Trial trial = new Trial(products, compute, rows, in, out)) {
          most = Math.max(most, trial.gflops(trial.seconds()));
        }
      }
    }
    return most;
  }

  private double tried(Compute compute) {
    try {
      double difference = difference(compute);
      double most = precision == Precision.BF16 ? 0.03 : 1e-4;
      if (!(difference <= most)) {
        LOG.atLevel(level(compute))
            .log(
                "Products [{}] are not used: on this processor they differ from exact ones by [{}]"
                    + " (expected: <= {})",
                this,
                "%.1e".formatted(difference),
                most);
        return Double.POSITIVE_INFINITY;
      }
      try (Trial trial = new Trial(this, compute, ROWS, IN, OUT)) {
        double seconds = trial.seconds();
        LOG.info(
            "Products [{}], [{}] threads: difference [{}], [{}] GFLOP/s",
            this,
            compute.threads(),
            "%.1e".formatted(difference),
            Math.round(trial.gflops(seconds)));
        return seconds;
      }
    } catch (RuntimeException e) {
      ComputeThread.check(); // a thread that is closed has found out nothing
      List<String> lines = String.valueOf(e.getMessage()).lines().toList();
      LOG.atLevel(level(compute))
          .log("Products [{}] are not used: [{}]", this, lines.get(lines.size() - 1));
      return Double.POSITIVE_INFINITY;
    }
  }

  /** Who asked for a precision is warned; who left it to the machine has what the machine can. */
  private static Level level(Compute compute) {
    return compute.precision() == Precision.AUTO ? Level.INFO : Level.WARN;
  }

  /** The largest difference from the plain products over all shapes that are tried. */
  private double difference(Compute compute) {
    double worst = 0;
    for (int rows : ROWS_TRIED) {
      for (int in : IN_TRIED) {
        for (int out : OUT_TRIED) {
          try (Trial trial = new Trial(this, compute, rows, in, out)) {
            worst = Math.max(worst, trial.difference());
          }
        }
      }
    }
    return worst;
  }

  /** One product of these, and the plain one, forward and backward. */
  private static final class Trial implements AutoCloseable {

    private static final Linear LINEAR = new Linear(0, 1, true, 0);

    private final Products products;
    private final double flops;
    private final TorchProgram program;
    private final Weights plain;
    private final Weights own;
    private final NDManager arrays;
    private final NDArray x;

    Trial(Products products, Compute compute, int rows, int in, int out) {
      this.products = products;
      this.flops = 2.0 * rows * in * out * (products.packed() ? 1 : 2);
      this.program =
          TorchProgram.compile(
              text("plain", PLAIN)
                  + text("fast", products)
                  + (products.packed() ? DecoderScript.pack(2, List.of(LINEAR), products) : ""),
              compute,
              products.packed() ? List.of(0) : List.of());
      List<TensorSpec> specs = List.of(TensorSpec.of("weight", in, out), TensorSpec.of("b", out));
      this.plain = Weights.read(specs, Trial::numbers, true, compute);
      this.own = Weights.read(specs, Trial::numbers, !products.packed(), compute);
      this.arrays = program.scope();
      this.x = numbers(arrays, rows, in);
    }

    private static String text(String name, Products products) {
      return """
          def %1$s(self, x: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
            y = %2$s
            return torch.sum(torch.square(y)), torch.detach(y)
        """
          .formatted(name, LinearText.product("x", LINEAR, products));
    }

    private static ByteBuffer numbers(TensorSpec spec) {
      ByteBuffer bytes =
          ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size()))
              .order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < spec.size(); i++) {
        bytes.putFloat(number(i));
      }
      return bytes.flip();
    }

    private static NDArray numbers(NDManager manager, int rows, int columns) {
      float[] numbers = new float[rows * columns];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = number(i + 7);
      }
      return manager.create(numbers, new Shape(rows, columns));
    }

    /** Between -0.5 and 0.5, the same always. */
    private static float number(int i) {
      return Math.floorMod(i * 2654435761L, 1000L) / 1000f - 0.5f;
    }

    /** The largest difference of results and gradients, relative to the largest number. */
    double difference() {
      List<float[]> expected = run("plain", plain, false);
      List<float[]> got = run("fast", own, products.packed());
      double worst = 0;
      for (int i = 0; i < got.size(); i++) {
        worst = Math.max(worst, difference(expected.get(i), got.get(i)));
      }
      return worst;
    }

    private static double difference(float[] expected, float[] got) {
      double difference = 0;
      double largest = 0;
      for (int i = 0; i < expected.length; i++) {
        difference = Math.max(difference, Math.abs((double) expected[i] - got[i]));
        largest = Math.max(largest, Math.abs((double) expected[i]));
      }
      return difference / largest;
    }

    /** The product and, unless it is packed, the gradients of both weights. */
    private List<float[]> run(String method, Weights weights, boolean packed) {
      if (packed) {
        return List.of(program.infer(method, arrays, weights, x).get(1).toFloatArray());
      }
      List<float[]> results = new ArrayList<>();
      NDList out = program.train(method, arrays, weights, x);
      results.add(out.get(1).toFloatArray());
      program.backward(out.get(0));
      try (NDList gradients = program.gradients(weights)) {
        gradients.forEach(gradient -> results.add(gradient.toFloatArray()));
      }
      return results;
    }

    double gflops(double seconds) {
      return flops / seconds / 1e9;
    }

    /** The shortest time of one. */
    double seconds() {
      double shortest = Double.POSITIVE_INFINITY;
      for (int i = 0; i < TRIES; i++) {
        long start = ComputeTime.nanos(program.threads());
        if (products.packed()) {
          program.infer("fast", arrays, own, x);
        } else {
          program.backward(program.train("fast", arrays, own, x).get(0));
        }
        shortest = Math.min(shortest, (ComputeTime.nanos(program.threads()) - start) / 1e9);
      }
      return shortest;
    }

    @Override
    public void close() {
      arrays.close();
      program.close();
      plain.close();
      own.close();
    }
  }
}

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

  /** Of the product that is timed: so short that most tries fall between two interruptions. */
  private static final int ROWS = 256;

  private static final int IN = 256;
  private static final int OUT = 512;
  private static final int TRIES = 30;

  /** Of the products that are compared: one and several blocks of a kernel, whole and in part. */
  private static final int[] ROWS_TRIED = {1, 33};

  private static final int[] IN_TRIED = {37, 64};
  private static final int[] OUT_TRIED = {16, 37, 48, 80, 96, 112, 160, 224, 1000, 1024};

  /** The share of another's time that is clearly faster, so that chance decides little. */
  private static final double FASTER = 0.8;

  private static final Map<String, Boolean> RIGHT = new HashMap<>();
  private static final Map<String, Double> TIMES = new HashMap<>();

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
   * is not computed right here. Left to the machine it is {@link Precision#FP32}.
   */
  public static Products forward(Compute compute) {
    return switch (compute.precision()) {
      case EXACT -> PLAIN;
      case FP32, AUTO -> PACKED_FP32.isRight(compute) ? PACKED_FP32 : PLAIN;
      case BF16 ->
          PACKED_BF16.isRight(compute) ? PACKED_BF16 : forward(compute.with(Precision.FP32));
    };
  }

  /**
   * Those of losses, likewise. Left to the machine it is {@link Precision#BF16} or {@link
   * Precision#FP32} where that is clearly faster than what is more exact, else {@link
   * Precision#EXACT}. What is asked for by name is never a matter of time: a run that goes on
   * computes as it began, however busy its machine is.
   */
  public static Products recorded(Compute compute) {
    return switch (compute.precision()) {
      case EXACT -> PLAIN;
      case FP32 -> RECORDED_FP32.isRight(compute) ? RECORDED_FP32 : PLAIN;
      case BF16 ->
          RECORDED_BF16.isRight(compute) ? RECORDED_BF16 : recorded(compute.with(Precision.FP32));
      case AUTO -> RECORDED_BF16.ifFaster(RECORDED_FP32.ifFaster(PLAIN, compute), compute);
    };
  }

  private Products ifFaster(Products other, Compute compute) {
    return times(other, compute) < FASTER && isRight(compute) ? this : other;
  }

  /** Whether this machine has these operators and computes with them what it should. */
  private boolean isRight(Compute compute) {
    synchronized (RIGHT) {
      return RIGHT.computeIfAbsent(
          key(compute), key -> compute.device().equals("cpu") && triedRight(compute));
    }
  }

  /**
   * The time of one product, and of its gradients, as a share of another's; infinite where it
   * cannot be computed. Always of one thread: its own time on a processor does not depend on what
   * else the machine does.
   */
  private double times(Products other, Compute compute) {
    Compute alone = new Compute(compute.device(), 1, compute.precision());
    synchronized (TIMES) {
      return TIMES.computeIfAbsent(
          key(alone) + " " + other,
          key ->
              alone.device().equals("cpu") ? triedTimes(other, alone) : Double.POSITIVE_INFINITY);
    }
  }

  private String key(Compute compute) {
    return this + " " + compute.device() + " " + compute.threads();
  }

  /**
   * The rate of the fastest operator of this precision in GFLOP/s: one product {@code [rows, in] x
   * [in, out]}, and the gradient of the weight where it is recorded. 0 where there is none.
   */
  public static double gflops(Precision precision, Compute compute, int rows, int in, int out) {
    double most = 0;
    for (Products products : values()) {
      boolean same = (products.precision == Precision.BF16) == (precision == Precision.BF16);
      if (same && products.isRight(compute)) {
        try (Trial trial = new Trial(products, compute);
            Trial.Shaped product = trial.shaped(rows, in, out)) {
          double shortest = Double.POSITIVE_INFINITY;
          for (int i = 0; i < TRIES; i++) {
            shortest = Math.min(shortest, product.seconds(!products.packed()));
          }
          most = Math.max(most, product.flops() / shortest / 1e9);
        }
      }
    }
    return most;
  }

  private boolean triedRight(Compute compute) {
    if (this == PLAIN) {
      return true;
    }
    double most = precision == Precision.BF16 ? 0.03 : 1e-4;
    try (Trial trial = new Trial(this, compute)) {
      if (precision == Precision.BF16 && !trial.hasBf16()) {
        LOG.atLevel(level(compute))
            .log("Products [{}] are not used: this processor only imitates bfloat16", this);
        return false;
      }
      for (int rows : ROWS_TRIED) {
        for (int in : IN_TRIED) {
          for (int out : OUT_TRIED) {
            double difference = trial.difference(rows, in, out);
            if (!(difference <= most)) {
              LOG.atLevel(level(compute))
                  .log(
                      "Products [{}] are not used: on this processor they differ from exact ones by"
                          + " [{}] (expected: <= {})",
                      this,
                      "%.1e".formatted(difference),
                      most);
              return false;
            }
          }
        }
      }
      return true;
    } catch (RuntimeException e) {
      return missing(compute, e);
    }
  }

  /** By turns, so that what else the machine does meanwhile falls on both. */
  private double triedTimes(Products other, Compute compute) {
    try (Trial own = new Trial(this, compute);
        Trial others = new Trial(other, compute);
        Trial.Shaped mine = own.shaped(ROWS, IN, OUT);
        Trial.Shaped theirs = others.shaped(ROWS, IN, OUT)) {
      double shortest = Double.POSITIVE_INFINITY;
      double shortestOther = Double.POSITIVE_INFINITY;
      for (int i = 0; i < TRIES; i++) {
        shortest = Math.min(shortest, mine.seconds(!packed()));
        shortestOther = Math.min(shortestOther, theirs.seconds(!packed()));
      }
      double times = shortest / shortestOther;
      LOG.info("Products [{}]: [{}] times the time of [{}]", this, "%.2f".formatted(times), other);
      return times;
    } catch (RuntimeException e) {
      missing(compute, e);
      return Double.POSITIVE_INFINITY;
    }
  }

  private boolean missing(Compute compute, RuntimeException why) {
    ComputeThread.check(); // a thread that is closed has found out nothing
    List<String> lines = String.valueOf(why.getMessage()).lines().toList();
    LOG.atLevel(level(compute))
        .log("Products [{}] are not used: [{}]", this, lines.get(lines.size() - 1));
    return false;
  }

  /** Who asked for a precision is warned; who left it to the machine has what the machine can. */
  private static Level level(Compute compute) {
    return compute.precision() == Precision.AUTO ? Level.INFO : Level.WARN;
  }

  /** Products of these, and the plain ones, forward and backward. */
  private static final class Trial implements AutoCloseable {

    private static final Linear LINEAR = new Linear(0, 1, true, 0);

    private static final String HAS_BF16 =
        """
          def has_bf16(self, x: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
            return torch.mul(x, int(ops.mkldnn._is_mkldnn_bf16_supported())), x
        """;

    private final Products products;
    private final Compute compute;
    private final TorchProgram program;

    Trial(Products products, Compute compute) {
      this.products = products;
      this.compute = compute;
      this.program =
          TorchProgram.compile(
              text("plain", PLAIN)
                  + text("tried", products)
                  + HAS_BF16
                  + (products.packed() ? DecoderScript.pack(2, List.of(LINEAR), products) : ""),
              compute,
              products.packed() ? List.of(0) : List.of());
    }

    private static String text(String name, Products products) {
      return """
          def %1$s(self, x: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
            y = %2$s
            return torch.sum(torch.square(y)), torch.detach(y)
        """
          .formatted(name, LinearText.product("x", LINEAR, products));
    }

    /** One product {@code [rows, in] x [in, out]}. */
    Shaped shaped(int rows, int in, int out) {
      return new Shaped(rows, in, out);
    }

    /** Whether oneDNN has kernels of bfloat16 for this processor. */
    boolean hasBf16() {
      try (Shaped any = shaped(1, 1, 1)) {
        return program
                .infer("has_bf16", any.arrays, any.plain, any.arrays.ones(new Shape(1)))
                .get(0)
                .getFloat()
            != 0;
      }
    }

    /** The largest difference of results and gradients, relative to the largest number. */
    double difference(int rows, int in, int out) {
      try (Shaped shaped = shaped(rows, in, out)) {
        return shaped.difference();
      }
    }

    @Override
    public void close() {
      program.close();
    }

    /** A product of one shape. */
    final class Shaped implements AutoCloseable {

      private final double flops;
      private final Weights plain;
      private final Weights own;
      private final NDManager arrays = program.scope();
      private final NDArray x;

      private Shaped(int rows, int in, int out) {
        List<TensorSpec> specs = List.of(TensorSpec.of("weight", in, out), TensorSpec.of("b", out));
        this.flops = 2.0 * rows * in * out * (products.packed() ? 1 : 2);
        this.plain = Weights.read(specs, Shaped::numbers, true, compute);
        this.own = Weights.read(specs, Shaped::numbers, !products.packed(), compute);
        float[] numbers = new float[rows * in];
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = number(i + 7);
        }
        this.x = arrays.create(numbers, new Shape(rows, in));
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

      /** Between -0.5 and 0.5, the same always. */
      private static float number(int i) {
        return Math.floorMod(i * 2654435761L, 1000L) / 1000f - 0.5f;
      }

      double flops() {
        return flops;
      }

      double difference() {
        List<float[]> expected = run("plain", plain, false);
        List<float[]> got = run("tried", own, products.packed());
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

      /**
       * The time that it takes now.
       *
       * @param gradients whether with the weights' gradients
       */
      double seconds(boolean gradients) {
        long start = ComputeTime.nanos(program.threads());
        if (gradients) {
          program.backward(program.train("tried", arrays, own, x).get(0));
        } else {
          program.infer("tried", arrays, own, x);
        }
        return (ComputeTime.nanos(program.threads()) - start) / 1e9;
      }

      @Override
      public void close() {
        program.unbind();
        arrays.close();
        plain.close();
        own.close();
      }
    }
  }
}

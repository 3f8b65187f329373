package plaudit.model;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import plaudit.tokens.Tokens;

/**
 * A decoder in plain Java and double precision, one token after another, straight from the
 * definition: slow, and the reference that the fast network is held against.
 */
final class SlowDecoder {

  private final ModelConfig config;
  private final List<Weights> readers;

  private SlowDecoder(ModelConfig config, List<Weights> readers) {
    this.config = config;
    this.readers = readers;
  }

  /** The logits after the last token of a text. */
  static float[] lastLogits(ModelConfig config, Weights weights, Tokens text) {
    return lastLogits(config, Collections.nCopies(text.length(), weights), text);
  }

  /**
   * The same where each token is read by weights of its own, which find the keys and values of the
   * tokens before as their readers left them.
   */
  static float[] lastLogits(ModelConfig config, List<Weights> readers, Tokens text) {
    return new SlowDecoder(config, readers).run(text);
  }

  private float[] run(Tokens text) {
    int n = text.length();
    int d = config.width();
    double[][] x = new double[n][d];
    for (int t = 0; t < n; t++) {
      double[] embedding = tensor(name("embedding", 0) + ".weight", t);
      for (int i = 0; i < d; i++) {
        x[t][i] = embedding[text.get(t) * d + i];
        if (config.rotary().isEmpty()) {
          x[t][i] += tensor(name("positions", 0) + ".weight", t)[t * d + i];
        }
      }
    }
    for (int layer = 0; layer < config.layers(); layer++) {
      double[][] before = copy(x);
      double[][] normed = norm(before, name("norm1", layer));
      add(x, linear(attention(normed, layer), name("output", layer)));
      add(x, inner(norm(config.parallel() ? before : x, name("norm2", layer)), layer));
    }
    double[] last = norm(x, name("final_norm", 0))[n - 1];
    double[] head = tensor(name(config.tiedHead() ? "embedding" : "head", 0) + ".weight", n - 1);
    float[] logits = new float[config.vocabulary()];
    for (int v = 0; v < logits.length; v++) {
      double sum = 0;
      for (int i = 0; i < d; i++) {
        sum += last[i] * head[v * d + i];
      }
      logits[v] = (float) sum;
    }
    return logits;
  }

  private String name(String part, int layer) {
    return config.family().tensor(part, layer);
  }

  private static double[][] copy(double[][] x) {
    double[][] copy = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      copy[t] = x[t].clone();
    }
    return copy;
  }

  private double[][] inner(double[][] normed, int layer) {
    boolean gated = config.family().has("gate");
    double[][] inner = linear(normed, name(gated ? "gate" : "up", layer));
    double[][] up = gated ? linear(normed, name("up", layer)) : inner;
    for (int t = 0; t < inner.length; t++) {
      for (int i = 0; i < inner[t].length; i++) {
        inner[t][i] = gated ? activate(inner[t][i]) * up[t][i] : activate(inner[t][i]);
      }
    }
    return linear(inner, name("down", layer));
  }

  /** One head's rows of queries (0), keys (1) or values (2), rotated where they are to be. */
  private double[][] head(double[][] normed, int layer, int which, int head) {
    int width = config.headWidth();
    int from;
    double[][] all;
    if (config.family().has("qkv")) {
      all = linear(normed, name("qkv", layer));
      from = which * config.width() + head * width;
    } else if (config.family().has("qkv_by_head")) {
      all = linear(normed, name("qkv_by_head", layer));
      from = (3 * head + which) * width;
    } else {
      all = linear(normed, name(List.of("query", "key", "value").get(which), layer));
      from = head * width;
    }
    double[][] rows = new double[all.length][];
    for (int t = 0; t < rows.length; t++) {
      rows[t] = Arrays.copyOfRange(all[t], from, from + width);
    }
    if (which < 2 && config.family().has("query_norm")) {
      rows = norm(rows, name(which == 0 ? "query_norm" : "key_norm", layer));
    }
    if (which < 2 && config.rotary().isPresent()) {
      rotate(rows, config.rotary().get());
    }
    return rows;
  }

  private static void rotate(double[][] rows, Rotary rotary) {
    int half = rotary.channels() / 2;
    for (int t = 0; t < rows.length; t++) {
      for (int i = 0; i < half; i++) {
        double angle = t * rotary.frequencies()[i];
        double one = rows[t][i];
        double two = rows[t][i + half];
        rows[t][i] = one * Math.cos(angle) - two * Math.sin(angle);
        rows[t][i + half] = two * Math.cos(angle) + one * Math.sin(angle);
      }
    }
  }

  private double[][] attention(double[][] normed, int layer) {
    int n = normed.length;
    int width = config.headWidth();
    int group = config.heads() / config.attention().keyHeads();
    int window = config.attention().window().orElse(n);
    double[][] out = new double[n][config.heads() * width];
    for (int head = 0; head < config.heads(); head++) {
      double[][] q = head(normed, layer, 0, head);
      double[][] k = head(normed, layer, 1, head / group);
      double[][] v = head(normed, layer, 2, head / group);
      for (int t = 0; t < n; t++) {
        double[] weight = new double[t + 1];
        double total = 0;
        for (int s = Math.max(0, t - window + 1); s <= t; s++) {
          double dot = 0;
          for (int i = 0; i < width; i++) {
            dot += q[t][i] * k[s][i];
          }
          weight[s] = Math.exp(dot / Math.sqrt(width));
          total += weight[s];
        }
        for (int s = 0; s <= t; s++) {
          for (int i = 0; i < width; i++) {
            out[t][head * width + i] += weight[s] / total * v[s][i];
          }
        }
      }
    }
    return out;
  }

  private double[][] norm(double[][] x, String name) {
    boolean centred = config.family().norm() == Family.Norm.LAYER;
    double[][] out = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      double[] gain = tensor(name + ".weight", t);
      double[] bias = centred ? tensor(name + ".bias", t) : new double[gain.length];
      double mean = 0;
      double square = 0;
      for (double value : x[t]) {
        mean += centred ? value / x[t].length : 0;
      }
      for (double value : x[t]) {
        square += (value - mean) * (value - mean) / x[t].length;
      }
      for (int i = 0; i < x[t].length; i++) {
        out[t][i] = (x[t][i] - mean) / Math.sqrt(square + config.normEpsilon()) * gain[i] + bias[i];
      }
    }
    return out;
  }

  private double[][] linear(double[][] x, String name) {
    double[][] out = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      double[] weight = tensor(name + ".weight", t);
      int in = x[t].length;
      int rows = weight.length / in;
      double[] bias = has(name + ".bias") ? tensor(name + ".bias", t) : new double[rows];
      out[t] = new double[rows];
      for (int o = 0; o < rows; o++) {
        double sum = bias[o];
        for (int i = 0; i < in; i++) {
          sum += x[t][i] * weight[config.inputFirst() ? i * rows + o : o * in + i];
        }
        out[t][o] = sum;
      }
    }
    return out;
  }

  private boolean has(String name) {
    return readers.get(0).specs().stream().anyMatch(spec -> spec.name().equals(name));
  }

  private static void add(double[][] x, double[][] y) {
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < x[t].length; i++) {
        x[t][i] += y[t][i];
      }
    }
  }

  private double activate(double x) {
    return switch (config.activation()) {
      case RELU -> Math.max(0, x);
      case GELU_NEW ->
          0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      case SILU -> x / (1 + Math.exp(-x));
      case GELU -> 0.5 * x * (1 + erf(x / Math.sqrt(2)));
    };
  }

  /** The error function by its Taylor series, exact to rounding for the small arguments here. */
  private static double erf(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 200; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }

  /** As the reader of the token at {@code t} has it. */
  private double[] tensor(String name, int t) {
    Weights weights = readers.get(t);
    for (int i = 0; i < weights.specs().size(); i++) {
      if (weights.specs().get(i).name().equals(name)) {
        float[] values = weights.arrays().get(i).toFloatArray();
        double[] out = new double[values.length];
        for (int j = 0; j < out.length; j++) {
          out[j] = values[j];
        }
        return out;
      }
    }
    throw new IllegalArgumentException(name);
  }
}

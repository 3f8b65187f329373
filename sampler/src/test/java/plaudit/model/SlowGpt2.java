package plaudit.model;

import java.util.Collections;
import java.util.List;
import plaudit.tokens.Tokens;

/**
 * GPT-2 in plain Java and double precision, one token after another, straight from the definition:
 * slow, and the reference that the fast network is held against.
 */
final class SlowGpt2 {

  private final ModelConfig config;
  private final List<Weights> readers;

  private SlowGpt2(ModelConfig config, List<Weights> readers) {
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
    return new SlowGpt2(config, readers).run(text);
  }

  private float[] run(Tokens text) {
    int n = text.length();
    int d = config.width();
    double[][] x = new double[n][d];
    for (int t = 0; t < n; t++) {
      double[] wte = tensor("wte.weight", t);
      double[] wpe = tensor("wpe.weight", t);
      for (int i = 0; i < d; i++) {
        x[t][i] = wte[text.get(t) * d + i] + wpe[t * d + i];
      }
    }
    for (int layer = 0; layer < config.layers(); layer++) {
      String h = "h." + layer + ".";
      double[][] attended = attention(linear(norm(x, h + "ln_1"), h + "attn.c_attn"));
      add(x, linear(attended, h + "attn.c_proj"));
      double[][] inner = linear(norm(x, h + "ln_2"), h + "mlp.c_fc");
      for (double[] row : inner) {
        for (int i = 0; i < row.length; i++) {
          row[i] = activate(row[i]);
        }
      }
      add(x, linear(inner, h + "mlp.c_proj"));
    }
    double[] last = norm(x, "ln_f")[n - 1];
    double[] head = tensor(config.tiedHead() ? "wte.weight" : "lm_head.weight", n - 1);
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

  private double[][] attention(double[][] qkv) {
    int n = qkv.length;
    int d = config.width();
    int width = d / config.heads();
    double[][] out = new double[n][d];
    for (int head = 0; head < config.heads(); head++) {
      int q = head * width;
      for (int t = 0; t < n; t++) {
        double[] weight = new double[t + 1];
        double total = 0;
        for (int s = 0; s <= t; s++) {
          double dot = 0;
          for (int i = 0; i < width; i++) {
            dot += qkv[t][q + i] * qkv[s][d + q + i];
          }
          weight[s] = Math.exp(dot / Math.sqrt(width));
          total += weight[s];
        }
        for (int s = 0; s <= t; s++) {
          for (int i = 0; i < width; i++) {
            out[t][q + i] += weight[s] / total * qkv[s][2 * d + q + i];
          }
        }
      }
    }
    return out;
  }

  private double[][] norm(double[][] x, String name) {
    double[][] out = new double[x.length][config.width()];
    for (int t = 0; t < x.length; t++) {
      double[] gain = tensor(name + ".weight", t);
      double[] bias = tensor(name + ".bias", t);
      double mean = 0;
      double square = 0;
      for (double value : x[t]) {
        mean += value / x[t].length;
      }
      for (double value : x[t]) {
        square += (value - mean) * (value - mean) / x[t].length;
      }
      for (int i = 0; i < x[t].length; i++) {
        out[t][i] =
            (x[t][i] - mean) / Math.sqrt(square + config.layerNormEpsilon()) * gain[i] + bias[i];
      }
    }
    return out;
  }

  private double[][] linear(double[][] x, String name) {
    double[][] out = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      double[] weight = tensor(name + ".weight", t);
      double[] bias = tensor(name + ".bias", t);
      out[t] = new double[bias.length];
      for (int o = 0; o < bias.length; o++) {
        double sum = bias[o];
        for (int i = 0; i < x[t].length; i++) {
          sum += x[t][i] * weight[i * bias.length + o];
        }
        out[t][o] = sum;
      }
    }
    return out;
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

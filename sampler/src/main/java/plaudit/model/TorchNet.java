package plaudit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import plaudit.tokens.Tokens;

/** A {@link CausalNet} on TorchScript: one native call a batch, one a token when decoding. */
public final class TorchNet implements CausalNet {

  private final ModelConfig config;
  private final TorchProgram program;
  private Weights weights;

  private TorchNet(ModelConfig config, TorchProgram program, Weights weights) {
    this.config = config;
    this.program = program;
    this.weights = weights;
  }

  /** Compiles the architecture; the net owns {@code weights} from now on. */
  public static TorchNet of(ModelConfig config, Weights weights, Compute compute) {
    return new TorchNet(config, TorchProgram.compile(Gpt2Script.of(config), compute), weights);
  }

  /**
   * Replaces the weights between two calls and closes the old ones. A decoding that is under way
   * goes on with the new ones.
   */
  public void swap(Weights fresh) {
    program.unbind();
    weights.close();
    weights = fresh;
  }

  @Override
  public ModelConfig config() {
    return config;
  }

  @Override
  public ResponseScores score(List<Tokens> queries, List<Tokens> responses, float temperature) {
    return score(program, weights, queries, responses, temperature);
  }

  static ResponseScores score(
      TorchProgram program,
      Weights weights,
      List<Tokens> queries,
      List<Tokens> responses,
      float temperature) {
    TokenBatch batch = TokenBatch.aligned(queries, responses);
    int length = responses.stream().mapToInt(Tokens::length).max().orElse(0);
    try (NDManager scope = program.scope()) {
      NDArray ids = ids(scope, batch);
      NDList out = program.infer("score", scope, weights, ids, length, (double) temperature);
      return new ResponseScores(cut(rows(out.get(0)), responses), cut(rows(out.get(1)), responses));
    }
  }

  @Override
  public float[] reward(List<Tokens> sequences) {
    try (NDManager scope = program.scope()) {
      NDArray ids = ids(scope, TokenBatch.leftAligned(sequences));
      return program.infer("reward", scope, weights, ids).get(0).toFloatArray();
    }
  }

  @Override
  public float[][] lastLogits(List<Tokens> sequences) {
    try (NDManager scope = program.scope()) {
      NDArray ids = ids(scope, TokenBatch.leftAligned(sequences));
      return rows(program.infer("last_logits", scope, weights, ids).get(0));
    }
  }

  @Override
  public Decoding decode(List<Tokens> queries, int responses, int maxNewTokens, float temperature) {
    return new CachedDecoding(queries, responses, maxNewTokens, temperature);
  }

  @Override
  public void close() {
    program.close();
    weights.close();
  }

  private static NDArray ids(NDManager scope, TokenBatch batch) {
    return scope.create(batch.ids(), new Shape(batch.rows(), batch.columns()));
  }

  /** Each row without what stands for padding. */
  private static float[][] cut(float[][] rows, List<Tokens> responses) {
    for (int row = 0; row < rows.length; row++) {
      rows[row] = Arrays.copyOf(rows[row], responses.get(row).length());
    }
    return rows;
  }

  private static float[][] rows(NDArray matrix) {
    int rows = (int) matrix.getShape().get(0);
    int columns = (int) matrix.getShape().get(1);
    float[] flat = matrix.toFloatArray();
    float[][] out = new float[rows][];
    for (int row = 0; row < rows; row++) {
      out[row] = Arrays.copyOfRange(flat, row * columns, (row + 1) * columns);
    }
    return out;
  }

  /**
   * Keys and values of all columns so far live in one preallocated tensor. All columns of a query
   * but the last are read once and then copied for each of its responses. The ids of all columns
   * are kept beside it, in case new weights are to read them again.
   */
  private final class CachedDecoding implements Decoding {

    private final NDManager scope = program.scope();
    private final int rows;
    private final int capacity;
    private final double temperature;
    private final NDArray keep;
    private final NDArray cache;

    /** What stands in the columns so far, shape {@code [rows, capacity]}. */
    private final long[] written;

    private NDArray input;
    private int column;

    CachedDecoding(List<Tokens> queries, int responses, int maxNewTokens, float temperature) {
      List<Tokens> nothing = queries.stream().map(query -> Tokens.of()).toList();
      TokenBatch batch = TokenBatch.aligned(queries, nothing);
      this.rows = batch.rows() * responses;
      this.capacity = batch.columns() + maxNewTokens;
      this.temperature = temperature;
      this.written = new long[rows * capacity];
      for (int row = 0; row < rows; row++) {
        int from = row / responses * batch.columns();
        System.arraycopy(batch.ids(), from, written, row * capacity, batch.columns());
      }
      try (NDManager once = scope.newSubManager()) {
        NDArray ids = ids(once, batch);
        NDArray present = present(once, batch);
        NDArray read = emptyCache(once, batch.rows());
        if (responses > 1 && batch.columns() > 1) {
          column = batch.columns() - 1;
          NDArray unused = once.zeros(new Shape(batch.rows()));
          NDArray before = ids.get(new NDIndex(":, :" + column));
          program.infer("step", once, weights, before, present, 0, read, unused, temperature);
          ids = ids.get(new NDIndex(":, " + column + ":"));
        }
        this.keep = own(present.repeat(0, responses));
        this.cache = own(responses == 1 ? read : read.repeat(1, responses));
        this.input = own(ids.repeat(0, responses));
      } catch (RuntimeException e) {
        scope.close();
        throw e;
      }
    }

    private NDArray own(NDArray array) {
      array.attach(scope);
      return array;
    }

    private NDArray present(NDManager once, TokenBatch batch) {
      long[] present = new long[batch.rows() * capacity];
      Arrays.fill(present, 1);
      for (int i = 0; i < batch.ids().length; i++) {
        if (batch.ids()[i] == TokenBatch.PAD) {
          present[i / batch.columns() * capacity + i % batch.columns()] = 0;
        }
      }
      return once.create(present, new Shape(batch.rows(), capacity));
    }

    private NDArray emptyCache(NDManager once, int count) {
      int heads = config.heads();
      return once.zeros(
          new Shape(2L * config.layers(), count, heads, capacity, config.width() / heads),
          DataType.FLOAT32);
    }

    @Override
    public Step next(float[] uniforms) {
      int width = (int) input.getShape().get(1);
      if (column + width > capacity) {
        throw new IllegalStateException("step beyond the " + capacity + " columns asked for");
      }
      try (NDManager step = scope.newSubManager()) {
        NDArray u = step.create(uniforms);
        NDList out =
            program.infer("step", step, weights, input, keep, column, cache, u, temperature);
        int[] tokens = Arrays.stream(out.get(0).toLongArray()).mapToInt(id -> (int) id).toArray();
        float[] logprobs = out.get(1).toFloatArray();
        float[] values = out.get(2).toFloatArray();
        column += width;
        for (int row = 0; column < capacity && row < rows; row++) {
          written[row * capacity + column] = tokens[row];
        }
        input.close();
        input = scope.create(out.get(0).toLongArray(), new Shape(rows, 1));
        return new Step(tokens, logprobs, values);
      }
    }

    @Override
    public void reread() {
      if (column == 0) {
        return;
      }
      long[] before = new long[rows * column];
      for (int row = 0; row < rows; row++) {
        System.arraycopy(written, row * capacity, before, row * column, column);
      }
      try (NDManager once = scope.newSubManager()) {
        NDArray ids = once.create(before, new Shape(rows, column));
        NDArray unused = once.zeros(new Shape(rows));
        program.infer("step", once, weights, ids, keep, 0, cache, unused, temperature);
      }
    }

    @Override
    public void close() {
      scope.close();
    }
  }
}

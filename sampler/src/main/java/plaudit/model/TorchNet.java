package plaudit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import plaudit.tokens.Tokens;

/** A {@link CausalNet} on TorchScript: one native call a batch, one a token when decoding. */
public final class TorchNet implements CausalNet {

  /** Tokens with padding of one pass of scoring, at most: what bounds its memory. */
  private static final int SCORED_TOKENS = 8192;

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
    return new TorchNet(config, DecoderScript.program(config, compute), weights);
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
    float[][] logprobs = new float[queries.size()][];
    float[][] values = new float[queries.size()][];
    for (List<Integer> group : groups(queries, responses)) {
      List<Tokens> written = group.stream().map(responses::get).toList();
      TokenBatch batch = TokenBatch.aligned(group.stream().map(queries::get).toList(), written);
      int length = written.stream().mapToInt(Tokens::length).max().orElse(0);
      try (NDManager scope = program.scope()) {
        NDArray ids = ids(scope, batch);
        NDList out = program.infer("score", scope, weights, ids, length, (double) temperature);
        float[][] ownLogprobs = rows(out.get(0));
        float[][] ownValues = rows(out.get(1));
        for (int i = 0; i < written.size(); i++) {
          logprobs[group.get(i)] = Arrays.copyOf(ownLogprobs[i], written.get(i).length());
          values[group.get(i)] = Arrays.copyOf(ownValues[i], written.get(i).length());
        }
      }
    }
    return new ResponseScores(logprobs, values);
  }

  /** What is scored in one pass. */
  private static List<List<Integer>> groups(List<Tokens> before, List<Tokens> after) {
    return LengthGroups.of(
        before.stream().mapToInt(Tokens::length).toArray(),
        after.stream().mapToInt(Tokens::length).toArray(),
        Integer.MAX_VALUE,
        SCORED_TOKENS);
  }

  @Override
  public float[] reward(List<Tokens> sequences) {
    float[] rewards = new float[sequences.size()];
    for (List<Integer> group :
        groups(sequences.stream().map(it -> Tokens.of()).toList(), sequences)) {
      try (NDManager scope = program.scope()) {
        NDArray ids =
            ids(scope, TokenBatch.leftAligned(group.stream().map(sequences::get).toList()));
        float[] own = program.infer("reward", scope, weights, ids).get(0).toFloatArray();
        for (int i = 0; i < own.length; i++) {
          rewards[group.get(i)] = own[i];
        }
      }
    }
    return rewards;
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
   * Keys and values of all columns so far live in one preallocated tensor, whose rows are in order
   * of their queries' lengths: queries of about one length are read in one pass, right-aligned. All
   * columns of a query but the last are read once and then copied for each of its responses. A row
   * that ends leaves its place to the last one, so that those that go on stand side by side. The
   * ids of all columns are kept beside it, in case new weights are to read them again.
   */
  private final class CachedDecoding implements Decoding {

    private final NDManager scope = program.scope();
    private final int rows;
    private final int columns;
    private final int capacity;
    private final double temperature;
    private final NDArray keep;
    private final NDArray cache;
    private final boolean[] ended;

    /** What stands in the columns of each row so far, shape {@code [rows, capacity]}. */
    private final long[] written;

    /** The row in each place of the cache that is computed for. */
    private int[] places;

    /** How many columns have been read. */
    private int column;

    /** Numbers of neighbouring places, and of the columns of their longest query. */
    private record Pass(int places, int columns) {}

    /** What reads the queries, unless that is done. */
    private List<Pass> unread;

    CachedDecoding(List<Tokens> queries, int responses, int maxNewTokens, float temperature) {
      int[] lengths = queries.stream().mapToInt(Tokens::length).toArray();
      List<List<Integer>> groups =
          LengthGroups.of(lengths, new int[lengths.length], lengths.length, Integer.MAX_VALUE);
      this.rows = lengths.length * responses;
      this.columns = Arrays.stream(lengths).max().orElse(0);
      this.capacity = columns + maxNewTokens;
      this.temperature = temperature;
      this.ended = new boolean[rows];
      this.written = written(queries, responses);
      int[] order = groups.stream().flatMap(List::stream).mapToInt(Integer::intValue).toArray();
      this.unread =
          groups.stream()
              .map(group -> new Pass(group.size(), lengths[group.get(group.size() - 1)]))
              .toList();
      try (NDManager once = scope.newSubManager()) {
        NDArray present = present(once, order, lengths);
        NDArray read = emptyCache(once, order.length);
        boolean shared = responses > 1 && columns > 1;
        if (shared) {
          this.places = Arrays.stream(order).map(query -> query * responses).toArray();
          float[] unused = new float[rows];
          int first = 0;
          for (Pass pass : unread) {
            if (pass.columns() > 1) {
              step(
                  once,
                  present,
                  read,
                  first,
                  pass.places(),
                  columns - pass.columns(),
                  columns - 1,
                  unused);
            }
            first += pass.places();
          }
          column = columns - 1;
        }
        this.places =
            Arrays.stream(order)
                .flatMap(query -> IntStream.range(query * responses, (query + 1) * responses))
                .toArray();
        this.unread =
            shared
                ? List.of(new Pass(rows, 1))
                : unread.stream()
                    .map(pass -> new Pass(pass.places() * responses, pass.columns()))
                    .toList();
        this.keep = own(responses == 1 ? present : present.repeat(0, responses));
        this.cache = own(responses == 1 ? read : read.repeat(1, responses));
      } catch (RuntimeException e) {
        scope.close();
        throw e;
      }
    }

    private NDArray own(NDArray array) {
      array.attach(scope);
      return array;
    }

    private long[] written(List<Tokens> queries, int responses) {
      long[] ids = new long[rows * capacity];
      Arrays.fill(ids, TokenBatch.PAD);
      for (int row = 0; row < rows; row++) {
        Tokens query = queries.get(row / responses);
        int from = row * capacity + columns - query.length();
        for (int i = 0; i < query.length(); i++) {
          ids[from + i] = query.get(i);
        }
      }
      return ids;
    }

    private NDArray present(NDManager once, int[] order, int[] lengths) {
      long[] present = new long[order.length * capacity];
      for (int place = 0; place < order.length; place++) {
        int from = place * capacity + columns - lengths[order[place]];
        Arrays.fill(present, from, (place + 1) * capacity, 1);
      }
      return once.create(present, new Shape(order.length, capacity));
    }

    private NDArray emptyCache(NDManager once, int count) {
      int heads = config.attention().keyHeads();
      return once.zeros(
          new Shape(2L * config.layers(), count, heads, capacity, config.headWidth()),
          DataType.FLOAT32);
    }

    /** Reads columns {@code from} to {@code to} of so many places. */
    private NDList step(
        NDManager once,
        NDArray keep,
        NDArray cache,
        int first,
        int count,
        int from,
        int to,
        float[] uniforms) {
      int width = to - from;
      long[] ids = new long[count * width];
      float[] cuts = new float[count];
      for (int i = 0; i < count; i++) {
        int row = places[first + i];
        System.arraycopy(written, row * capacity + from, ids, i * width, width);
        cuts[i] = uniforms[row];
      }
      NDArray input = once.create(ids, new Shape(count, width));
      NDArray u = once.create(cuts);
      return program.infer("step", once, weights, input, keep, first, from, cache, u, temperature);
    }

    @Override
    public Step next(float[] uniforms) {
      int end = Math.max(column + 1, columns);
      if (end > capacity) {
        throw new IllegalStateException("step beyond the " + capacity + " columns asked for");
      }
      leave();
      Step step = new Step(new int[rows], new float[rows], new float[rows]);
      int first = 0;
      for (Pass pass : unread.isEmpty() ? List.of(new Pass(places.length, 1)) : unread) {
        try (NDManager once = scope.newSubManager()) {
          NDList out =
              step(once, keep, cache, first, pass.places(), end - pass.columns(), end, uniforms);
          long[] tokens = out.get(0).toLongArray();
          float[] logprobs = out.get(1).toFloatArray();
          float[] values = out.get(2).toFloatArray();
          for (int i = 0; i < tokens.length; i++) {
            int row = places[first + i];
            step.tokens()[row] = (int) tokens[i];
            step.logprobs()[row] = logprobs[i];
            step.values()[row] = values[i];
            if (end < capacity) {
              written[row * capacity + end] = tokens[i];
            }
          }
        }
        first += pass.places();
      }
      unread = List.of();
      column = end;
      return step;
    }

    @Override
    public void end(int row) {
      ended[row] = true;
    }

    /** Closes the gaps that ended rows have left. */
    private void leave() {
      if (!unread.isEmpty()) {
        return;
      }
      int count = places.length;
      for (int place = 0; place < count; place++) {
        while (count > place && ended[places[count - 1]]) {
          count--;
        }
        if (place < count && ended[places[place]]) {
          count--;
          places[place] = places[count];
          try (NDManager once = scope.newSubManager()) {
            program.infer("move", once, weights, keep, cache, count, place, column);
          }
        }
      }
      places = Arrays.copyOf(places, count);
    }

    @Override
    public void reread() {
      if (column == 0) {
        return;
      }
      leave();
      try (NDManager once = scope.newSubManager()) {
        step(once, keep, cache, 0, places.length, 0, column, new float[rows]);
      }
    }

    @Override
    public void close() {
      scope.close();
    }
  }
}

package plaudit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.model.CausalNet.Decoding;
import plaudit.model.CausalNet.ResponseScores;
import plaudit.model.CausalNet.Step;
import plaudit.tokens.Tokens;

class TorchNetTest {

  private static final float TEMPERATURE = 0.7f;

  private final Random random = new Random(7);

  @ParameterizedTest
  @CsvSource({"GELU_NEW,true", "GELU,true", "RELU,true", "GELU_NEW,false", "RELU,false"})
  void agreesWithTheSlowReference(Activation activation, boolean tied) {
    ModelConfig config = TinyModels.config(activation, tied);
    List<Tokens> texts = texts(config, 5, 3, 11);
    try (Weights weights = TinyModels.weights(config, false, 1);
        TorchNet net = TorchNet.of(config, TinyModels.weights(config, false, 1), Compute.cpu(1))) {
      float[][] fast = net.lastLogits(texts);
      for (int row = 0; row < texts.size(); row++) {
        float[] slow = SlowDecoder.lastLogits(config, weights, texts.get(row));
        assertThat(fast[row]).usingComparatorWithPrecision(1e-4f).containsExactly(slow);
      }
    }
  }

  @Test
  void cachedDecodingGivesTheLogprobsOfTheWholeText() {
    ModelConfig config = TinyModels.config(Activation.GELU_NEW, true);
    List<Tokens> queries = texts(config, 6, 1, 9);
    try (TorchNet net = net(config)) {
      Sampled sampled = sample(net, queries, 8);
      ResponseScores scores = net.score(queries, sampled.responses(), TEMPERATURE);
      assertClose(sampled.logprobs(), scores.logprobs(), 1e-5f);
      assertClose(sampled.values(), scores.values(), 1e-5f);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void queriesReadInSeveralPassesGiveTheLogprobsOfTheWholeText(int responses) {
    ModelConfig config = TinyModels.config(Activation.GELU_NEW, true);
    List<Tokens> queries = new ArrayList<>(texts(config, 30, 1, 2));
    queries.addAll(texts(config, 30, 8, 9));
    Collections.shuffle(queries, random);
    int[] lengths = queries.stream().mapToInt(Tokens::length).toArray();
    assertThat(LengthGroups.of(lengths, new int[60], 60, Integer.MAX_VALUE)).hasSize(2);
    try (TorchNet net = net(config)) {
      assertRightWithRowsThatEnd(net, queries, responses);
    }
  }

  /** Row r ends after 1 + r % 7 tokens, the others go on; none notices. */
  private void assertRightWithRowsThatEnd(TorchNet net, List<Tokens> queries, int responses) {
    int rows = queries.size() * responses;
    List<List<Integer>> tokens = new ArrayList<>();
    List<List<Float>> logprobs = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      tokens.add(new ArrayList<>());
      logprobs.add(new ArrayList<>());
    }
    float[] uniforms = new float[rows];
    try (Decoding decoding = net.decode(queries, responses, 7, TEMPERATURE)) {
      for (int t = 0; t < 7; t++) {
        for (int row = 0; row < rows; row++) {
          uniforms[row] = random.nextFloat();
        }
        if (t == 4) {
          decoding.reread();
        }
        Step step = decoding.next(uniforms);
        for (int row = 0; row < rows; row++) {
          if (t <= row % 7) {
            tokens.get(row).add(step.tokens()[row]);
            logprobs.get(row).add(step.logprobs()[row]);
          }
          if (t == row % 7) {
            decoding.end(row);
          }
        }
      }
    }
    for (int row = 0; row < rows; row++) {
      Tokens response = Tokens.of(tokens.get(row).stream().mapToInt(Integer::intValue).toArray());
      float[] expected =
          net.score(List.of(queries.get(row / responses)), List.of(response), TEMPERATURE)
              .logprobs()[0];
      for (int t = 0; t < expected.length; t++) {
        assertThat(logprobs.get(row).get(t)).isCloseTo(expected[t], within(1e-5f));
      }
    }
  }

  @Test
  void severalResponsesToAQueryAreThoseOfARepeatedQuery() {
    ModelConfig config = TinyModels.config(Activation.GELU_NEW, true);
    List<Tokens> queries = texts(config, 3, 1, 9);
    List<Tokens> repeated = new ArrayList<>();
    queries.forEach(query -> repeated.addAll(List.of(query, query)));
    float[] uniforms = {0.1f, 0.9f, 0.3f, 0.6f, 0.2f, 0.8f};
    try (TorchNet net = net(config);
        Decoding shared = net.decode(queries, 2, 3, TEMPERATURE);
        Decoding plain = net.decode(repeated, 3, TEMPERATURE)) {
      for (int t = 0; t < 3; t++) {
        Step one = shared.next(uniforms);
        Step other = plain.next(uniforms);
        assertThat(one.tokens()).containsExactly(other.tokens());
        assertThat(one.logprobs())
            .usingComparatorWithPrecision(1e-5f)
            .containsExactly(other.logprobs());
        assertThat(one.values())
            .usingComparatorWithPrecision(1e-5f)
            .containsExactly(other.values());
      }
    }
  }

  @Test
  void batchOrderAndCompanyDoNotChangeLogprobs() {
    ModelConfig config = TinyModels.config(Activation.GELU_NEW, true);
    List<Tokens> queries = texts(config, 6, 1, 9);
    List<Tokens> responses = texts(config, 6, 5, 5);
    try (TorchNet net = net(config)) {
      float[][] together = net.score(queries, responses, TEMPERATURE).logprobs();
      List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5));
      Collections.shuffle(order, random);
      float[][] shuffled =
          net.score(
                  order.stream().map(queries::get).toList(),
                  order.stream().map(responses::get).toList(),
                  TEMPERATURE)
              .logprobs();
      for (int i = 0; i < 6; i++) {
        int row = order.get(i);
        assertThat(shuffled[i]).usingComparatorWithPrecision(1e-5f).containsExactly(together[row]);
        float[][] alone =
            net.score(List.of(queries.get(row)), List.of(responses.get(row)), TEMPERATURE)
                .logprobs();
        assertThat(alone[0]).usingComparatorWithPrecision(1e-5f).containsExactly(together[row]);
      }
    }
  }

  @Test
  void paddingAnywhereChangesNothingAndAPadRepeatsTheTokenToItsLeft() {
    ModelConfig config = TinyModels.config(Activation.GELU_NEW, true);
    long pad = TokenBatch.PAD;
    long[] plain = {5, 9, 2, 30, 11};
    long[] left = {pad, pad, 5, 9, 2, 30, 11};
    long[] middle = {5, 9, pad, pad, 2, 30, 11};
    long[] right = {5, 9, 2, 30, 11, pad, pad};
    try (Weights weights = TinyModels.weights(config, false, 1);
        TorchProgram program =
            TorchProgram.compile(DecoderScript.of(config, Products.PLAIN), Compute.cpu(1));
        NDManager scope = program.scope()) {
      float[][] expected = hidden(program, scope, weights, plain);
      float[][] l = hidden(program, scope, weights, left);
      float[][] m = hidden(program, scope, weights, middle);
      float[][] r = hidden(program, scope, weights, right);
      for (int i = 0; i < 5; i++) {
        close(l[i + 2], expected[i]);
        close(m[i < 2 ? i : i + 2], expected[i]);
        close(r[i], expected[i]);
      }
      close(m[2], expected[1]);
      close(m[3], expected[1]);
      close(r[5], expected[4]);
      close(r[6], expected[4]);
    }
  }

  @Test
  void rewardIsReadAtTheLastTokenWhateverFollows() {
    ModelConfig config = TinyModels.config(Activation.RELU, true);
    List<Tokens> texts = List.of(TinyModels.text(random, 4, 37), TinyModels.text(random, 12, 37));
    try (TorchNet net = net(config)) {
      float[] together = net.reward(texts);
      assertThat(net.reward(List.of(texts.get(0)))[0]).isEqualTo(together[0], within(1e-5f));
      assertThat(net.reward(List.of(texts.get(1)))[0]).isEqualTo(together[1], within(1e-5f));
    }
  }

  @Test
  void temperatureZeroTakesTheLikeliestToken() {
    ModelConfig config = TinyModels.config(Activation.GELU_NEW, true);
    List<Tokens> queries = texts(config, 3, 4, 8);
    try (TorchNet net = net(config);
        Decoding decoding = net.decode(queries, 1, 0)) {
      Step step = decoding.next(new float[] {0.99f, 0.5f, 0f});
      float[][] logits = net.lastLogits(queries);
      for (int row = 0; row < 3; row++) {
        float[] z = logits[row];
        float chosen = z[step.tokens()[row]];
        for (float other : z) {
          assertThat(other).isLessThanOrEqualTo(chosen);
        }
      }
    }
  }

  @Test
  void samplingFollowsTheSoftmaxOfTheTemperedLogits() {
    ModelConfig config = TinyModels.config(Activation.GELU_NEW, true);
    Tokens query = TinyModels.text(random, 5, 37);
    int draws = 20_000;
    try (TorchNet net = net(config);
        Decoding decoding = net.decode(Collections.nCopies(draws, query), 1, TEMPERATURE)) {
      float[] uniforms = new float[draws];
      for (int i = 0; i < draws; i++) {
        uniforms[i] = random.nextFloat();
      }
      double[] share = new double[37];
      for (int token : decoding.next(uniforms).tokens()) {
        share[token] += 1.0 / draws;
      }
      float[] z = net.lastLogits(List.of(query))[0];
      double total = 0;
      for (float value : z) {
        total += Math.exp(value / TEMPERATURE);
      }
      for (int token = 0; token < 37; token++) {
        double p = Math.exp(z[token] / TEMPERATURE) / total;
        assertThat(share[token]).isEqualTo(p, within(5 * Math.sqrt(p / draws) + 1e-4));
      }
    }
  }

  @Test
  void aResponseThatEndsEarlyIsScoredAsIfItWereAlone() {
    ModelConfig config = TinyModels.config(Activation.GELU_NEW, true);
    List<Tokens> queries = List.of(Tokens.of(1, 4), Tokens.of(1), Tokens.of(3, 3, 3));
    List<Tokens> responses = List.of(Tokens.of(2), Tokens.of(2, 3, 5), Tokens.of(9, 8));
    try (TorchNet net = net(config)) {
      var together = net.score(queries, responses, 0.7f);
      for (int row = 0; row < 3; row++) {
        var alone = net.score(List.of(queries.get(row)), List.of(responses.get(row)), 0.7f);
        assertThat(together.logprobs()[row]).containsExactly(alone.logprobs()[0], within(1e-5f));
        assertThat(together.values()[row]).containsExactly(alone.values()[0], within(1e-5f));
      }
    }
  }

  private static TorchNet net(ModelConfig config) {
    return TorchNet.of(config, TinyModels.weights(config, false, 1), Compute.cpu(1));
  }

  private List<Tokens> texts(ModelConfig config, int count, int shortest, int longest) {
    List<Tokens> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = shortest + random.nextInt(longest - shortest + 1);
      texts.add(TinyModels.text(random, length, config.vocabulary()));
    }
    return texts;
  }

  private Sampled sample(TorchNet net, List<Tokens> queries, int length) {
    int rows = queries.size();
    int[][] tokens = new int[rows][length];
    float[][] logprobs = new float[rows][length];
    float[][] values = new float[rows][length];
    try (Decoding decoding = net.decode(queries, length, TEMPERATURE)) {
      for (int t = 0; t < length; t++) {
        float[] uniforms = new float[rows];
        for (int row = 0; row < rows; row++) {
          uniforms[row] = random.nextFloat();
        }
        Step step = decoding.next(uniforms);
        for (int row = 0; row < rows; row++) {
          tokens[row][t] = step.tokens()[row];
          logprobs[row][t] = step.logprobs()[row];
          values[row][t] = step.values()[row];
        }
      }
    }
    List<Tokens> responses = new ArrayList<>();
    for (int[] row : tokens) {
      responses.add(Tokens.of(row));
    }
    return new Sampled(responses, logprobs, values);
  }

  private record Sampled(List<Tokens> responses, float[][] logprobs, float[][] values) {}

  private static float[][] hidden(
      TorchProgram program, NDManager scope, Weights weights, long[] ids) {
    NDList out =
        program.infer("hidden", scope, weights, scope.create(ids, new Shape(1, ids.length)));
    int width = (int) out.get(0).getShape().get(2);
    float[] flat = out.get(0).toFloatArray();
    float[][] rows = new float[ids.length][width];
    for (int i = 0; i < ids.length; i++) {
      System.arraycopy(flat, i * width, rows[i], 0, width);
    }
    return rows;
  }

  private static void close(float[] actual, float[] expected) {
    assertThat(actual).usingComparatorWithPrecision(1e-4f).containsExactly(expected);
  }

  private static void assertClose(float[][] actual, float[][] expected, float tolerance) {
    for (int row = 0; row < expected.length; row++) {
      assertThat(actual[row])
          .usingComparatorWithPrecision(tolerance)
          .containsExactly(expected[row]);
    }
  }
}

package plaudit.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
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

/** Weights that are replaced between two tokens. */
class SwappedDecodingTest {

  private static final float TEMPERATURE = 0.7f;
  private static final int LENGTH = 7;
  private static final int RESPONSES = 2;
  private static final long OLD = 1;
  private static final long NEW = 2;
  private static final ModelConfig CONFIG = TinyModels.config(Activation.GELU_NEW, true);
  private static final List<Tokens> QUERIES =
      List.of(Tokens.of(5, 9, 2, 30), Tokens.of(11), Tokens.of(7, 7, 36, 0, 1, 19));

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void toTheSameWeightsChangesNothing(boolean reread) {
    Written plain = write(CONFIG, QUERIES, OLD, OLD, LENGTH, false);
    Written swapped = write(CONFIG, QUERIES, OLD, OLD, 3, reread);
    assertThat(swapped.responses()).isEqualTo(plain.responses());
    for (int row = 0; row < plain.logprobs().length; row++) {
      if (reread) {
        assertClose(swapped.logprobs()[row], plain.logprobs()[row], 1e-5f);
        assertClose(swapped.values()[row], plain.values()[row], 1e-5f);
      } else {
        assertThat(swapped.logprobs()[row]).containsExactly(plain.logprobs()[row]);
        assertThat(swapped.values()[row]).containsExactly(plain.values()[row]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,false", "4,false", "6,false", "1,true", "4,true", "6,true"})
  void untilThenTheOldOnesWrite(int at, boolean reread) {
    Written plain = write(CONFIG, QUERIES, OLD, OLD, LENGTH, false);
    Written swapped = write(CONFIG, QUERIES, OLD, NEW, at, reread);
    for (int row = 0; row < plain.logprobs().length; row++) {
      assertThat(swapped.responses().get(row).slice(0, at))
          .isEqualTo(plain.responses().get(row).slice(0, at));
      assertThat(Arrays.copyOf(swapped.logprobs()[row], at))
          .containsExactly(Arrays.copyOf(plain.logprobs()[row], at));
      assertThat(Arrays.copyOf(swapped.values()[row], at))
          .containsExactly(Arrays.copyOf(plain.values()[row], at));
    }
    assertThat(swapped.responses()).isNotEqualTo(plain.responses());
  }

  /** Against the definition: each token read by the version that the net had then. */
  @ParameterizedTest
  @CsvSource({"1,GELU_NEW,true", "3,GELU,true", "6,RELU,false"})
  void theNewOnesReadTheOldOnesCache(int at, Activation activation, boolean tied) {
    ModelConfig config = TinyModels.config(activation, tied);
    Written written = write(config, QUERIES, OLD, NEW, at, false);
    try (Weights old = TinyModels.weights(config, false, OLD);
        Weights fresh = TinyModels.weights(config, false, NEW)) {
      for (int row = 0; row < written.logprobs().length; row++) {
        Tokens query = QUERIES.get(row / RESPONSES);
        Tokens text = query.concat(written.responses().get(row));
        for (int t = 0; t < LENGTH; t++) {
          Tokens before = text.slice(0, query.length() + t);
          int readByOld = query.length() + at - 1; // the last old token is read by the new ones
          List<Weights> readers = new ArrayList<>(Collections.nCopies(readByOld, old));
          readers.addAll(Collections.nCopies(LENGTH, fresh));
          float[] logits = SlowDecoder.lastLogits(config, readers, before);
          double expected = logprob(logits, text.get(before.length()));
          assertClose(
              new float[] {written.logprobs()[row][t]}, new float[] {(float) expected}, 1e-4f);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 6})
  void afterRereadingItIsAsIfTheNewOnesHadReadAll(int at) {
    Written written = write(CONFIG, QUERIES, OLD, NEW, at, true);
    List<Tokens> queries = new ArrayList<>();
    QUERIES.forEach(query -> queries.addAll(Collections.nCopies(RESPONSES, query)));
    try (TorchNet net =
        TorchNet.of(CONFIG, TinyModels.weights(CONFIG, false, NEW), Compute.cpu(1))) {
      ResponseScores scores = net.score(queries, written.responses(), TEMPERATURE);
      for (int row = 0; row < queries.size(); row++) {
        assertClose(from(at, written.logprobs()[row]), from(at, scores.logprobs()[row]), 1e-4f);
        assertClose(from(at, written.values()[row]), from(at, scores.values()[row]), 1e-4f);
      }
    }
  }

  @Test
  void rereadingBeforeTheFirstTokenIsReadingAfresh() {
    try (TorchNet net =
            TorchNet.of(CONFIG, TinyModels.weights(CONFIG, false, OLD), Compute.cpu(1));
        TorchNet other =
            TorchNet.of(CONFIG, TinyModels.weights(CONFIG, false, NEW), Compute.cpu(1));
        Decoding one = net.decode(QUERIES, 1, TEMPERATURE);
        Decoding two = net.decode(QUERIES, RESPONSES, 1, TEMPERATURE);
        Decoding expected = other.decode(QUERIES, 1, TEMPERATURE)) {
      net.swap(TinyModels.weights(CONFIG, false, NEW));
      one.reread();
      two.reread();
      float[] half = new float[QUERIES.size() * RESPONSES];
      Arrays.fill(half, 0.5f);
      float[] fresh = expected.next(Arrays.copyOf(half, QUERIES.size())).logprobs();
      assertClose(one.next(Arrays.copyOf(half, QUERIES.size())).logprobs(), fresh, 1e-5f);
      float[] both = two.next(half).logprobs();
      for (int row = 0; row < both.length; row++) {
        assertClose(new float[] {both[row]}, new float[] {fresh[row / RESPONSES]}, 1e-4f);
      }
    }
  }

  @Test
  void weightsOnTrialSayWhatANetWouldSay() {
    List<Tokens> responses = List.of(Tokens.of(3, 4), Tokens.of(30), Tokens.of(1, 2, 3));
    try (TrialNet trial = TrialNet.of(CONFIG, Compute.cpu(1));
        Weights weights = TinyModels.weights(CONFIG, false, NEW);
        TorchNet net =
            TorchNet.of(CONFIG, TinyModels.weights(CONFIG, false, NEW), Compute.cpu(1))) {
      ResponseScores tried = trial.score(weights, QUERIES, responses, TEMPERATURE);
      ResponseScores said = net.score(QUERIES, responses, TEMPERATURE);
      for (int row = 0; row < QUERIES.size(); row++) {
        assertThat(tried.logprobs()[row]).containsExactly(said.logprobs()[row]);
      }
    }
  }

  private record Written(List<Tokens> responses, float[][] logprobs, float[][] values) {}

  /** The weights are {@code second} from the token {@code at} on. */
  private static Written write(
      ModelConfig config, List<Tokens> queries, long first, long second, int at, boolean reread) {
    int rows = queries.size() * RESPONSES;
    int[][] tokens = new int[rows][LENGTH];
    float[][] logprobs = new float[rows][LENGTH];
    float[][] values = new float[rows][LENGTH];
    Random random = new Random(3);
    try (TorchNet net =
            TorchNet.of(config, TinyModels.weights(config, false, first), Compute.cpu(1));
        Decoding decoding = net.decode(queries, RESPONSES, LENGTH, TEMPERATURE)) {
      for (int t = 0; t < LENGTH; t++) {
        if (t == at) {
          net.swap(TinyModels.weights(config, false, second));
          if (reread) {
            decoding.reread();
          }
        }
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
    return new Written(Arrays.stream(tokens).map(Tokens::of).toList(), logprobs, values);
  }

  private static double logprob(float[] logits, int token) {
    double total = 0;
    for (float logit : logits) {
      total += Math.exp(logit / TEMPERATURE);
    }
    return logits[token] / TEMPERATURE - Math.log(total);
  }

  private static float[] from(int at, float[] numbers) {
    return Arrays.copyOfRange(numbers, at, numbers.length);
  }

  private static void assertClose(float[] actual, float[] expected, float tolerance) {
    assertThat(actual).usingComparatorWithPrecision(tolerance).containsExactly(expected);
  }
}

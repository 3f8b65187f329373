package plaudit.eval;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.Gpt2Layout;
import plaudit.model.ModelDirectory;
import plaudit.model.RewardFile;
import plaudit.model.ScalarHead;
import plaudit.model.TensorSpec;
import plaudit.model.Tokenizer;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.tokens.Tokens;

/**
 * Scores by a reward model: {@code gain * head + bias} on the last token of query and response
 * (paper 1.3, R1), as a run leaves it in its directory {@code reward}.
 */
public final class RewardScorer implements TextScorer {

  private static final int AT_ONCE = 32;

  private final ModelDirectory directory;
  private final Tokenizer tokenizer;
  private final TorchNet net;
  private final float gain;
  private final float bias;

  private RewardScorer(
      ModelDirectory directory, Tokenizer tokenizer, TorchNet net, float gain, float bias) {
    this.directory = directory;
    this.tokenizer = tokenizer;
    this.net = net;
    this.gain = gain;
    this.bias = bias;
  }

  /** Opens a model directory that has a reward head and its scale. */
  public static RewardScorer open(Path path, Compute compute) {
    ModelDirectory directory = ModelDirectory.open(path);
    List<TensorSpec> specs = ScalarHead.REWARD.appendTo(Gpt2Layout.of(directory.config()));
    List<TensorSpec> own = new ArrayList<>(specs.subList(specs.size() - 2, specs.size()));
    own.addAll(RewardFile.SCALE);
    own.forEach(spec -> extra(directory, spec));
    Tokenizer tokenizer = directory.openTokenizer();
    try {
      Weights weights =
          Weights.read(
              specs,
              spec ->
                  ScalarHead.REWARD.owns(spec) ? extra(directory, spec) : directory.weight(spec),
              false,
              compute);
      return new RewardScorer(
          directory,
          tokenizer,
          TorchNet.of(directory.config(), weights, compute),
          number(extra(directory, RewardFile.SCALE.get(0))),
          number(extra(directory, RewardFile.SCALE.get(1))));
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  private static ByteBuffer extra(ModelDirectory directory, TensorSpec spec) {
    return directory
        .extra(spec.name())
        .filter(extra -> extra.spec().shape().equals(spec.shape()))
        .map(ModelDirectory.Extra::data)
        .orElseThrow(
            () ->
                InvalidInputException.of(
                    "reward model " + directory.path(),
                    "no tensor " + spec.name() + " of shape " + spec.shape(),
                    "the directory 'reward' of a run"));
  }

  private static float number(ByteBuffer one) {
    return one.order(ByteOrder.LITTLE_ENDIAN).getFloat(one.position());
  }

  @Override
  public double[] score(List<Passage> passages) {
    double[] scores = new double[passages.size()];
    for (int from = 0; from < scores.length; from += AT_ONCE) {
      List<Passage> part = passages.subList(from, Math.min(from + AT_ONCE, scores.length));
      float[] raw = net.reward(part.stream().map(this::sequence).toList());
      for (int i = 0; i < raw.length; i++) {
        scores[from + i] = gain * raw[i] + bias;
      }
    }
    return scores;
  }

  private Tokens sequence(Passage passage) {
    Tokens query =
        passage
            .written()
            .map(Passage.Written::query)
            .filter(tokens -> tokenizer.decode(tokens).equals(passage.answer().query()))
            .orElseGet(() -> tokenizer.encode(passage.answer().query()));
    Tokens response =
        passage
            .written()
            .map(Passage.Written::response)
            .filter(tokens -> tokenizer.decode(tokens).equals(passage.answer().response()))
            .orElseGet(() -> tokenizer.encode(passage.answer().response()));
    Tokens all = query.concat(response);
    int context = directory.config().context();
    if (all.length() == 0 || all.length() > context) {
      throw InvalidInputException.of(
          "query and response \"" + beginning(passage.answer().query()) + "\"",
          all.length() + " tokens",
          "1 to %d, the context of %s".formatted(context, directory.path()));
    }
    return all;
  }

  private static String beginning(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }

  @Override
  public String name() {
    return "reward model " + directory.path();
  }

  @Override
  public void close() {
    net.close();
    tokenizer.close();
  }
}

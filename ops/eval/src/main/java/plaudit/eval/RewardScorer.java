package plaudit.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.ModelDirectory;
import plaudit.model.RewardDirectory;
import plaudit.model.TensorSpec;
import plaudit.model.Tokenizer;
import plaudit.model.TorchNet;
import plaudit.tokens.Tokens;

/**
 * Scores by a reward model: {@code gain * head + bias} on the last token of query and response
 * (paper 1.3, R1), as a run leaves it in its directory {@code reward}.
 */
public final class RewardScorer implements TextScorer {

  private static final int AT_ONCE = 32;

  private final RewardDirectory directory;
  private final Tokenizer tokenizer;
  private final TorchNet net;

  private RewardScorer(RewardDirectory directory, Tokenizer tokenizer, TorchNet net) {
    this.directory = directory;
    this.tokenizer = tokenizer;
    this.net = net;
  }

  /** Opens a model directory that has a reward head and its scale. */
  public static RewardScorer open(Path path, Compute compute) {
    ModelDirectory model = ModelDirectory.open(path);
    RewardDirectory.extras(model.config()).forEach(spec -> require(model, spec));
    RewardDirectory directory = RewardDirectory.open(path);
    Tokenizer tokenizer = model.openTokenizer();
    try {
      return new RewardScorer(directory, tokenizer, directory.net(compute));
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  private static void require(ModelDirectory model, TensorSpec spec) {
    if (model.extra(spec.name()).filter(e -> e.spec().shape().equals(spec.shape())).isEmpty()) {
      throw InvalidInputException.of(
          "reward model " + model.path(),
          "no tensor " + spec.name() + " of shape " + spec.shape(),
          "the directory 'reward' of a run");
    }
  }

  @Override
  public double[] score(List<Passage> passages) {
    double[] scores = new double[passages.size()];
    for (int from = 0; from < scores.length; from += AT_ONCE) {
      List<Passage> part = passages.subList(from, Math.min(from + AT_ONCE, scores.length));
      float[] rewards = directory.score(net, part.stream().map(this::sequence).toList());
      for (int i = 0; i < rewards.length; i++) {
        scores[from + i] = rewards[i];
      }
    }
    return scores;
  }

  private Tokens sequence(Passage passage) {
    Tokens query = tokens(passage.written().map(Passage.Written::query), passage.answer().query());
    Tokens response =
        tokens(passage.written().map(Passage.Written::response), passage.answer().response());
    Tokens all = query.concat(response);
    int context = directory.directory().config().context();
    if (all.length() == 0 || all.length() > context) {
      throw InvalidInputException.of(
          "query and response \"" + beginning(passage.answer().query()) + "\"",
          all.length() + " tokens",
          "1 to %d, the context of %s".formatted(context, directory.directory().path()));
    }
    return all;
  }

  /** The tokens as they were written, unless they are those of another text. */
  private Tokens tokens(Optional<Tokens> written, String text) {
    return written
        .filter(tokens -> tokenizer.decode(tokens).equals(text))
        .orElseGet(() -> tokenizer.encode(text));
  }

  private static String beginning(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }

  @Override
  public String name() {
    return "reward model " + directory.directory().path();
  }

  @Override
  public void close() {
    net.close();
    tokenizer.close();
  }
}

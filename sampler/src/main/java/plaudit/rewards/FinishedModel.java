package plaudit.rewards;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.RewardDirectory;
import plaudit.model.Tokenizer;
import plaudit.model.TorchNet;
import plaudit.rewards.SourceSettings.Finished;
import plaudit.scoring.RewardSource;
import plaudit.task.Task;
import plaudit.tokens.Tokens;

/**
 * A finished reward model. One with the run's tokenizer reads the tokens; another one reads their
 * text, in tokens of its own.
 */
final class FinishedModel implements RewardSource {

  private final RewardDirectory directory;
  private final Task task;
  private final Optional<Tokenizer> own;
  private final TorchNet net;

  /**
   * Opens it.
   *
   * @param section of its settings, for messages
   * @param tokenizer the digest of the run's tokenizer
   */
  FinishedModel(String section, Finished settings, Task task, Compute compute, String tokenizer) {
    this.directory = RewardDirectory.open(settings.directory());
    this.task = task;
    var digests = directory.directory().digests();
    if (!settings.digest().isEmpty() && !settings.digest().equals(digests.get("weights"))) {
      throw InvalidInputException.of(
          section + ".directory",
          "%s with weights %s".formatted(settings.directory(), digests.get("weights")),
          "weights " + settings.digest() + ", as the run has");
    }
    this.own =
        tokenizer.equals(digests.get("tokenizer"))
            ? Optional.empty()
            : Optional.of(directory.directory().openTokenizer());
    this.net = directory.net(compute);
  }

  @Override
  public void score(List<Response> responses, Receiver receiver) {
    List<Tokens> sequences = new ArrayList<>();
    for (Response one : responses) {
      sequences.add(fitting(own.map(it -> words(it, one)).orElseGet(() -> tokens(one))));
    }
    receiver.scored(directory.score(net, sequences));
  }

  private Tokens tokens(Response one) {
    return task.judged(one.query(), one.kept());
  }

  private static Tokens words(Tokenizer tokenizer, Response one) {
    return tokenizer.encode(one.words().apply(one.query().concat(one.kept())));
  }

  /** The end of a text that is longer than the model's context. */
  private Tokens fitting(Tokens tokens) {
    int context = directory.directory().config().context();
    return tokens.length() <= context
        ? tokens
        : tokens.slice(tokens.length() - context, tokens.length());
  }

  @Override
  public void close() {
    net.close();
    own.ifPresent(Tokenizer::close);
  }
}

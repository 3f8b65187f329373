package plaudit.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.ModelDirectory;
import plaudit.model.ReferenceModel;
import plaudit.model.Tokenizer;
import plaudit.model.TorchNet;
import plaudit.tokens.Tokens;

/** {@code perplexity}: how well a model predicts a text. */
@Command(
    name = "perplexity",
    description = "Mean nats a token of a text under a model.",
    footer = {
      "",
      "The text is cut into windows of the model's context that overlap by one token: every token",
      "but the first is predicted once. Bits a byte compare models of different tokenizers."
    })
public final class PerplexityVerb extends Verb {

  @Option(names = "--model", required = true, paramLabel = "DIR", description = "The model.")
  private Path model;

  @Option(names = "--text", required = true, paramLabel = "FILE", description = "UTF-8 text.")
  private Path text;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "Threads of one operation (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(names = "--json", description = "Print tokens, nats_per_token and bits_per_byte as JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    ModelDirectory directory = ModelDirectory.open(model);
    try (Tokenizer tokenizer = directory.openTokenizer();
        TorchNet net = new ReferenceModel(directory).wholeVocabulary(Compute.cpu(threads))) {
      String read = read();
      Tokens tokens = tokenizer.encode(read);
      if (tokens.length() < 2) {
        throw InvalidInputException.of("tokens of " + text, tokens.length(), "at least 2");
      }
      double nats = nats(net, tokens) / (tokens.length() - 1);
      double bits =
          nats * tokens.length() / read.getBytes(StandardCharsets.UTF_8).length / Math.log(2);
      if (json) {
        printJson(Map.of("tokens", tokens.length(), "nats_per_token", nats, "bits_per_byte", bits));
      } else {
        say(
            "%d tokens, %.4f nats a token, perplexity %.2f, %.4f bits a byte",
            tokens.length(), nats, Math.exp(nats), bits);
      }
    }
    return 0;
  }

  private static double nats(TorchNet net, Tokens tokens) {
    double nats = 0;
    int window = net.config().context() - 1;
    for (int from = 0; from < tokens.length() - 1; from += window) {
      int to = Math.min(from + window, tokens.length() - 1);
      float[] logprobs =
          net.score(
                  List.of(tokens.slice(from, from + 1)), List.of(tokens.slice(from + 1, to + 1)), 1)
              .logprobs()[0];
      for (float logprob : logprobs) {
        nats -= logprob;
      }
    }
    return nats;
  }

  private String read() throws IOException {
    try {
      return Files.readString(text);
    } catch (NoSuchFileException e) {
      throw InvalidInputException.of("--text", text, "a file that exists");
    } catch (CharacterCodingException e) {
      throw InvalidInputException.of("--text", text, "UTF-8 text");
    }
  }
}

package plaudit.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.model.Tokenizer;
import plaudit.tokens.Tokens;

/** {@code tokenize}: what a model sees of a text. */
@Command(name = "tokenize", description = "Print the token ids of a text, separated by blanks.")
public final class TokenizeVerb extends ResultVerb {

  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description =
          "A model directory with tokenizer.json, or vocab.json and merges.txt, or encoder.json and"
              + " vocab.bpe.")
  private Path model;

  @Option(names = "--text", paramLabel = "TEXT", required = true, description = "The text.")
  private String text;

  @Override
  public Integer call() {
    try (Tokenizer tokenizer = Tokenizer.open(model)) {
      Tokens tokens = tokenizer.encode(text);
      Map<String, Object> object = new LinkedHashMap<>();
      object.put("tokens", tokens.toArray());
      object.put("count", tokens.length());
      object.put("texts", tokens.stream().mapToObj(id -> tokenizer.decode(Tokens.of(id))).toList());
      print(
          object,
          () ->
              out()
                  .println(
                      tokens.stream()
                          .mapToObj(Integer::toString)
                          .collect(Collectors.joining(" "))));
    }
    return 0;
  }
}

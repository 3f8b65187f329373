package plaudit.node;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import plaudit.eval.HeldOut;
import plaudit.eval.HeldOut.Response;
import plaudit.eval.Passage;
import plaudit.eval.texts.QueryResponse;
import plaudit.files.AtomicFile;
import plaudit.json.JsonFiles;
import plaudit.model.CausalNet;
import plaudit.model.Tokenizer;
import plaudit.tokens.Tokens;

/**
 * Texts that a model writes on a run's held-out prompts.
 *
 * @param heldOut the prompts
 * @param draws texts a prompt
 * @param written one text an entry, prompt after prompt
 */
public record Evaluation(HeldOut heldOut, int draws, List<Written> written) {

  private static final int FEWEST_TEXTS = 256;

  public Evaluation {
    written = List.copyOf(written);
  }

  /**
   * One text.
   *
   * @param prompt what was given, as people read it
   * @param text what was written, as people read it
   * @param response its tokens and logprobs
   */
  public record Written(String prompt, String text, Response response) {

    /** For a scorer, which takes the tokens as they were written if the texts are whole. */
    Passage passage(Tokenizer tokenizer) {
      Tokens query = response.rollout().query();
      Tokens kept = response.cut().kept();
      return new Passage(
          new QueryResponse(tokenizer.decode(query), tokenizer.decode(kept)),
          Optional.of(new Passage.Written(query, kept)));
    }
  }

  /** Writes on all held-out prompts, several texts each when they are few. */
  public static Evaluation of(CausalNet net, RunInputs inputs, long seed) {
    int prompts = inputs.heldOut().size();
    return of(net, inputs, inputs.heldOut(), (FEWEST_TEXTS + prompts - 1) / prompts, seed);
  }

  /** Writes {@code draws} texts on each of {@code queries}. */
  static Evaluation of(
      CausalNet net, RunInputs inputs, List<Tokens> queries, int draws, long seed) {
    HeldOut heldOut = HeldOut.of(inputs.task(), queries, seed);
    return new Evaluation(
        heldOut, draws, heldOut.write(net, draws).stream().map(r -> written(inputs, r)).toList());
  }

  private static Written written(RunInputs inputs, Response response) {
    return new Written(
        inputs.text(response.rollout().query()),
        inputs.text(inputs.task().shown(response.cut().kept())),
        response);
  }

  /** The texts, in order. */
  List<String> texts() {
    return written.stream().map(Written::text).toList();
  }

  /** Writes them as {@code query} and {@code response}, one a line. */
  void write(Path file) {
    AtomicFile.write(
        file,
        written.stream()
            .map(it -> JsonFiles.line(Map.of("query", it.prompt(), "response", it.text())) + "\n")
            .collect(Collectors.joining()));
  }

  /** So many places of texts, drawn at random with {@code seed}, in order. */
  List<Integer> drawn(int count, long seed) {
    List<Integer> places = new ArrayList<>(IntStream.range(0, written.size()).boxed().toList());
    Collections.shuffle(places, new Random(seed));
    return places.stream().limit(count).sorted().toList();
  }

  /** Log-probabilities of all texts together, in nats, and how many tokens they have. */
  record Nats(double own, double reference, long tokens, int texts) {

    /** Mean KL from the reference, in nats a response. */
    double kl() {
      return (own - reference) / texts;
    }

    /** Nats a token by the model that wrote them. */
    double entropy() {
      return -own / tokens;
    }

    /** Nats a token under the reference. */
    double underReference() {
      return -reference / tokens;
    }
  }

  /** What the model that wrote them and {@code reference} say of these texts. */
  Nats nats(CausalNet reference) {
    List<Response> responses = written.stream().map(Written::response).toList();
    double own = 0;
    long tokens = 0;
    for (Response response : responses) {
      own += response.rollout().logprobs().sum();
      tokens += response.rollout().response().length();
    }
    double kl = heldOut.kl(responses, reference);
    return new Nats(own, own - kl * responses.size(), tokens, responses.size());
  }
}

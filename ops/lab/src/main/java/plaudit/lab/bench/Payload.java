package plaudit.lab.bench;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

/**
 * Messages as large as real ones, with nothing in them: the style task's 24 tokens in a response,
 * and as many in a query.
 */
final class Payload {

  private static final URI NOWHERE = URI.create("file:///nowhere");
  private static final String DIGEST = "0".repeat(64);
  private static final int LENGTH = 24;
  private static final int QUERIES = 256;
  private static final int VOCABULARY = 50_000;

  private static final Tokens RESPONSE = tokens(1);
  private static final PerToken NUMBERS = PerToken.of(new float[LENGTH]);

  private Payload() {}

  /** Queries for prompts. */
  static List<Tokens> queries() {
    return IntStream.range(0, QUERIES).mapToObj(Payload::tokens).toList();
  }

  /** Responses to all {@code prompts}. */
  static List<Rollout> write(List<Prompt> prompts, int responses, long version) {
    List<Rollout> rollouts = new ArrayList<>();
    for (Prompt prompt : prompts) {
      for (int i = 0; i < responses; i++) {
        rollouts.add(
            new Rollout(prompt.id(), i, prompt.query(), RESPONSE, NUMBERS, NUMBERS, version));
      }
    }
    return Collections.unmodifiableList(rollouts);
  }

  /** Scores for them. */
  static List<Trajectory> score(List<Rollout> rollouts) {
    return rollouts.stream().map(rollout -> new Trajectory(rollout, NUMBERS, 0, true, 0)).toList();
  }

  /** A version without a file, for fleets that fetch no weights. */
  static Snapshot snapshot(Model model, long version) {
    return new Snapshot(model, version, version - 1, NOWHERE, 0, DIGEST, List.of());
  }

  private static Tokens tokens(int seed) {
    return Tokens.of(IntStream.range(0, LENGTH).map(i -> (seed * 977 + i) % VOCABULARY).toArray());
  }
}

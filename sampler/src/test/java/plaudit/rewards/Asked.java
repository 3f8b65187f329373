package plaudit.rewards;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import plaudit.scoring.RewardSource;
import plaudit.scoring.RewardSource.Response;
import plaudit.tokens.Tokens;

/** Asks a source in a test, where a token is a letter. */
final class Asked {

  private Asked() {}

  /** Responses of several prompts, as many to each as {@code group}. */
  static List<Response> responses(int group, String... texts) {
    return IntStream.range(0, texts.length)
        .mapToObj(
            i -> {
              Tokens kept = tokens(texts[i]);
              return new Response(
                  i / group, tokens("q" + i / group + " "), kept, kept, Asked::text);
            })
        .toList();
  }

  static Tokens tokens(String text) {
    return Tokens.of(text.chars().toArray());
  }

  static String text(Tokens tokens) {
    StringBuilder text = new StringBuilder();
    tokens.stream().forEach(text::appendCodePoint);
    return text.toString().strip();
  }

  /** The answer, whenever it comes. */
  static CompletableFuture<float[]> ask(RewardSource source, List<Response> responses) {
    CompletableFuture<float[]> answer = new CompletableFuture<>();
    source.score(
        responses,
        new RewardSource.Receiver() {
          @Override
          public void scored(float[] scores) {
            answer.complete(scores);
          }

          @Override
          public void failed(RuntimeException why) {
            answer.completeExceptionally(why);
          }
        });
    return answer;
  }

  static List<Float> scores(RewardSource source, List<Response> responses)
      throws InterruptedException, ExecutionException, TimeoutException {
    float[] scores = ask(source, responses).get(30, TimeUnit.SECONDS);
    return IntStream.range(0, scores.length).mapToObj(i -> scores[i]).toList();
  }

  static List<Float> scores(RewardSource source, String... texts)
      throws InterruptedException, ExecutionException, TimeoutException {
    return scores(source, responses(1, Arrays.copyOf(texts, texts.length)));
  }
}

package plaudit.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.model.CausalNet;
import plaudit.sampling.Generation;
import plaudit.task.Task;
import plaudit.task.TruncationRule.Truncated;
import plaudit.tokens.Tokens;

/**
 * What a model writes on prompts that nothing was trained on, and how far that is from a reference.
 * The same prompts and seed give two models the same randomness, so that what differs is the
 * models.
 *
 * @param task what a response is
 * @param prompts with ids apart from those of training, for randomness of their own
 * @param seed of the sampling
 */
public record HeldOut(Task task, List<Prompt> prompts, long seed) {

  /** The id of the first held-out prompt of a run. */
  public static final long FIRST_ID = 1L << 50;

  private static final long IDS_A_CHUNK = 1L << 32;
  private static final int ROWS_AT_ONCE = 64;
  private static final int SCORED_AT_ONCE = 32;

  public HeldOut {
    prompts = List.copyOf(prompts);
  }

  /** A run's held-out queries, unpadded and without prefix and suffix. */
  public static HeldOut of(Task task, List<Tokens> queries, long seed) {
    return new HeldOut(task, prompts(FIRST_ID, queries), seed);
  }

  /** Queries with the ids from {@code firstId} on. */
  static List<Prompt> prompts(long firstId, List<Tokens> queries) {
    List<Prompt> prompts = new ArrayList<>();
    for (Tokens query : queries) {
      prompts.add(new Prompt(firstId + prompts.size(), query));
    }
    return prompts;
  }

  /**
   * One response.
   *
   * @param rollout the tokens that were sampled, with their logprobs
   * @param cut what the task's truncation keeps of them
   */
  public record Response(Rollout rollout, Truncated cut) {}

  /** Writes {@code draws} responses to each prompt, prompt after prompt. */
  public List<Response> write(CausalNet net, int draws) {
    return write(net, draws, done -> {});
  }

  /**
   * The same.
   *
   * @param done told after each step how many responses are written
   */
  public List<Response> write(CausalNet net, int draws, IntConsumer done) {
    Generation generation = new Generation(task, seed);
    List<Response> responses = new ArrayList<>(prompts.size() * draws);
    int promptsAtOnce = Math.max(1, ROWS_AT_ONCE / draws);
    for (int from = 0; from < prompts.size(); from += promptsAtOnce) {
      List<Prompt> part = prompts.subList(from, Math.min(from + promptsAtOnce, prompts.size()));
      // Many responses to one prompt come in chunks; ids of its own give each other randomness.
      for (int drawn = 0; drawn < draws; drawn += ROWS_AT_ONCE) {
        long shift = drawn / ROWS_AT_ONCE * IDS_A_CHUNK;
        List<Prompt> chunk =
            part.stream().map(prompt -> new Prompt(prompt.id() + shift, prompt.query())).toList();
        for (Rollout rollout :
            generation.rollouts(net, 0, chunk, Math.min(ROWS_AT_ONCE, draws - drawn))) {
          responses.add(new Response(rollout, task.truncation().truncate(rollout.response())));
        }
      }
      done.accept(responses.size());
    }
    return responses;
  }

  /** Mean KL of {@code responses} from {@code reference}, in nats a response (paper 3.5). */
  public double kl(List<Response> responses, CausalNet reference) {
    double sum = 0;
    for (int from = 0; from < responses.size(); from += SCORED_AT_ONCE) {
      List<Rollout> part =
          responses.subList(from, Math.min(from + SCORED_AT_ONCE, responses.size())).stream()
              .map(Response::rollout)
              .toList();
      float[][] logprobs =
          reference
              .score(
                  part.stream().map(rollout -> task.context(rollout.query())).toList(),
                  part.stream().map(Rollout::response).toList(),
                  task.temperature())
              .logprobs();
      for (int i = 0; i < part.size(); i++) {
        sum += part.get(i).logprobs().sum();
        for (float logprob : logprobs[i]) {
          sum -= logprob;
        }
      }
    }
    return sum / responses.size();
  }
}

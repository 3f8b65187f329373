package plaudit.rewards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import plaudit.json.JsonFiles;
import plaudit.rewards.HttpCalls.BadAnswer;
import plaudit.scoring.RewardSource;

/**
 * A scorer over HTTP, asked as OpenRLHF asks its remote reward models: {@code {"query": [...],
 * "prompts": [...], "labels": [...]}}, and {@code "responses"} beside them; the answer has {@code
 * "rewards"} or {@code "scores"}, a number for each.
 */
final class RemoteScorer implements RewardSource {

  private final HttpCalls calls;
  private final int batch;
  private final KnownAnswers answers;

  RemoteScorer(HttpCalls calls, int batch, KnownAnswers answers) {
    this.calls = calls;
    this.batch = batch;
    this.answers = answers;
  }

  @Override
  public void score(List<Response> responses, Receiver receiver) {
    List<CompletableFuture<float[]>> parts = new ArrayList<>();
    for (int from = 0; from < responses.size(); from += batch) {
      List<Response> some = responses.subList(from, Math.min(responses.size(), from + batch));
      parts.add(calls.post(request(some), json -> rewards(json, some.size())));
    }
    Answered.when(parts, receiver, RemoteScorer::joined);
  }

  private ObjectNode request(List<Response> responses) {
    ObjectNode request = JsonFiles.newObject();
    ArrayNode whole = request.putArray("query");
    ArrayNode prompts = request.putArray("prompts");
    ArrayNode texts = request.putArray("responses");
    ArrayNode labels = request.putArray("labels");
    for (Response one : responses) {
      whole.add(one.words().apply(one.query().concat(one.shown())));
      prompts.add(one.queryText());
      texts.add(one.text());
      List<String> known = answers.of(one.query());
      labels.add(known.isEmpty() ? null : known.get(0));
    }
    return request;
  }

  private static float[] rewards(JsonNode json, int expected) {
    JsonNode list = json.has("rewards") ? json.get("rewards") : json.path("scores");
    if (!list.isArray() || list.size() != expected) {
      throw new BadAnswer(
          "rewards: %s (expected: a list of %d numbers)"
              .formatted(
                  list.isArray() ? list.size() + " of them" : list.getNodeType().toString(),
                  expected));
    }
    float[] rewards = new float[expected];
    for (int i = 0; i < expected; i++) {
      JsonNode one =
          list.get(i).isArray() && list.get(i).size() == 1 ? list.get(i).get(0) : list.get(i);
      rewards[i] = one.floatValue();
      if (!one.isNumber() || !Float.isFinite(rewards[i])) {
        throw new BadAnswer("rewards[%d]: %s (expected: a finite number)".formatted(i, one));
      }
    }
    return rewards;
  }

  private static float[] joined(List<float[]> parts) {
    float[] all = new float[parts.stream().mapToInt(it -> it.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  @Override
  public boolean repeats() {
    return false;
  }

  @Override
  public void close() {
    calls.close();
  }
}

package plaudit.chat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Turns, at least one, from a list of {@code {"role": ..., "content": ...}}, or of ShareGPT's
 * {@code {"from": ..., "value": ...}}.
 *
 * @param turns in order
 */
public record Conversation(List<Turn> turns) {

  private static final Map<String, String> ROLES =
      Map.of("human", "user", "gpt", Turn.ASSISTANT, "bot", Turn.ASSISTANT);

  public Conversation {
    turns = List.copyOf(turns);
    if (turns.isEmpty()) {
      throw new IllegalArgumentException("no turns");
    }
  }

  /** The conversation in {@code json}, if it is one. */
  public static Optional<Conversation> of(JsonNode json) {
    if (!json.isArray() || json.isEmpty()) {
      return Optional.empty();
    }
    List<Turn> turns = new ArrayList<>();
    for (JsonNode turn : json) {
      JsonNode role = turn.has("role") ? turn.path("role") : turn.path("from");
      Optional<String> content =
          content(turn.has("content") ? turn.path("content") : turn.path("value"));
      if (!role.isTextual() || content.isEmpty()) {
        return Optional.empty();
      }
      turns.add(new Turn(ROLES.getOrDefault(role.textValue(), role.textValue()), content.get()));
    }
    return Optional.of(new Conversation(turns));
  }

  /** A text, or parts that are all texts. */
  private static Optional<String> content(JsonNode content) {
    if (content.isTextual()) {
      return Optional.of(content.textValue());
    }
    if (!content.isArray() || content.isEmpty()) {
      return Optional.empty();
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : content) {
      if (!part.path("text").isTextual()) {
        return Optional.empty();
      }
      text.append(part.path("text").textValue());
    }
    return Optional.of(text.toString());
  }

  /** Whether the assistant has the last word. */
  public boolean isAnswered() {
    return last().isAssistant();
  }

  /** The last turn. */
  public Turn last() {
    return turns.get(turns.size() - 1);
  }

  /** The first {@code count} turns, at least one. */
  public Conversation first(int count) {
    return new Conversation(turns.subList(0, count));
  }

  /** This and then {@code other}. */
  public Conversation then(Conversation other) {
    List<Turn> all = new ArrayList<>(turns);
    all.addAll(other.turns);
    return new Conversation(all);
  }

  /** A line for each turn, for people. */
  public String transcript() {
    return turns.stream()
        .map(turn -> turn.role() + ": " + turn.content())
        .collect(Collectors.joining("\n"));
  }
}

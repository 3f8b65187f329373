package plaudit.chat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import plaudit.input.InvalidInputException;

/**
 * Reads the turns back from a text that a template made of them, for people to see: by what the
 * template writes around the turns of a conversation that it is shown. Any thread may use it.
 */
public final class TurnReader {

  private static final String SYSTEM = "system";
  private static final String USER = "user";

  /** Of private use, so that no template and no text has them. */
  private static final List<String> MARKS = List.of("\uE0F0", "\uE0F1", "\uE0F2", "\uE0F3");

  /** What is written between two turns is at least this long, or texts may have it in them. */
  private static final int SHORTEST = 4;

  private final Map<String, String> heads = new HashMap<>();
  private final Map<String, String> between = new HashMap<>();
  private String tail = "";

  private TurnReader() {}

  /** The reader of a template's texts. */
  public static TurnReader of(ChatTemplate template) {
    TurnReader reader = new TurnReader();
    reader.learn(template, List.of(USER, Turn.ASSISTANT, USER));
    reader.learn(template, List.of(SYSTEM, USER, Turn.ASSISTANT, USER));
    return reader;
  }

  /** Takes in what stands around the turns; a template may refuse some roles. */
  private void learn(ChatTemplate template, List<String> roles) {
    List<Turn> turns = new ArrayList<>();
    for (String role : roles) {
      turns.add(new Turn(role, MARKS.get(turns.size())));
    }
    String text;
    try {
      text = template.render(new Conversation(turns), true);
    } catch (InvalidInputException e) {
      return;
    }
    int at = 0;
    for (int i = 0; i < turns.size(); i++) {
      int mark = text.indexOf(MARKS.get(i), at);
      if (mark < 0) {
        return;
      }
      String before = text.substring(at, mark);
      if (i == 0) {
        heads.put(roles.get(0), before.stripLeading());
      } else {
        between.put(roles.get(i - 1) + " " + roles.get(i), before);
      }
      at = mark + 1;
    }
    tail = text.substring(at).stripTrailing();
  }

  /**
   * The turns of a text after which the assistant is to speak, blanks around it or not; empty if
   * the template did not make it, or not so that its turns can be told.
   */
  public Optional<Conversation> turns(String text) {
    if (between.values().stream().anyMatch(it -> it.strip().length() < SHORTEST)) {
      return Optional.empty();
    }
    String stripped = text.strip();
    return Optional.ofNullable(heads.get(SYSTEM))
        .flatMap(head -> turns(stripped, head, SYSTEM))
        .or(
            () ->
                Optional.ofNullable(heads.get(USER)).flatMap(head -> turns(stripped, head, USER)));
  }

  private Optional<Conversation> turns(String text, String head, String first) {
    if (!text.startsWith(head)
        || !text.endsWith(tail)
        || text.length() < head.length() + tail.length()) {
      return Optional.empty();
    }
    List<Turn> turns = new ArrayList<>();
    String rest = text.substring(head.length(), text.length() - tail.length());
    for (String role = first; ; ) {
      String next = role.equals(USER) ? Turn.ASSISTANT : USER;
      String mark = between.getOrDefault(role + " " + next, "");
      int end = mark.isEmpty() ? -1 : rest.indexOf(mark);
      if (end < 0) {
        turns.add(new Turn(role, rest.strip()));
        return role.equals(USER) ? Optional.of(new Conversation(turns)) : Optional.empty();
      }
      turns.add(new Turn(role, rest.substring(0, end).strip()));
      rest = rest.substring(end + mark.length());
      role = next;
    }
  }
}

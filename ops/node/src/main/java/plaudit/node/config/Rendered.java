package plaudit.node.config;

import java.util.List;
import java.util.Optional;
import plaudit.chat.ChatTemplate;
import plaudit.chat.Conversation;
import plaudit.chat.Turn;
import plaudit.data.Example;
import plaudit.input.InvalidInputException;
import plaudit.model.Tokenizer;

/** Conversations as the texts that a model reads, by its template; other examples stay. */
public final class Rendered {

  private Rendered() {}

  /**
   * Texts after which the assistant is to speak.
   *
   * @throws InvalidInputException if it has spoken already
   */
  public static List<Example> prompts(List<Example> examples, Tokenizer tokenizer) {
    return rendered(examples, tokenizer, false);
  }

  /** Such texts, and what the assistant then says as the template ends it. */
  public static List<Example> demonstrations(List<Example> examples, Tokenizer tokenizer) {
    return rendered(examples, tokenizer, true);
  }

  private static List<Example> rendered(
      List<Example> examples, Tokenizer tokenizer, boolean answered) {
    if (examples.stream().allMatch(example -> example.conversation().isEmpty())) {
      return examples;
    }
    ChatTemplate template = tokenizer.chat();
    return examples.stream()
        .map(
            example ->
                example
                    .conversation()
                    .map(
                        turns ->
                            answered
                                ? demonstration(turns, example.references(), template)
                                : prompt(turns, example.references(), template))
                    .orElse(example))
        .toList();
  }

  private static Example prompt(
      Conversation turns, List<String> references, ChatTemplate template) {
    if (turns.isAnswered()) {
      throw InvalidInputException.of(
          "conversation",
          "'" + shown(turns) + "', which ends with the assistant",
          "one that ends with the user, for the policy to answer");
    }
    return new Example(template.render(turns, true), references, Optional.of(turns));
  }

  private static Example demonstration(
      Conversation turns, List<String> references, ChatTemplate template) {
    Optional<Conversation> whole =
        turns.isAnswered()
            ? Optional.of(turns)
            : references.stream().findFirst().map(answer -> answered(turns, answer));
    if (whole.isEmpty() || whole.get().turns().size() < 2) {
      return new Example(
          template.render(turns, !turns.isAnswered()), List.of(), Optional.of(turns));
    }
    Conversation asked = whole.get().first(whole.get().turns().size() - 1);
    String query = template.render(asked, true);
    return new Example(query, List.of(template.answer(whole.get(), query)), Optional.of(asked));
  }

  private static Conversation answered(Conversation turns, String answer) {
    return turns.then(new Conversation(List.of(new Turn(Turn.ASSISTANT, answer))));
  }

  private static String shown(Conversation turns) {
    String text = turns.transcript().replace("\n", " ");
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }
}

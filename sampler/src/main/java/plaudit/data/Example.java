package plaudit.data;

import java.util.List;
import java.util.Optional;
import plaudit.chat.Conversation;

/**
 * One item of a data set.
 *
 * @param text what a query is made of
 * @param references what people wrote in answer to it, such as a summary; the best first, often
 *     none
 * @param conversation the turns it is made of; then {@code text} shows them to people until a
 *     template has made the text of them that the model reads
 */
public record Example(String text, List<String> references, Optional<Conversation> conversation) {

  public Example {
    references = List.copyOf(references);
  }

  /** A text with answers. */
  public Example(String text, List<String> references) {
    this(text, references, Optional.empty());
  }

  /** A conversation with answers to its last turn, or with the answer in it. */
  public static Example of(Conversation conversation, List<String> references) {
    return new Example(conversation.transcript(), references, Optional.of(conversation));
  }

  /** A text without an answer. */
  public static Example of(String text) {
    return new Example(text, List.of());
  }

  /** The answer to learn from, if there is one. */
  public Optional<String> reference() {
    return references.stream().findFirst();
  }
}

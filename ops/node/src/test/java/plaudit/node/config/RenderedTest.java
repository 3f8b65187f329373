package plaudit.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.chat.Conversation;
import plaudit.chat.Turn;
import plaudit.data.Example;
import plaudit.input.InvalidInputException;
import plaudit.language.BpeTrainer;
import plaudit.model.Tokenizer;

class RenderedTest {

  private static final Turn USER = new Turn("user", "a");
  private static final Turn ASSISTANT = new Turn("assistant", "b");
  private static final Conversation ASKED = new Conversation(List.of(USER));
  private static final Conversation ANSWERED = new Conversation(List.of(USER, ASSISTANT));

  @Test
  void conversationsBecomeTheTextsOfTheTemplateAndTextsStay(@TempDir Path dir) throws IOException {
    BpeTrainer.train(List.of("some text").iterator(), BpeTrainer.Settings.ofSize(260)).write(dir);
    Example text = new Example("plain", List.of("answer"));
    try (Tokenizer tokenizer = Tokenizer.open(dir)) {
      assertThat(Rendered.prompts(List.of(text), tokenizer)).containsExactly(text);
      assertThatThrownBy(() -> Rendered.prompts(List.of(Example.of(ASKED, List.of())), tokenizer))
          .hasMessageStartingWith("chat template of " + dir + ": none");
      Files.writeString(
          dir.resolve("chat_template.jinja"),
          "{% for m in messages %}<{{ m.role }}>{{ m.content }};{% endfor %}"
              + "{% if add_generation_prompt %}<assistant>{% endif %}");

      assertThat(Rendered.prompts(List.of(text, Example.of(ASKED, List.of("c"))), tokenizer))
          .containsExactly(text, rendered("c"));
      assertThat(
              Rendered.demonstrations(
                  List.of(Example.of(ANSWERED, List.of()), Example.of(ASKED, List.of("c"))),
                  tokenizer))
          .containsExactly(rendered("b;"), rendered("c;"));
      assertThatThrownBy(
              () -> Rendered.prompts(List.of(Example.of(ANSWERED, List.of())), tokenizer))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage(
              "conversation: 'user: a assistant: b', which ends with the assistant (expected: one"
                  + " that ends with the user, for the policy to answer)");
    }
  }

  private static Example rendered(String answer) {
    return new Example("<user>a;<assistant>", List.of(answer), Optional.of(ASKED));
  }
}

package plaudit.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.model.SharedData;
import plaudit.model.Tokenizer;

class ChatTemplateTest {

  /** With the kinds of expressions that the templates of Qwen, Llama 2 and Zephyr are made of. */
  private static final String LLAMA =
      """
      {% if messages[0]['role'] == 'system' %}
      {% set rest = messages[1:] %}{% set system = messages[0]['content'] %}
      {% else %}{% set rest = messages %}{% set system = false %}{% endif %}
      {% for message in rest %}
      {% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
      {{ raise_exception('Roles must alternate') }}
      {% endif %}
      {% if loop.index0 == 0 and system is not false %}
      {% set content = '<<SYS>>' + system + '<</SYS>>' + message['content'] %}
      {% else %}{% set content = message['content'] %}{% endif %}
      {% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}
      {%- elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}
      {%- endif %}{% endfor %}
      """
          .replace("\n", "");

  @TempDir private Path dir = Path.of("");

  @Test
  void theConversationsOfAPublicTemplateAreRenderedAsItsOwnEngineDoes() {
    Path qwen = SharedData.require("real-tokenizers").resolve("qwen3");
    ChatTemplate template = ChatTemplate.of(qwen);
    JsonNode golden = JsonFiles.readObject(qwen.resolve("golden.json"));
    assertThat(golden.path("chats")).isNotEmpty();
    try (Tokenizer tokenizer = Tokenizer.open(qwen)) {
      for (JsonNode chat : golden.path("chats")) {
        String text = template.render(Conversation.of(chat.path("messages")).orElseThrow(), true);
        assertThat(text).isEqualTo(chat.path("text").textValue());
        assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
      }
      Conversation answered = turns("user", "Hi", "assistant", "<think>\nwell\n</think>\n\nHello.");
      String query = template.render(answered.first(1), true);
      assertThat(template.answer(answered, query))
          .isEqualTo("<think>\nwell\n</think>\n\nHello.<|im_end|>\n");
    }
  }

  @Test
  void turnsAndSystemAreRenderedWithTheTokensOfTheTokenizer() throws IOException {
    write(LLAMA);
    ChatTemplate template = ChatTemplate.of(dir);

    assertThat(
            template.render(
                turns("system", "Be brief.", "user", " Hi <b> {{ x }} ", "assistant", "Yo"), false))
        .isEqualTo("<s>[INST] <<SYS>>Be brief.<</SYS>> Hi <b> {{ x }} [/INST] Yo </s>");
    assertThat(template.answer(turns("user", "a", "assistant", "b"), "<s>[INST] a [/INST]"))
        .isEqualTo(" b </s>");
  }

  @Test
  void aTemplateThatRefusesOrFailsIsOneLine() throws IOException {
    write(LLAMA);
    assertThatThrownBy(() -> ChatTemplate.of(dir).render(turns("user", "a", "user", "b"), true))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("refused by the template: Roles must alternate")
        .hasMessageEndingWith("(expected: a template that renders user, user)")
        .satisfies(e -> assertThat(String.valueOf(e.getMessage()).lines()).hasSize(1));

    write("{% for message in messages %}{{ message.content.nonsense(1) }}{% endfor %}");
    assertThatThrownBy(() -> ChatTemplate.of(dir).render(turns("user", "a"), true))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("no method nonsense of a text with 1 arguments")
        .satisfies(e -> assertThat(String.valueOf(e.getMessage()).lines()).hasSize(1));

    write("{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}");
    assertThatThrownBy(() -> ChatTemplate.of(dir)).hasMessageContaining("a loop with a condition");
  }

  @Test
  void aTemplateMayLieInAFileOfItsOwnAndWithoutOneTheWordIsWhereItShouldBe() throws IOException {
    assertThatThrownBy(() -> ChatTemplate.of(dir))
        .hasMessageStartingWith("chat template of " + dir + ": none (expected: chat_template in");
    Files.writeString(
        dir.resolve("chat_template.jinja"), "{% for m in messages %}{{ m.content }}|{% endfor %}");
    assertThat(ChatTemplate.of(dir).render(turns("user", "a", "assistant", "b"), false))
        .isEqualTo("a|b|");
  }

  private void write(String template) throws IOException {
    Files.writeString(
        dir.resolve("tokenizer_config.json"),
        JsonFiles.newObject()
            .put("bos_token", "<s>")
            .put("chat_template", template)
            .set("eos_token", JsonFiles.newObject().put("content", "</s>"))
            .toString());
  }

  private static Conversation turns(String... words) {
    List<Turn> turns = new ArrayList<>();
    for (int i = 0; i < words.length; i += 2) {
      turns.add(new Turn(words[i], words[i + 1]));
    }
    return new Conversation(turns);
  }
}

package plaudit.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.model.SharedData;

class TurnReaderTest {

  private static final Conversation CHAT =
      new Conversation(
          List.of(
              new Turn("system", "Be brief."),
              new Turn("user", "Hi <b>you</b>,\nhow are you?"),
              new Turn("assistant", "Well."),
              new Turn("user", "user: why?")));

  @TempDir private Path dir = Path.of("");

  @Test
  void theTurnsOfAPublicTemplateAreReadBack() {
    ChatTemplate template = ChatTemplate.of(SharedData.require("real-tokenizers").resolve("qwen3"));
    TurnReader reader = TurnReader.of(template);

    assertThat(reader.turns(template.render(CHAT, true))).contains(CHAT);
    assertThat(reader.turns(template.render(CHAT, true).strip())).contains(CHAT);
    Conversation question = CHAT.first(2);
    assertThat(reader.turns(template.render(question, true))).contains(question);
    assertThat(reader.turns("The old lighthouse keeper climbed the stairs.")).isEmpty();
  }

  @Test
  void aSystemThatStandsWithinTheFirstTurnIsReadBackToo() throws IOException {
    TurnReader reader = TurnReader.of(template(LLAMA));
    assertThat(reader.turns(template(LLAMA).render(CHAT, true))).contains(CHAT);

    Conversation without = new Conversation(CHAT.turns().subList(1, 4));
    assertThat(reader.turns(template(LLAMA).render(without, true))).contains(without);
  }

  @Test
  void aTemplateThatRefusesASystemOrWritesHardlyAnythingBetweenTurnsDoesNotMislead()
      throws IOException {
    ChatTemplate strict =
        template(
            "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no') }}{% endif"
                + " %}<{{ m.role }}>{{ m.content }}</end>{% endfor %}<assistant>");
    Conversation without = new Conversation(CHAT.turns().subList(1, 4));
    assertThat(TurnReader.of(strict).turns(strict.render(without, true))).contains(without);

    ChatTemplate bare = template("{% for m in messages %}{{ m.content }}|{% endfor %}");
    assertThat(TurnReader.of(bare).turns("a|b|c|")).isEqualTo(Optional.empty());
  }

  private static final String LLAMA =
      "{% for m in messages %}{% if m.role == 'system' %}[INST] <<SYS>>{{ m.content }}<</SYS>>"
          + "{% elif m.role == 'user' %}{% if loop.index0 != 1 or messages[0].role != 'system' %}"
          + "[INST] {% endif %}{{ m.content }} [/INST]{% else %} {{ m.content }} </s>{% endif %}"
          + "{% endfor %}";

  private ChatTemplate template(String text) throws IOException {
    Files.writeString(dir.resolve("chat_template.jinja"), text);
    return ChatTemplate.of(dir);
  }
}

package plaudit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of a few thousand parameters, from a text to an answer in a conversation. */
class PretrainVerbTest {

  private static final String[] TINY = {
    "--layout=qwen3",
    "--vocabulary=270",
    "--layers=1",
    "--heads=2",
    "--width=16",
    "--context=64",
    "--batch=2",
    "--threads=1"
  };

  @TempDir private Path dir;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void theSameCommandGoesOnAndTheModelAnswersAConversation() throws IOException {
    Path books = Files.createDirectory(dir.resolve("books"));
    Files.writeString(books.resolve("book.md"), "It was a dark night.\n\n".repeat(60));
    Files.writeString(books.resolve("cover.jpg"), "");

    assertThat(pretrain("--tokens=640")).as(err.toString()).isZero();
    assertThat(err.toString())
        .contains("Passed over, being no text: cover.jpg", "bits a byte")
        .doesNotContain("Going on");
    assertThat(dir.resolve("model.training").resolve("heldout.txt")).isNotEmptyFile();

    assertThat(pretrain("--tokens=640")).isZero();
    assertThat(err.toString()).contains("Going on after step 5");
    assertThat(pretrain("--tokens=1280")).isEqualTo(2);
    assertThat(err.toString()).contains("delete the folder to begin anew");

    Path model = dir.resolve("model");
    Path chat = dir.resolve("chat.json");
    Files.writeString(chat, "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}");
    assertThat(generate("--messages=" + chat)).isEqualTo(2);
    assertThat(err.toString()).contains("chat template of " + model + ": none");
    Files.writeString(
        model.resolve("chat_template.jinja"),
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:");
    assertThat(generate("--messages=" + chat)).as(err.toString()).isZero();
    Files.writeString(chat, "[{\"role\": \"assistant\", \"content\": \"Hi\"}]");
    assertThat(generate("--messages=" + chat)).isEqualTo(2);
    assertThat(err.toString()).contains("which ends with the assistant");
    Files.writeString(chat, "[1]");
    assertThat(generate("--messages=" + chat)).isEqualTo(2);
    assertThat(err.toString()).contains("--messages: " + chat + " (expected: a JSON list of");
  }

  private int pretrain(String tokens) {
    String[] paths = {
      "pretrain", "--text=" + dir.resolve("books"), "--out=" + dir.resolve("model"), tokens
    };
    String[] all = new String[paths.length + TINY.length];
    System.arraycopy(paths, 0, all, 0, paths.length);
    System.arraycopy(TINY, 0, all, paths.length, TINY.length);
    return run(all);
  }

  private int generate(String messages) {
    return run(
        "generate",
        "--model=" + dir.resolve("model"),
        messages,
        "--max-new-tokens=4",
        "--threads=1");
  }

  private int run(String... arguments) {
    err.getBuffer().setLength(0);
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
  }
}

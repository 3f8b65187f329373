package plaudit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.language.BpeTrainer;
import plaudit.node.config.RunConfig;

/** The shipped model goes on with stories; a foreign one that marks turns holds a dialogue. */
class ShippedTest {

  private static final Shipped SHIPPED =
      new Shipped(Path.of(System.getProperty("plaudit.root", ".."), "ops"));

  @TempDir private Path dir;

  @Test
  void theShippedModelGoesOnWithTheOpenings() {
    Config config = quickstart(SHIPPED.model(), List.of());

    assertThat(config.getString("plaudit.run.model")).isEqualTo(SHIPPED.model().toString());
    assertThat(config.getString("plaudit.run.data")).isEqualTo(SHIPPED.openings().toString());
    assertThat(config.getString("plaudit.vendor.lexicon")).endsWith("valence.tsv");
    assertThat(config.getConfig("plaudit.task"))
        .isEqualTo(RunConfig.load("quickstart", List.of()).config().getConfig("plaudit.task"));
  }

  @Test
  void aForeignModelThatMarksTurnsAnswersInThem() throws IOException {
    Path model = vocabulary("[inst]", "[/inst]");

    Config config = quickstart(model, List.of());

    assertThat(config.getString("plaudit.run.data")).endsWith("data/dialogue");
    assertThat(Path.of(config.getString("plaudit.run.data"))).isDirectory();
    assertThat(config.getString("plaudit.task.prefix")).isEqualTo("[inst] ");
    assertThat(config.getString("plaudit.task.suffix")).isEqualTo(" [/inst]");
    assertThat(config.getString("plaudit.task.truncate-token")).isEqualTo("[inst]");
    assertThat(config.getInt("plaudit.task.truncate-after")).isEqualTo(1);
    assertThat(config.getInt("plaudit.experience.question-responses")).isEqualTo(6);
    assertThat(config.getDouble("plaudit.policy.learning-rate")).isEqualTo(3e-5);
  }

  @Test
  void whatTheUserSaysIsStronger() throws IOException {
    Path model = vocabulary("[inst]", "[/inst]");

    Config config = quickstart(model, List.of("task.truncate-after=3", "run.data=mine"));

    assertThat(config.getInt("plaudit.task.truncate-after")).isEqualTo(3);
    assertThat(config.getString("plaudit.run.data")).isEqualTo("mine");
  }

  @Test
  void aForeignModelWithoutBothMarksIsTakenForAStoryteller() throws IOException {
    Config config = quickstart(vocabulary("[inst]"), List.of());

    assertThat(config.getString("plaudit.run.data")).isEqualTo(SHIPPED.openings().toString());
    assertThat(config.getString("plaudit.task.prefix")).isEmpty();
  }

  private static Config quickstart(Path model, List<String> overrides) {
    List<String> settings = new ArrayList<>(SHIPPED.suiting(model));
    settings.addAll(overrides);
    return RunConfig.load("quickstart", settings).config();
  }

  private Path vocabulary(String... marks) throws IOException {
    Path model = Files.createDirectory(dir.resolve("foreign"));
    List<String> specials = new ArrayList<>(List.of("<|endoftext|>"));
    specials.addAll(Arrays.asList(marks));
    BpeTrainer.train(
            List.of("hello there and hello again").iterator(),
            new BpeTrainer.Settings(280, 2, 1, specials))
        .write(model);
    return model;
  }
}

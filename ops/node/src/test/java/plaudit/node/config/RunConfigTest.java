package plaudit.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.input.InvalidInputException;
import plaudit.sampling.SamplerSettings;
import plaudit.sampling.SamplerSettings.InFlight;

class RunConfigTest {

  static final List<String> PRESETS = RunConfig.PRESETS;

  private Path dir;

  @BeforeEach
  void nameTheDirectory(@TempDir Path temporary) {
    dir = temporary;
  }

  @ParameterizedTest
  @FieldSource("PRESETS")
  void everyPresetUsesOnlyKeysThatExistAndMakesSettings(String preset) {
    RunConfig run = RunConfig.load(preset, List.of());

    assertThat(run.name()).isEqualTo(preset);
    assertThat(TaskSettings.from(run.config()).responseLength()).isPositive();
    assertThat(RunSettings.from(run.config()).freeSpace()).isPositive();
    assertThat(run.asked().getConfig("plaudit").entrySet()).hasSizeGreaterThan(5);
  }

  @ParameterizedTest
  @CsvSource({
    "sentiment, 64, 24, 16, 0.7",
    "descriptiveness, 64, 24, 16, 0.7",
    "mock-sentiment, 64, 24, 16, 0.7",
    "tldr, 500, 75, 55, 0.7",
    "cnndm, 500, 75, 55, 0.5"
  })
  void presetsAskForThePapersTasks(
      String preset, int query, int response, int after, float temperature) {
    TaskSettings task = TaskSettings.from(RunConfig.load(preset, List.of()).config());

    assertThat(task.queryLength()).isEqualTo(query);
    assertThat(task.responseLength()).isEqualTo(response);
    assertThat(task.truncateAfter()).isEqualTo(after);
    assertThat(task.temperature()).isEqualTo(temperature);
    assertThat(task.penalty()).isEqualTo(-1);
  }

  @Test
  void theBufferDealsTheGroupsThatThePolicyLearnsFrom() {
    Config config = RunConfig.defaults(List.of("policy.algorithm=grpo", "policy.group=4")).config();

    assertThat(config.getInt("plaudit.experience.group")).isEqualTo(4);
  }

  /** A key whose default is off, but which is no switch. */
  @Test
  void versionsMayTakeOverInFlight() {
    RunConfig run = RunConfig.load("quickstart", List.of("sampler.in-flight=keep-cache"));
    assertThat(SamplerSettings.from(run.config()).inFlight()).isEqualTo(InFlight.KEEP_CACHE);
  }

  @Test
  void summariesArePromptedAsInThePaper() {
    TaskSettings task = TaskSettings.from(RunConfig.load("cnndm", List.of()).config());

    assertThat(task.prefix()).isEqualTo("Article:\n\n");
    assertThat(task.suffix()).isEqualTo("\n\nTL;DR:");
    assertThat(task.truncateToken()).contains("\n");
    assertThat(task.startText()).isEmpty();
  }

  @Test
  void anOverrideBeatsTheFileWhichBeatsItsPresetWhichBeatsTheDefaults() throws IOException {
    Path file = dir.resolve("mine.conf");
    Files.writeString(
        file,
        """
        plaudit.preset = cnndm
        plaudit.task.response-length = 60
        plaudit.task.query-length = 300
        """);

    Config config = RunConfig.load(file.toString(), List.of("task.query-length=200")).config();

    TaskSettings task = TaskSettings.from(config);
    assertThat(task.queryLength()).isEqualTo(200);
    assertThat(task.responseLength()).isEqualTo(60);
    assertThat(task.temperature()).isEqualTo(0.5f);
    assertThat(config.getInt("plaudit.telemetry.port")).isEqualTo(9464);
  }

  @Test
  void aTextMayBeginWithABracketAndAListOfSourcesIsAList() {
    RunConfig run =
        RunConfig.defaults(List.of("reward.rule.pattern=[aeiou]", "reward.source=[run, rule]"));

    assertThat(run.config().getString("plaudit.reward.rule.pattern")).isEqualTo("[aeiou]");
    assertThat(run.config().getStringList("plaudit.reward.source")).containsExactly("run", "rule");
  }

  @Test
  void theLastOfTwoOverridesCounts() {
    RunConfig run = RunConfig.defaults(List.of("run.seed=3", "plaudit.run.seed=4"));

    assertThat(RunSettings.from(run.config()).seed()).isEqualTo(4);
  }

  @Test
  void anOverrideThatIsNoHoconIsTakenAsText() {
    RunConfig run = RunConfig.defaults(List.of("task.prefix=Q: what? [1", "task.end-text=."));

    assertThat(run.config().getString("plaudit.task.prefix")).isEqualTo("Q: what? [1");
    assertThat(run.config().getString("plaudit.task.end-text")).isEqualTo(".");
  }

  /** HOCON would take what follows for a comment. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "p#ss",
        "#",
        "//server/share",
        "a//b",
        "jdbc:postgresql://db/labels",
        "\"a\" # b",
        "[1] // 2"
      })
  void whatLooksLikeACommentIsPartOfTheValue(String text) {
    assertThat(RunConfig.defaults(List.of("task.prefix=" + text)).config())
        .returns(text, config -> config.getString("plaudit.task.prefix"));
  }

  @Test
  void aQuotedValueMayHaveThemToo() {
    Config config =
        RunConfig.defaults(
                List.of("task.prefix=\"# // ${x}\"", "cluster.seed-nodes=[\"a#b//c:1\", \"d:2\"]"))
            .config();

    assertThat(config.getString("plaudit.task.prefix")).isEqualTo("# // ${x}");
    assertThat(config.getStringList("plaudit.cluster.seed-nodes"))
        .containsExactly("a#b//c:1", "d:2");
  }

  @Test
  void aSubstitutionSeesTheOverrides() throws IOException {
    Path file = dir.resolve("sub.conf");
    Files.writeString(file, "plaudit.task.truncate-after = ${plaudit.run.seed}");

    RunConfig run = RunConfig.load(file.toString(), List.of("run.seed=9"));

    assertThat(run.config().getInt("plaudit.task.truncate-after")).isEqualTo(9);
    assertThat(run.asked().getInt("plaudit.task.truncate-after")).isEqualTo(9);
  }

  @Test
  void otherPeoplesSectionsAreNotChecked() {
    RunConfig run = RunConfig.defaults(List.of("pekko.some.thing=1"));

    assertThat(run.config().getInt("pekko.some.thing")).isEqualTo(1);
    assertThat(run.render()).contains("some");
  }

  @Test
  void whatIsRenderedReadsBackTheSame() throws IOException {
    RunConfig run = RunConfig.load("cnndm", List.of("run.seed=7", "pekko.loglevel=DEBUG"));
    Path file = dir.resolve("config.conf");
    Files.writeString(file, run.render());

    RunConfig again = RunConfig.load(file.toString(), List.of());

    assertThat(again.name()).isEqualTo("cnndm");
    assertThat(again.config().getConfig("plaudit")).isEqualTo(run.config().getConfig("plaudit"));
    assertThat(again.config().getString("pekko.loglevel")).isEqualTo("DEBUG");
    assertThat(ConfigFactory.parseString(run.render()).hasPath("pekko.actor")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "task.temprature=1 | plaudit.task.temperature",
        "policy.temperature=1 | plaudit.task.temperature",
        "plaudit.telemetry.prot=1 | plaudit.telemetry.port",
        "run.sed=1 | plaudit.run.seed",
      })
  void aMisspeltKeyIsRefusedWithTheNearestOne(String override, String meant) {
    assertThatThrownBy(() -> RunConfig.defaults(List.of(override)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(override.substring(0, override.indexOf('=')))
        .hasMessageContaining("did you mean " + meant + "?");
  }

  @Test
  void aMisspeltKeyInAFileIsRefusedWithItsLine() throws IOException {
    Path file = dir.resolve("wrong.conf");
    Files.writeString(file, "plaudit {\n  task {\n    responselength = 3\n  }\n}\n");

    assertThatThrownBy(() -> RunConfig.load(file.toString(), List.of()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("wrong.conf, line 3")
        .hasMessageContaining("did you mean plaudit.task.response-length?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "task.query-length=many | plaudit.task.query-length: \"many\" (expected: a number like 64)",
        "task=3 | plaudit.task: 3 (expected: a section with keys such as plaudit.task.end-of-text)",
        "run.seed={a=1} | plaudit.run.seed: {\"a\":1} (expected: a value like 1)",
        "preset=tdlr | plaudit.preset: tdlr (expected: sentiment,",
        "task | override: task (expected: key=value)",
        "=3 | override: =3 (expected: key=value)",
        "a..b=3 | override: a..b=3 (expected: key=value with a key like policy.batch)",
        "run.seed=${no.such.thing} | no.such.thing",
      })
  void aValueThatMakesNoSenseIsNamedWithWhatWasExpected(String override, String message) {
    assertThatThrownBy(() -> RunConfig.defaults(List.of(override)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aFileThatIsNoHoconIsNamedWithTheLine() throws IOException {
    Path file = dir.resolve("broken.conf");
    Files.writeString(file, "plaudit {\n  task = [1\n}\n");

    assertThatThrownBy(() -> RunConfig.load(file.toString(), List.of()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("broken.conf")
        .hasMessageNotContaining("\n");
  }

  @Test
  void aConfigThatIsNeitherFileNorPresetIsRefusedWithThePresets() {
    assertThatThrownBy(() -> RunConfig.load("sentimental", List.of()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("sentimental (expected: a file, or a preset: sentiment, desc");
  }

  @Test
  void theTruncationIndexMustLieWithinTheResponse() {
    Config config = RunConfig.defaults(List.of("task.truncate-after=24")).config();

    assertThatThrownBy(() -> TaskSettings.from(config))
        .hasMessage("plaudit.task.truncate-after: 24 (expected: 0 to 23, within the response)");
  }
}

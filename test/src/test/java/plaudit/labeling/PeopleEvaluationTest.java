package plaudit.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.eval.panel.HumanEvaluation.ResponseSet;
import plaudit.eval.verdict.ByPeople;
import plaudit.gateway.http.RunView;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.StoreSettings;
import plaudit.input.InvalidInputException;
import plaudit.labels.Comparison;
import plaudit.labels.Label;
import plaudit.node.PeopleEvaluation;
import plaudit.node.config.Role;
import plaudit.node.labels.LabelExport;
import plaudit.reward.LabelPool;
import plaudit.tokens.Tokens;

/** A run's people compare base and tuned at its gateway, over real HTTP and with its own store. */
@Timeout(90)
class PeopleEvaluationTest {

  private static final List<ResponseSet> SETS =
      IntStream.range(0, 6)
          .mapToObj(
              i -> new ResponseSet("query " + i, List.of("a stone " + i, "a good stone " + i)))
          .toList();

  @TempDir private Path dir;

  @Test
  void theRunsVendorJudgesThePairsAndNoQuestionOfTheTrainingIsTouched() throws Exception {
    Files.writeString(dir.resolve("lexicon.tsv"), "good\t3\nbad\t-3\n");
    Config config =
        config(
            "vendor { labelers = 4, latency = 20ms, noise = 0, lexicon = \""
                + dir.resolve("lexicon.tsv")
                + "\" }",
            "run.people.limit = 60s");
    StoreSettings store = StoreSettings.from(config).withFile(dir.resolve("labels.sqlite"));
    try (JdbcLabels labels = open(store)) {
      labels.ask(List.of(question("q1"), question("q2")));
    }

    ByPeople people = judged(config, store, List.of(new float[] {0, 1}, new float[] {1, 0}));

    assertThat(people.ended()).isEmpty();
    assertThat(people.answers()).as("three for each pair").isEqualTo(18);
    assertThat(people.judged()).isEqualTo(6);
    assertThat(people.rate().share()).isEqualTo(1);
    assertThat(people.betweenPeople().orElseThrow().share()).isEqualTo(1);
    assertThat(people.withRewardModel().orElseThrow().agreed()).as("every second").isEqualTo(3);
    assertThat(people.words())
        .startsWith(
            "preferred the tuned model in 100.0 % (95 % interval 61.0 to 100.0 %) of 6 pairs")
        .endsWith("18 of 18 answers");
    try (JdbcLabels labels = open(store)) {
      assertThat(labels.answered("q").open()).isEqualTo(2);
      assertThat(labels.status().preferences()).as("of the training").isZero();
      LabelPool pool = new LabelPool();
      List<Label> all = labels.labelsAfter(0, 100);
      all.forEach(pool::add);
      assertThat(all).hasSize(18);
      assertThat(pool.all()).isEmpty();
      Path texts = dir.resolve("labels.jsonl");
      LabelExport.write(() -> LabelExport.labels(labels), LabelExport.Format.TEXT, texts);
      assertThat(Files.readAllLines(texts))
          .hasSize(18)
          .allSatisfy(line -> assertThat(line).contains("\"purpose\":\"evaluation\""));
      assertThatThrownBy(
              () ->
                  LabelExport.write(
                      () -> LabelExport.labels(labels), LabelExport.Format.TRL, texts))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("labels to export: 0");
    }
  }

  @Test
  void aRunThatGetsNoAnswersEndsAtItsLimitAndSaysHowManyOfHowMany() throws Exception {
    Config config = config("vendor.labelers = 0", "run.people.limit = 1s");
    StoreSettings store = StoreSettings.from(config).withFile(dir.resolve("labels.sqlite"));

    ByPeople people = judged(config, store, List.of());

    assertThat(people.hasAnswers()).isFalse();
    assertThat(people.words())
        .startsWith("no verdict: 0 of 18 answers came; ended early: time limit of ");
  }

  @Test
  void whatCannotBeAskedIsRefusedAtTheStart() {
    assertThatThrownBy(() -> settings("run.evaluate-by = crowd", Role.all()))
        .hasMessage("plaudit.run.evaluate-by: crowd (expected: scores or people)");
    assertThatThrownBy(() -> settings("run.people.judgments = 2", Role.all()))
        .hasMessage("plaudit.run.people.judgments: 2 (expected: an odd number)");
    assertThatThrownBy(() -> settings("run.people.pairs = 0", Role.all()))
        .hasMessage("plaudit.run.people.pairs: 0 (expected: >= 1)");
    assertThatThrownBy(() -> settings("run.evaluate-by = people", Set.of(Role.LEARNER)))
        .hasMessageContaining("the gateway being on another node");
  }

  private static Optional<PeopleEvaluation.Settings> settings(String setting, Set<Role> roles) {
    return PeopleEvaluation.Settings.from(config(setting), roles);
  }

  private static ByPeople judged(Config config, StoreSettings store, List<float[]> scores)
      throws InterruptedException {
    List<float[]> repeated =
        IntStream.range(0, SETS.size())
            .mapToObj(i -> scores.isEmpty() ? new float[2] : scores.get(i % scores.size()))
            .toList();
    return new PeopleEvaluation(config, store, 7, () -> false)
        .judge(
            PeopleEvaluation.Settings.from(config, Role.all()).orElseThrow(),
            SETS,
            Optional.of(repeated),
            RunView.none(),
            new PrintWriter(new StringWriter()));
  }

  private static JdbcLabels open(StoreSettings store) {
    return JdbcLabels.open(store, InstantSource.system(), new SecureRandom());
  }

  private static Comparison question(String id) {
    return new Comparison(
        id,
        Tokens.of(1),
        "a question",
        List.of(
            new Comparison.Sample(Tokens.of(2), "one", 0),
            new Comparison.Sample(Tokens.of(3), "two", 0)));
  }

  private static Config config(String... settings) {
    return ConfigFactory.parseString(
            "plaudit { gateway.port = 0, run.evaluate-by = people }\n"
                + String.join("\n", List.of(settings).stream().map(it -> "plaudit." + it).toList()))
        .withFallback(ConfigFactory.load());
  }
}

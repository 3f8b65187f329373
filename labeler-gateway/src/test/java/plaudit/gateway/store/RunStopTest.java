package plaudit.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Path;
import java.util.Comparator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.labels.actor.LabelStore;

/** Any labeler can stop a run, whatever the words, and the store says who, why and since when. */
class RunStopTest {

  private static final Labeler ANNA = new Labeler("acme", "anna");
  private static final Labeler JO = new Labeler("page", "lb_7abcdefghijklmno");

  private final Path directory;
  private JdbcLabels labels;

  RunStopTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void open() {
    labels = Stores.open(directory);
  }

  @AfterEach
  void close() {
    labels.close();
  }

  @Test
  void aStopKeepsTheFirstReasonAndLabelerUntilTheRunGoesOn() {
    assertThat(labels.stop()).isEmpty();
    labels.stopRun(ANNA, "the texts are bad");
    labels.stopRun(JO, "I think so too");
    LabelStore.Stop stop = labels.stop().orElseThrow();
    assertThat(stop.reason()).isEqualTo("the texts are bad");
    assertThat(stop.by()).isEqualTo("acme/anna");

    labels.resumeRun(new Labeler("operator", "ada"), "");
    assertThat(labels.stop()).isEmpty();
    labels.stopRun(JO, "again");
    assertThat(labels.stop().orElseThrow().by()).isEqualTo("page labeler lb_7…");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \n", "\u0000\u0001\u001f", "\ud800", "\"\\\""})
  void noTextIsRefused(String reason) {
    labels.stopRun(ANNA, reason);
    assertThat(labels.stop().orElseThrow().reason()).isNotBlank();
  }

  @Test
  void aTextThatIsTooLongIsCutBetweenTwoCharacters() {
    labels.stopRun(ANNA, "\u0007".repeat(10) + "\"" + "\ud83d\ude00".repeat(30_000));
    assertThat(labels.stop().orElseThrow().reason())
        .startsWith("\"\ud83d")
        .endsWith("\ude00")
        .hasSizeBetween(1_900, 2_000);
  }

  @Test
  void theCountsNameWhoHoldsTasksTheMostPatientFirst() {
    assertThat(labels.status().taken()).isFalse();
    labels.ask(Comparisons.some("q", 4));
    labels.lease(ANNA, 1);
    labels.lease(JO, 2);
    labels.lease(new Labeler("acme", "bo"), 1);

    LabelStore.Status status = labels.status();
    assertThat(status.taken()).isTrue();
    assertThat(status.leased()).isEqualTo(4);
    assertThat(status.holders())
        .extracting(LabelStore.Holder::name, LabelStore.Holder::tasks)
        .containsExactlyInAnyOrder(
            tuple("acme/anna", 1L), tuple("page labeler lb_7…", 2L), tuple("acme/bo", 1L));
    assertThat(status.holders())
        .isSortedAccordingTo(Comparator.comparing(LabelStore.Holder::since));
    assertThat(status.vendors())
        .extracting(LabelStore.Holder::name, LabelStore.Holder::tasks)
        .containsExactlyInAnyOrder(tuple("acme", 2L), tuple("page", 2L));
  }

  @Test
  void thoseWhoHoldNothingAreNotNamed() {
    labels.ask(Comparisons.some("q", 1));
    labels.lease(ANNA, 1);
    labels.releaseAll("acme");
    assertThat(labels.status().holders()).isEmpty();
    assertThat(labels.status().vendors()).isEmpty();
    assertThat(labels.status().taken()).isTrue();
  }
}

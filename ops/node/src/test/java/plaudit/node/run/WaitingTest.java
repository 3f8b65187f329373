package plaudit.node.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import plaudit.experience.QuestionYield;
import plaudit.labels.actor.LabelStore.Holder;
import plaudit.labels.actor.LabelStore.Status;
import plaudit.labels.actor.LabelStore.Stop;
import plaudit.training.TrainingObserver.Step;

class WaitingTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final String URL = "http://127.0.0.1:8080";

  @Test
  void whatAQuestionCostsIsSaidWhileLabelsAreCollected() {
    QuestionYield yielded = new QuestionYield(600, 8_400, 2_350, 2);
    assertThat(Waiting.forLabels("collecting labels", status(0, true), 800, yielded, URL, NOW))
        .isEqualTo("collecting labels 0/800; a question costs 14 responses");
  }

  @Test
  void howFarTheRewardModelsTrainingIsIsSaid() {
    assertThat(Waiting.forTraining(new Step(41, 320, 328, 1_728, 5e-4, 1.5, 800)))
        .isEqualTo("training the reward model, 328 of 1,728 rows");
  }

  @Test
  void theLineSaysWhoHoldsTasksAndForHowLong() {
    Status store =
        status(
            1_196,
            true,
            new Holder("page", "lb_7abcdefghijkl", 2, NOW.minusSeconds(370)),
            new Holder("acme", "jo", 1, NOW.minusSeconds(40)));

    String words =
        Waiting.forLabels("waiting for labels", store, 1_200, QuestionYield.NONE, URL, NOW);

    assertThat(words)
        .isEqualTo(
            "waiting for labels 1,196/1,200; 2 held by page labeler lb_7… for 6 min, 1 by acme/jo"
                + " for 40 s");
    assertThat(Progress.waiting(words, 3, 40, "updates").line())
        .hasSize(Progress.COLUMNS)
        .endsWith("…  3/40 updates");
  }

  @Test
  void ofManyHoldersTheMostPatientAreNamed() {
    Holder[] many = new Holder[5];
    for (int i = 0; i < many.length; i++) {
      many[i] = new Holder("v", "l" + i, 1, NOW.minusSeconds(7_300 - i));
    }
    assertThat(
            Waiting.forLabels(
                "waiting for labels", status(9, true, many), 10, QuestionYield.NONE, URL, NOW))
        .isEqualTo(
            "waiting for labels 9/10; 1 held by v/l0 for 2 h, 1 by v/l1 for 2 h, 1 by v/l2 for 2 h,"
                + " …");
  }

  @Test
  void whereNobodyLabelsTheLineSaysWhereToLabel() {
    assertThat(
            Waiting.forLabels(
                "collecting labels", status(0, false), 100, QuestionYield.NONE, URL, NOW))
        .isEqualTo("collecting labels 0/100; no labeler has asked for a task yet; label at " + URL);
    assertThat(
            Waiting.forLabels(
                "collecting labels", status(0, true), 100, QuestionYield.NONE, URL, NOW))
        .isEqualTo("collecting labels 0/100");
  }

  @Test
  void theLineOfAStoppedRunSaysWhoStoppedItSinceWhenAndHowItGoesOn() {
    Stop stop = new Stop("the texts are bad", "acme", "jo", NOW.minusSeconds(190));

    assertThat(Waiting.stopped(stop, URL + "/console", NOW))
        .isEqualTo(
            "STOPPED by acme/jo for 3 min; to go on: http://127.0.0.1:8080/console; the texts are"
                + " bad");
    assertThat(new Stop("x", "", "", NOW).by()).isEqualTo("a labeler");
  }

  private static Status status(long preferences, boolean taken, Holder... holders) {
    return new Status(
        5, 3, preferences, preferences, preferences, false, taken, List.of(holders), List.of());
  }
}

package plaudit.node.run;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import plaudit.experience.QuestionYield;
import plaudit.labels.actor.LabelStore;
import plaudit.training.TrainingObserver.Step;

/** What a run waits for, and for whom, in words for people and as JSON. */
public final class Waiting {

  private static final int HOLDERS_SHOWN = 3;

  /** A task that is held for less is being judged; its holder is not waited for. */
  private static final Duration PATIENT = Duration.ofSeconds(5);

  private Waiting() {}

  /**
   * For labels, with those who hold a task for seconds already: {@code waiting for labels
   * 1,196/1,200; 2 held by page labeler lb_7… for 6 min}.
   *
   * @param what is done meanwhile: collecting labels, waiting for them
   * @param wanted labels in all
   * @param yielded what became of the responses for questions
   * @param labelAt where people label, empty if that is not known
   */
  public static String forLabels(
      String what,
      LabelStore.Status store,
      long wanted,
      QuestionYield yielded,
      String labelAt,
      Instant now) {
    String words = String.format(Locale.ROOT, "%s %,d/%,d", what, store.preferences(), wanted);
    if (!store.taken() && store.open() > 0) {
      return words
          + "; no labeler has asked for a task yet"
          + (labelAt.isEmpty() ? "" : "; label at " + labelAt);
    }
    List<LabelStore.Holder> holders =
        store.holders().stream().filter(it -> !now.isBefore(it.since().plus(PATIENT))).toList();
    if (holders.isEmpty()) {
      return yielded.questions() == 0 ? words : words + "; " + yielded.cost();
    }
    String who =
        holders.stream()
            .limit(HOLDERS_SHOWN)
            .map(it -> "%d by %s for %s".formatted(it.tasks(), it.name(), age(it.since(), now)))
            .collect(Collectors.joining(", "));
    return words
        + "; "
        + who.replaceFirst(" by ", " held by ")
        + (holders.size() > HOLDERS_SHOWN ? ", …" : "");
  }

  /**
   * For a training of the reward model: {@code training the reward model, 328 of 1,728 rows}.
   *
   * @param step its newest
   */
  public static String forTraining(Step step) {
    return String.format(
        Locale.ROOT, "training the reward model, %,d of %,d rows", step.done(), step.total());
  }

  /**
   * For an operator: {@code STOPPED by acme/jo for 3 min: the texts are bad; to go on: ...}.
   *
   * @param howToGoOn what the operator does
   */
  public static String stopped(LabelStore.Stop stop, String howToGoOn, Instant now) {
    return "STOPPED by %s for %s; to go on: %s; %s"
        .formatted(stop.by(), age(stop.since(), now), howToGoOn, stop.reason());
  }

  /** The stop as an object. */
  public static Map<String, String> json(LabelStore.Stop stop, String howToGoOn) {
    return Map.of(
        "reason", stop.reason(),
        "vendor", stop.vendor(),
        "labeler", stop.labeler(),
        "by", stop.by(),
        "since", stop.since().truncatedTo(ChronoUnit.SECONDS).toString(),
        "goOn", howToGoOn);
  }

  /** Who holds tasks, as an object. */
  public static Map<String, Object> json(LabelStore.Holder holder, Instant now) {
    return Map.of(
        "by", holder.name(),
        "vendor", holder.vendor(),
        "tasks", holder.tasks(),
        "seconds", Math.max(0, Duration.between(holder.since(), now).toSeconds()));
  }

  /** {@code 40 s}, {@code 6 min}, {@code 3 h}. */
  private static String age(Instant since, Instant now) {
    long seconds = Math.max(0, Duration.between(since, now).toSeconds());
    if (seconds < 60) {
      return seconds + " s";
    }
    return seconds < 3600 ? seconds / 60 + " min" : seconds / 3600 + " h";
  }
}

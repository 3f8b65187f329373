package plaudit.simulation;

import java.time.Duration;
import java.util.List;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.OnStale;
import plaudit.experience.Start;
import plaudit.reward.LabelSchedule;
import plaudit.reward.LabelSchedule.CollectionMode;

/**
 * One small run, drawn from a seed: sizes, settings and how bad things get.
 *
 * @param updates policy updates of the run
 * @param unacknowledged batches a sampler may have with scorers
 * @param queue batches a scorer lets wait
 * @param checkpointEvery updates from one checkpoint to the next
 * @param overlap people who judge a repeated question
 * @param storm milliseconds during which things go wrong
 * @param journaled whether the buffer keeps a journal
 * @param stops times that a labeler stops the run
 */
record Scenario(
    ExperienceSettings experience,
    LabelSchedule schedule,
    int updates,
    int samplers,
    int scorers,
    int labelers,
    int unacknowledged,
    int queue,
    int checkpointEvery,
    int overlap,
    int storm,
    Weather weather,
    People people,
    boolean journaled,
    int stops) {

  /**
   * How bad the network is and how often nodes die.
   *
   * @param loss probability for each message
   * @param twice probability for each message
   * @param late probability for each message
   * @param latest milliseconds a late one may take
   * @param reorders whether messages of one node to another may overtake each other
   * @param crashes lives that end, of whichever node
   * @param partitions of some nodes from the others
   */
  record Weather(
      double loss,
      double twice,
      double late,
      int latest,
      boolean reorders,
      int crashes,
      int partitions) {

    static final Weather CALM = new Weather(0, 0, 0, 100, false, 0, 0);
  }

  /**
   * How people are, while the storm lasts; afterwards they are slow at times, and undecided.
   *
   * @param slow probability that a task takes longer than its lease
   * @param absent probability that somebody goes home with a task
   * @param undecided probability of a judgment without preference, storm or not
   * @param amends probability that a judgment is changed
   * @param flags probability that a task is flagged
   */
  record People(double slow, double absent, double undecided, double amends, double flags) {}

  static Scenario of(Chance chance) {
    int group = chance.between(1, 2);
    int batch = group * chance.between(1, 3);
    int eta = chance.between(0, 2);
    int updates = chance.between(2, 5);
    boolean calm = chance.once(.1);
    int storm = calm ? 0 : chance.between(4_000, 20_000);
    Weather weather =
        calm
            ? Weather.CALM
            : new Weather(
                chance.of(List.of(0., .02, .1)),
                chance.of(List.of(0., .05, .2)),
                chance.of(List.of(0., .05, .2)),
                chance.of(List.of(500, 3_000, 12_000)),
                chance.once(.5),
                chance.between(0, 4),
                chance.between(0, 2));
    return new Scenario(
        new ExperienceSettings(
            batch,
            eta,
            eta + chance.between(0, 2),
            chance.between(1, 3),
            chance.between(1, 2),
            2,
            Duration.ofSeconds(chance.between(4, 12)),
            chance.once(.5) ? (long) updates * batch : 0,
            Start.FRESH,
            group,
            chance.of(List.of(OnStale.values()))),
        schedule(chance, (long) updates * batch, batch),
        updates,
        chance.between(1, 3),
        chance.between(1, 2),
        chance.between(1, 3),
        chance.between(1, 2),
        chance.between(1, 3),
        chance.between(1, 2),
        chance.between(1, 3),
        storm,
        weather,
        new People(
            chance.of(List.of(0., .2)),
            calm ? 0 : chance.of(List.of(0., .2)),
            chance.of(List.of(0., .2)),
            chance.of(List.of(0., .3)),
            calm ? 0 : chance.of(List.of(0., .1))),
        chance.once(.5),
        calm || chance.once(.6) ? 0 : chance.between(1, 3));
  }

  private static LabelSchedule schedule(Chance chance, long episodes, int batch) {
    int first = chance.between(1, 3);
    int retrainings = chance.between(0, 3);
    return new LabelSchedule(
        episodes,
        batch,
        first,
        first + chance.between(0, 7),
        chance.between(1, 3),
        retrainings,
        Math.max(1, retrainings + chance.between(0, 1)),
        chance.of(List.of(0., .25)),
        chance.of(List.of(CollectionMode.values())),
        chance.once(.5));
  }

  /** A scenario without a fault. */
  boolean isCalm() {
    return storm == 0;
  }
}

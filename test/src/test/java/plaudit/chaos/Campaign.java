package plaudit.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import plaudit.cluster.NodeJvm;
import plaudit.experience.journal.JournalReader;

/**
 * One run during which processes are killed, told to end or frozen, one deed after the other, each
 * when it is seen in its phase; those that ended are started again at once. At the end the books
 * are checked.
 *
 * <p>People answer slowly while a victim is watched or away, and the last labels only when all
 * deeds are done. As the policy waits for labels, the run cannot end before.
 */
final class Campaign {

  /**
   * What came of one deed.
   *
   * @param seen whether the victim was in the phase then; else it was struck at a random moment
   * @param detection from the fault until another node saw it; empty if none did in time
   * @param recovery from the fault, or for a frozen process from its first moment after it, until
   *     useful work was done in its place
   * @param faults of the whole run's books; empty if they are right
   */
  record Row(
      Deed deed,
      long seed,
      boolean seen,
      Optional<Duration> detection,
      Duration recovery,
      List<String> faults) {}

  private record Outcome(
      Deed deed, boolean seen, Optional<Duration> detection, Duration recovery) {}

  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration NOTICED = Duration.ofSeconds(20);
  private static final Duration HUNT = Duration.ofSeconds(60);
  private static final Duration THINKING = Duration.ofMillis(100);
  private static final int BEFORE_START = 8;
  private static final int UPDATES = 60;
  private static final int LABELS = 48;
  private static final int PEOPLE = 2;

  /**
   * Answers that are kept back while a victim is watched, so that there is work for its successor.
   */
  private static final int RESERVE = 8;

  /** A deed looks for its phase this many times at most before it strikes. */
  private static final int SIGHTINGS = 3;

  private final Path directory;
  private final long seed;
  private final SplittableRandom random;
  private final List<Books.Death> deaths = new ArrayList<>();

  /** A campaign that has not begun; its files go below {@code directory}. */
  Campaign(Path directory, long seed) {
    this.directory = directory;
    this.seed = seed;
    this.random = new SplittableRandom(seed);
  }

  /**
   * Starts everybody, commits the deeds, lets the run end and checks its books. A run that comes to
   * no end is a fault too.
   */
  List<Row> run(List<Deed> deeds) throws Exception {
    List<Outcome> outcomes = new ArrayList<>();
    List<String> faults = new ArrayList<>();
    try {
      run(deeds, outcomes, faults);
    } catch (AssertionError e) {
      faults.add(String.valueOf(e.getMessage()));
      deeds.stream()
          .skip(outcomes.size())
          .map(deed -> new Outcome(deed, false, Optional.empty(), Duration.ZERO))
          .forEach(outcomes::add);
    }
    return outcomes.stream()
        .map(
            o ->
                new Row(o.deed(), seed, o.seen(), o.detection(), o.recovery(), List.copyOf(faults)))
        .toList();
  }

  private void run(List<Deed> deeds, List<Outcome> outcomes, List<String> faults) throws Exception {
    boolean standby = deeds.stream().anyMatch(Deed::standby);
    try (ProcessFleet fleet = new ProcessFleet(directory, UPDATES, LABELS, standby)) {
      for (String name : ProcessFleet.ALL) {
        fleet.start(name);
      }
      if (standby) {
        NodeJvm learner = fleet.node("learner");
        learner.await("a run", PATIENCE, fleet::hasBegun);
        fleet.start("standby");
      }
      try (PatientVendor vendor = new PatientVendor(List.of(fleet.door()), PEOPLE, THINKING)) {
        for (int i = 0; i < deeds.size(); i++) {
          // The answers up to here; the last third stays for the time after the last deed.
          int limit = (LABELS * 2 / 3 - RESERVE) * (i + 1) / deeds.size();
          outcomes.add(commit(deeds.get(i), fleet, vendor, limit));
        }
        vendor.allow(Integer.MAX_VALUE / 2);
        if (fleet.node("learner").exit(PATIENCE) != 0) {
          faults.add("the run failed: " + fleet.words());
        }
        for (String name : List.of("gateway", "scorer", "sampler-1", "sampler-2")) {
          fleet.node(name).terminate();
        }
        fleet.node("gateway").exit(PATIENCE);
        faults.addAll(Books.line(fleet.updates(), deaths, UPDATES));
        faults.addAll(Books.prompts(JournalReader.of(fleet.run()), UPDATES));
        faults.addAll(Books.rewards(fleet.column("reward/version"), deaths.size()));
        faults.addAll(Books.labels("jdbc:sqlite:" + fleet.labels(), "plaudit", vendor));
        faults.addAll(Books.results(fleet.run()));
      }
    }
  }

  private Outcome commit(Deed deed, ProcessFleet fleet, PatientVendor vendor, int limit)
      throws Exception {
    String name = deed.victim().equals("sampler") ? "sampler-1" : deed.victim();
    NodeJvm victim = fleet.node(name);
    int answers = random.nextInt(1, BEFORE_START);
    boolean early = deed.phase().equals("collecting labels");
    if (early) {
      vendor.allow(answers);
    }
    await(
        victim,
        fleet,
        () -> {
          if (!early) {
            vendor.trickle(limit);
          }
          return early
              ? vendor.acknowledged().size() >= answers
              : vendor.acknowledged().size() >= BEFORE_START / 2 && fleet.whole(victim);
        });
    boolean seen = watch(victim, deed, vendor, early ? answers : limit);
    String address = victim.address();
    long struck = System.nanoTime();
    switch (deed.fault()) {
      case KILL -> victim.kill();
      case TERMINATE -> victim.terminate();
      case FREEZE -> victim.signal("STOP");
    }
    CompletableFuture<Optional<Duration>> detection =
        CompletableFuture.supplyAsync(() -> seenDead(fleet.other(name), address));
    BooleanSupplier useful;
    NodeJvm next;
    if (deed.ends()) {
      victim.exit(PATIENCE);
      if (name.equals("learner")) {
        deaths.add(new Books.Death(fleet.updates().size(), fleet.checkpoint()));
      }
      useful = fleet.useful(name, vendor, 0);
      boolean takenOver = deed.standby() && name.equals("learner");
      next = takenOver ? fleet.takesOver() : fleet.start(name);
    } else {
      detection.join();
      struck = System.nanoTime();
      victim.signal("CONT");
      victim.await("an answer", PATIENCE, () -> victim.status().isPresent());
      useful = fleet.useful(name, vendor, fleet.work(name));
      next = victim;
    }
    await(
        next,
        fleet,
        () -> {
          if (fleet.ready(name)) {
            vendor.trickle(limit + RESERVE);
          }
          return useful.getAsBoolean();
        });
    Duration recovery = Duration.ofNanos(System.nanoTime() - struck);
    return new Outcome(deed, seen, detection.join(), recovery);
  }

  /** How long it takes until {@code witness} cannot reach {@code address}, or has given it up. */
  private static Optional<Duration> seenDead(NodeJvm witness, String address) {
    try {
      return Optional.of(
          witness.await("the dead is missed", NOTICED, () -> !witness.reaches(address)));
    } catch (AssertionError e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** Looks at the victim until it is in the phase for a seeded number of times. */
  private boolean watch(NodeJvm victim, Deed deed, PatientVendor vendor, int limit) {
    int skip = random.nextInt(SIGHTINGS);
    long until = System.nanoTime() + HUNT.toNanos();
    boolean before = false;
    while (System.nanoTime() < until && victim.alive()) {
      boolean now = deed.part().isEmpty() || victim.doing(deed.part()).equals(deed.phase());
      if (now && (deed.part().isEmpty() || (!before && skip-- == 0))) {
        return true;
      }
      before = now;
      vendor.trickle(limit);
    }
    return false;
  }

  private static void await(NodeJvm node, ProcessFleet fleet, BooleanSupplier condition)
      throws InterruptedException {
    try {
      node.await(
          "useful work",
          PATIENCE,
          () -> {
            fleet.requireAllAlive();
            return condition.getAsBoolean();
          });
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + fleet.words(), e);
    }
  }
}

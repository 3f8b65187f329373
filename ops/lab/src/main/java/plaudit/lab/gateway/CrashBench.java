package plaudit.lab.gateway;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import plaudit.gateway.store.StoreSettings;
import plaudit.input.InvalidInputException;

/**
 * Kills a gateway again and again while labelers are at work, starts it again on the same store,
 * and audits the store after each death.
 */
public final class CrashBench {

  private static final Duration ANSWERS_WITHIN = Duration.ofMinutes(3);
  private static final int FRESH = 1_000;
  private static final String SQLITE = "jdbc:sqlite:";

  private final Plan plan;
  private final Map<String, Object> settings;
  private final StoreSettings store;
  private final SplittableRandom random;
  private final Receipts receipts = new Receipts();
  private final AtomicReference<URI> gateway =
      new AtomicReference<>(URI.create("http://127.0.0.1:1"));

  /**
   * What is done.
   *
   * @param kills how often the gateway is killed
   * @param clients labelers, each with a connection of its own
   * @param shortest life of a gateway
   * @param longest life of a gateway
   * @param thinkingMillis of a labeler before each judgment, at most
   * @param powerCut whether a power cut is tried on copies of the files at each kill
   * @param postgres a database instead of a file
   * @param directory for the store, logs and copies
   * @param seed of lives and labelers
   */
  public record Plan(
      int kills,
      int clients,
      Duration shortest,
      Duration longest,
      int thinkingMillis,
      boolean powerCut,
      @Nullable String postgres,
      Path directory,
      long seed) {

    public Plan {
      atLeast("--kills", kills, 1);
      atLeast("--clients", clients, 1);
      if (shortest.isNegative() || shortest.isZero() || longest.compareTo(shortest) < 0) {
        throw InvalidInputException.of(
            "--life", shortest + ".." + longest, "5s..90s, the shorter first");
      }
      if (powerCut && postgres != null) {
        throw InvalidInputException.of(
            "--power-cut", "with --postgres", "an SQLite file: PostgreSQL's is not modelled");
      }
    }

    private static void atLeast(String option, int value, int least) {
      if (value < least) {
        throw InvalidInputException.of(option, value, ">= " + least);
      }
    }
  }

  /**
   * One kill.
   *
   * @param kill its number, from 1; the last row is the end without a kill
   * @param life seconds from the first acknowledgement to the kill
   * @param recovery seconds from the start to the first acknowledgement
   * @param acknowledged judgments acknowledged in this life
   * @param rows judgments in the store after it
   * @param lost acknowledged judgments of all lives that are not there as acknowledged
   * @param lostLeases granted leases of all lives that are not there
   * @param cut bytes of the log at the mercy of a power cut; -1 where none was tried
   * @param faults what does not hold, in words, that of the power cut included
   */
  public record Death(
      int kill,
      double life,
      double recovery,
      int acknowledged,
      long rows,
      int lost,
      int lostLeases,
      long cut,
      List<String> faults) {

    /** Whether everything held. */
    public boolean holds() {
      return faults.isEmpty();
    }
  }

  public CrashBench(Plan plan) {
    this.plan = plan;
    String url = plan.postgres == null ? GatewayProcess.fileUrl(plan.directory) : plan.postgres;
    this.settings = GatewayProcess.settings(url);
    settings.put("plaudit.gateway.store.lease", "20s"); // what a kill leaves is leased again soon
    this.store = GatewayProcess.store(settings);
    this.random = new SplittableRandom(plan.seed);
    if (plan.powerCut && !store.url().startsWith(SQLITE)) {
      throw InvalidInputException.of("--power-cut", store.url(), "an SQLite file");
    }
  }

  /** Runs all lives; {@code each} hears of every death. Ends early at the first fault. */
  public List<Death> run(Consumer<Death> each) throws IOException, InterruptedException {
    Files.createDirectories(plan.directory);
    List<Death> deaths = new ArrayList<>();
    CountDownLatch home = new CountDownLatch(1);
    List<Thread> people = people(home);
    try {
      for (int kill = 1; kill <= plan.kills + 1; kill++) {
        Death death = life(kill, kill <= plan.kills ? null : people, home);
        deaths.add(death);
        each.accept(death);
        if (!death.holds()) {
          break;
        }
      }
      return deaths;
    } finally {
      home.countDown();
      people.forEach(Thread::interrupt);
      for (Thread person : people) {
        person.join();
      }
    }
  }

  private List<Thread> people(CountDownLatch home) {
    List<Thread> people = new ArrayList<>();
    for (int i = 0; i < plan.clients; i++) {
      Thread person =
          new Thread(
              new CrashLabeler(
                  i, gateway::get, receipts, random.split(), plan.thinkingMillis, home),
              "labeler-" + i);
      person.setDaemon(true);
      person.start();
      people.add(person);
    }
    return people;
  }

  /** One life; the last one, with {@code people}, ends when all have had their answers. */
  private Death life(int kill, @Nullable List<Thread> people, CountDownLatch home)
      throws IOException, InterruptedException {
    int before = receipts.mark().judgments();
    long start = System.nanoTime();
    long cut = -1;
    double recovery;
    long born;
    List<String> faults = new ArrayList<>();
    Optional<PowerCut> mark = Optional.empty();
    // A name for each process: ids of comparisons must not return.
    String name = "k" + Long.toString(plan.seed, 36) + "x" + kill;
    try (GatewayProcess process = GatewayProcess.start(plan.directory, name, FRESH, settings)) {
      gateway.set(process.url());
      if (!awaitMore(before, start)) {
        process.kill();
        return new Death(
            kill, 0, seconds(start), 0, 0, 0, 0, -1, List.of("no judgment is acknowledged"));
      }
      born = System.nanoTime();
      recovery = seconds(start);
      if (people != null) {
        home.countDown();
        for (Thread person : people) {
          person.join(ANSWERS_WITHIN.toMillis());
          if (person.isAlive()) {
            faults.add(person.getName() + " gets no answer");
          }
        }
      } else {
        long millis = random.nextLong(plan.shortest.toMillis(), plan.longest.toMillis() + 1);
        long last = Math.min(millis, 20 + random.nextLong(200));
        TimeUnit.MILLISECONDS.sleep(millis - last);
        if (plan.powerCut) {
          mark = PowerCut.mark(database(), plan.directory.resolve("cut.sqlite"), receipts);
        }
        TimeUnit.MILLISECONDS.sleep(last);
        process.kill();
      }
    }
    double life = seconds(born);
    Receipts.Mark heard = receipts.mark();
    if (mark.isPresent()) {
      Optional<Long> mercy = mark.get().cut(random);
      if (mercy.isPresent()) {
        cut = mercy.get();
        faults.addAll(afterCut(mark.get().heard()));
      }
    }
    StoreAudit audit = StoreAudit.of(store, true, receipts, heard);
    faults.addAll(audit.faults());
    return new Death(
        kill,
        life,
        recovery,
        heard.judgments() - before,
        audit.judgments(),
        audit.lost(),
        audit.lostLeases(),
        cut,
        faults);
  }

  private List<String> afterCut(Receipts.Mark heard) {
    StoreSettings copy =
        GatewayProcess.store(
            GatewayProcess.settings(SQLITE + plan.directory.resolve("cut.sqlite")));
    return StoreAudit.of(copy, false, receipts, heard).faults().stream()
        .map(fault -> "after a power cut: " + fault)
        .toList();
  }

  private boolean awaitMore(int before, long since) throws InterruptedException {
    while (receipts.mark().judgments() == before) {
      if (System.nanoTime() - since > ANSWERS_WITHIN.toNanos()) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
    return true;
  }

  private Path database() {
    return Path.of(store.url().substring(SQLITE.length()));
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}

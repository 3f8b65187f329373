package plaudit.gateway.store;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import plaudit.labels.Comparison;
import plaudit.labels.Label;
import plaudit.labels.actor.LabelStore;

/**
 * The label store over JDBC. Every method blocks until its transaction is committed and may be
 * called from any thread.
 *
 * <p>A claim is a compare-and-set on the comparison's phase, so no row stays locked while a person
 * thinks. Each claim raises the comparison's epoch; a judgment under an older epoch is still
 * stored, it is late or surplus but never lost. Locks are always taken in the order comparison,
 * lease, counter. In PostgreSQL the counter's row is taken last and held to the commit, in SQLite
 * one thread writes; hence numbers become visible in their order and a reader that goes on after
 * the highest number it saw misses nothing.
 */
public final class JdbcLabels implements AutoCloseable {

  private static final int CLAIM_ATTEMPTS = 8;

  private static final int EXPIRE_AT_ONCE = 100;

  private final Database database;
  private final StoreSettings settings;
  private final Judging judging;
  private final LeaseQueue queue;
  private final Ids ids;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  private JdbcLabels(Database database, StoreSettings settings, RandomGenerator random) {
    this.database = database;
    this.settings = settings;
    this.ids = new Ids(random);
    this.judging = new Judging(settings, ids);
    this.queue = new LeaseQueue(settings, ids);
  }

  /**
   * Opens the store, brings its schema up to date and looks whether it is sound ({@link
   * StoreLaws}).
   *
   * @param random for names and display orders; a {@link java.security.SecureRandom} outside tests
   * @throws plaudit.input.InvalidInputException when the URL cannot be used or another process has
   *     the file open
   */
  public static JdbcLabels open(
      StoreSettings settings, InstantSource clock, RandomGenerator random) {
    Database database = Database.open(settings, clock);
    try {
      StoreLaws.atStart(database, settings.dialect());
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
    return new JdbcLabels(database, settings, random);
  }

  /** What the store was opened with. */
  public StoreSettings settings() {
    return settings;
  }

  /** Runs {@code listener} after each change that may give waiting labelers work. */
  public void onWork(Runnable listener) {
    listeners.add(listener);
  }

  /**
   * Puts comparisons to people; those whose id is known already stay as they are.
   *
   * @return how many of them are new
   */
  public int ask(List<Comparison> comparisons) {
    int asked =
        database.transaction(
            tx -> {
              int fresh = 0;
              for (Comparison comparison : comparisons) {
                if (!ComparisonRow.exists(tx, comparison.id())) {
                  insert(tx, comparison, settings.overlapOf(comparison.id()), null);
                  fresh++;
                }
              }
              return fresh;
            });
    announce();
    return asked;
  }

  /**
   * Imports judgments that were made elsewhere, all in one transaction or none: each as if its
   * question had been asked of {@link ImportedJudgment#IMPORT} alone and answered at once. Those
   * whose comparison is known already stay as they are.
   *
   * @return how many of them are new
   */
  public int importJudgments(List<ImportedJudgment> judgments) {
    int imported =
        database.transaction(
            tx -> {
              int fresh = 0;
              for (ImportedJudgment judgment : judgments) {
                if (!ComparisonRow.exists(tx, judgment.comparison().id())) {
                  importOne(tx, judgment);
                  fresh++;
                }
              }
              return fresh;
            });
    announce();
    return imported;
  }

  private void importOne(Transaction tx, ImportedJudgment judgment) {
    Labeler by = ImportedJudgment.IMPORT;
    String id = judgment.comparison().id();
    List<String> choices = insert(tx, judgment.comparison(), 1, by);
    Lease lease = queue.claim(tx, id, by).orElseThrow();
    Submission submission =
        new Submission(
            lease.leaseId(), lease.epoch(), judgment.answer(choices), null, null, null, null);
    JudgeOutcome outcome = judging.judge(tx, by, submission, Optional.empty());
    if (!(outcome instanceof JudgeOutcome.Recorded)) {
      throw new IllegalStateException(
          "label store: %s was not recorded (%s)".formatted(id, outcome));
    }
  }

  /** Stores an open comparison; gives the names of its choices in the order of the samples. */
  private List<String> insert(
      Transaction tx, Comparison comparison, int overlap, @Nullable Labeler by) {
    List<String> choices = comparison.samples().stream().map(sample -> ids.next("ch")).toList();
    new ComparisonRow(comparison, ids.next("tk"), choices).insert(tx, overlap);
    tx.append(
        Transaction.Event.ASKED,
        comparison.id(),
        by,
        Map.of("samples", choices.size(), "overlap", overlap));
    return choices;
  }

  /**
   * Claims up to {@code max} open comparisons for a labeler, none of which that labeler has
   * answered, skipped or flagged.
   */
  public LeaseOutcome lease(Labeler labeler, int max) {
    expire();
    Optional<String> stopped = stopReason();
    if (stopped.isPresent()) {
      return new LeaseOutcome.Stopped(stopped.get());
    }
    List<Lease> leases = List.of();
    for (int attempt = 0; attempt < CLAIM_ATTEMPTS && leases.isEmpty(); attempt++) {
      LeaseQueue.Claims claims = database.transaction(tx -> queue.claim(tx, labeler, max));
      leases = claims.leases();
      if (claims.candidates() == 0) {
        break;
      }
    }
    return new LeaseOutcome.Granted(leases);
  }

  /** A heartbeat: the lease runs its full time again from now. */
  public ExtendOutcome extend(String vendor, String leaseId) {
    return database.transaction(tx -> queue.extend(tx, vendor, leaseId));
  }

  /**
   * Hands a task back; doing so twice is the same as once.
   *
   * @return false when the vendor has no such lease
   */
  public boolean release(String vendor, String leaseId) {
    boolean known = database.transaction(tx -> LeaseQueue.release(tx, vendor, leaseId));
    announce();
    return known;
  }

  /**
   * Hands back everything that a vendor holds, when it is certain that its people are gone.
   *
   * @return how many tasks
   */
  public int releaseAll(String vendor) {
    int released = database.transaction(tx -> LeaseQueue.releaseAll(tx, vendor));
    announce();
    return released;
  }

  /** Stores a judgment. Whatever was acknowledged once is answered the same again. */
  public JudgeOutcome judge(Labeler labeler, Submission submission, Optional<IdempotencyKey> key) {
    JudgeOutcome outcome = database.transaction(tx -> judging.judge(tx, labeler, submission, key));
    if (settings.overlap() > 1 || settings.repeats().share() > 0) {
      announce(); // it may be asked once more
    }
    return outcome;
  }

  /** Changes a judgment within the amend window, as a new revision and a new label. */
  public JudgeOutcome amend(
      Labeler labeler, String judgmentId, SubmittedChoice answer, Optional<IdempotencyKey> key) {
    return database.transaction(tx -> judging.amend(tx, labeler, judgmentId, answer, key));
  }

  /**
   * The labeler does not want this task; it goes to another labeler.
   *
   * @return false when the labeler never held it
   */
  public boolean skip(Labeler labeler, String taskId, Remark remark) {
    boolean known = database.transaction(tx -> LeaseQueue.skip(tx, labeler, taskId, remark));
    announce();
    return known;
  }

  /**
   * Something is wrong with this task. It goes to another labeler; enough flags withdraw it.
   *
   * @return false when the labeler never held it
   */
  public boolean flag(Labeler labeler, String taskId, Remark remark) {
    boolean known = database.transaction(tx -> queue.flag(tx, labeler, taskId, remark));
    announce();
    return known;
  }

  /** A vendor's judgment, if it is theirs. */
  public Optional<StoredJudgment> judgment(String vendor, String judgmentId) {
    return database.read(tx -> JudgmentRow.find(tx, judgmentId, vendor).map(JudgmentRow::stored));
  }

  /**
   * A vendor's judgments in order of arrival, from {@link JudgmentPage#next} of the page before or
   * 0.
   */
  public JudgmentPage list(String vendor, @Nullable String labeler, long after, int limit) {
    List<JudgmentRow> rows =
        database.read(tx -> JudgmentRow.list(tx, vendor, labeler, after, limit + 1));
    boolean more = rows.size() > limit;
    List<JudgmentRow> shown = more ? rows.subList(0, limit) : rows;
    return new JudgmentPage(
        shown.stream().map(JudgmentRow::stored).toList(),
        more ? shown.get(limit - 1).arrival() : 0);
  }

  /**
   * Labels whose sequence is greater than {@code after}, in order. An amended judgment appears
   * again under a new sequence; the later label of the same comparison and labeler counts, and the
   * earlier is left out if it was not read yet.
   */
  public List<Label> labelsAfter(long after, int limit) {
    return database.read(tx -> JudgmentRow.labels(tx, after, limit));
  }

  /** Counts of the whole store. */
  public LabelStore.Status status() {
    expire();
    return database.read(StoreCounts::status);
  }

  /**
   * What was asked so far under ids that begin with {@code prefix}; newest in the order of text.
   */
  public LabelStore.Asked asked(String prefix) {
    return database.read(tx -> StoreCounts.asked(tx, prefix));
  }

  /** A vendor's own numbers. */
  public VendorStats stats(String vendor) {
    return database.read(tx -> StoreCounts.vendor(tx, vendor));
  }

  /** Stops the run: no more leases, and the learner hears of it. Judgments are still taken. */
  public void stopRun(Labeler labeler, String reason) {
    inTransaction(tx -> RunStop.stop(tx, labeler, reason));
  }

  /** Lets the run go on. */
  public void resumeRun(Labeler labeler, String reason) {
    inTransaction(tx -> RunStop.resume(tx, labeler, reason));
    announce();
  }

  /** Why the run is stopped, if it is. */
  public Optional<String> stopReason() {
    return database.read(RunStop::reason);
  }

  /** Puts tasks whose time is over back into the queue. */
  public void expire() {
    List<LeaseRow> over = database.read(tx -> LeaseRow.expired(tx, EXPIRE_AT_ONCE));
    for (LeaseRow lease : over) {
      inTransaction(tx -> queue.expire(tx, lease));
    }
  }

  /** Whether a comparison waits for a labeler. */
  public boolean hasWork() {
    expire();
    return database.read(LeaseQueue::hasOpen);
  }

  /**
   * Forgets idempotency keys older than the settings say.
   *
   * @return how many
   */
  public int forgetKeys() {
    return database.transaction(
        tx ->
            tx.update(
                "DELETE FROM idempotency_key WHERE created_at < ?",
                tx.now().minus(settings.keys())));
  }

  /** Whether the database answers. */
  public boolean ready() {
    try {
      return database.read(tx -> tx.query("SELECT 1").mapTo(Integer.class).one()) == 1;
    } catch (StoreException e) {
      return false;
    }
  }

  /** How long after its receipt a judgment can be amended. */
  public Duration amendWindow() {
    return settings.amend();
  }

  @Override
  public void close() {
    database.close();
  }

  private void announce() {
    listeners.forEach(Runnable::run);
  }

  private void inTransaction(Consumer<Transaction> work) {
    database.transaction(
        tx -> {
          work.accept(tx);
          return true;
        });
  }
}

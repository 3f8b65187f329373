package plaudit.gateway.store;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
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

  /** How many leases one pass over the queue ends. */
  private static final int PASS = 200;

  private static final int COUNTED = 1000;

  private static final Duration BETWEEN_PASSES = Duration.ofSeconds(1);

  private final Database database;
  private final StoreSettings settings;
  private final Judging judging;
  private final LeaseQueue queue;
  private final Ids ids;
  private final InstantSource clock;
  private final List<IntConsumer> listeners = new CopyOnWriteArrayList<>();
  private volatile Instant passed = Instant.EPOCH;

  private JdbcLabels(
      Database database,
      StoreSettings settings,
      InstantSource clock,
      RandomGenerator random,
      boolean ofAnEvaluation) {
    this.database = database;
    this.settings = settings;
    this.clock = clock;
    this.ids = new Ids(random);
    this.judging = new Judging(settings, ids);
    this.queue = new LeaseQueue(settings, ids, ofAnEvaluation);
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
    return open(settings, clock, random, false);
  }

  /**
   * Opens the store to let people judge the comparisons of evaluations alone ({@link
   * Comparison#EVALUATION}). A store that was opened for a run gives out all others: neither waits
   * for the other.
   */
  public static JdbcLabels openForEvaluation(
      StoreSettings settings, InstantSource clock, RandomGenerator random) {
    return open(settings, clock, random, true);
  }

  private static JdbcLabels open(
      StoreSettings settings, InstantSource clock, RandomGenerator random, boolean evaluation) {
    Database database = Database.open(settings, clock);
    try {
      StoreLaws.atStart(database, settings.dialect());
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
    return new JdbcLabels(database, settings, clock, random, evaluation);
  }

  /** What the store was opened with. */
  public StoreSettings settings() {
    return settings;
  }

  /** Tells {@code listener} after each change how many tasks it may have given waiting labelers. */
  public void onWork(IntConsumer listener) {
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
    announce(asked);
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
    JudgeOutcome outcome = judging.judge(tx, by, submission, Optional.empty()).outcomes().get(0);
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
   * Claims up to {@code max} open comparisons for a labeler, none of which that labeler holds, has
   * answered, skipped or flagged; fewer where the settings let the labeler or its vendor hold no
   * more.
   */
  public LeaseOutcome lease(Labeler labeler, int max) {
    sweepIfDue();
    for (int attempt = 1; ; attempt++) {
      LeaseQueue.Claims claims = database.transaction(tx -> queue.claim(tx, labeler, max));
      boolean raced =
          claims.candidates() > 0
              && claims.outcome() instanceof LeaseOutcome.Granted granted
              && granted.leases().isEmpty();
      if (!raced || attempt == CLAIM_ATTEMPTS) {
        return claims.outcome();
      }
    }
  }

  /** A heartbeat: the lease runs its full time again from now. */
  public ExtendOutcome extend(Holder holder, String leaseId) {
    return database.transaction(tx -> queue.extend(tx, holder, leaseId));
  }

  /** Hands a task back; doing so twice is the same as once. */
  public TaskOutcome release(Holder holder, String leaseId) {
    return opening(tx -> queue.release(tx, holder, leaseId));
  }

  /**
   * Hands back everything that a vendor holds, when it is certain that its people are gone.
   *
   * @return how many tasks
   */
  public int releaseAll(String vendor) {
    int released = database.transaction(tx -> queue.releaseAll(tx, vendor));
    announce(released);
    return released;
  }

  /** Stores a judgment. Whatever was acknowledged once is answered the same again. */
  public JudgeOutcome judge(Labeler labeler, Submission submission, Optional<IdempotencyKey> key) {
    return judged(tx -> judging.judge(tx, labeler, submission, key)).get(0);
  }

  /**
   * Stores many judgments in one transaction: each is admitted or refused by itself, and all that
   * are admitted are durable when this returns.
   *
   * @return an outcome for each, in order
   */
  public List<JudgeOutcome> judgeAll(List<Submitted> judgments) {
    return judged(tx -> judging.judgeAll(tx, judgments));
  }

  private List<JudgeOutcome> judged(Function<Transaction, Judging.Result> work) {
    Judging.Result result = database.transaction(work);
    announce(result.maybeOpen());
    return result.outcomes();
  }

  /** Changes a judgment within the amend window, as a new revision and a new label. */
  public JudgeOutcome amend(
      Labeler labeler, String judgmentId, SubmittedChoice answer, Optional<IdempotencyKey> key) {
    return database.transaction(tx -> judging.amend(tx, labeler, judgmentId, answer, key));
  }

  /** The labeler does not want this task; it goes to another labeler. */
  public TaskOutcome skip(Labeler labeler, String taskId, Remark remark) {
    return opening(tx -> queue.skip(tx, labeler, taskId, remark));
  }

  /**
   * Something is wrong with this task. It goes to another labeler; flags of enough vendors withdraw
   * it.
   */
  public TaskOutcome flag(Labeler labeler, String taskId, Remark remark) {
    return opening(tx -> queue.flag(tx, labeler, taskId, remark));
  }

  private TaskOutcome opening(Function<Transaction, TaskOutcome> work) {
    TaskOutcome outcome = database.transaction(work);
    announce(outcome == TaskOutcome.DONE ? 1 : 0);
    return outcome;
  }

  /** A vendor's judgment, if it is theirs. */
  public Optional<StoredJudgment> judgment(String vendor, String judgmentId) {
    return database.read(tx -> JudgmentRow.find(tx, judgmentId, vendor).map(JudgmentRow::stored));
  }

  /**
   * A vendor's judgments in order of arrival, every labeler's when none is named.
   *
   * @param after {@link JudgmentPage#next} of the page before, null for the first page
   * @return empty when {@code after} names none of these judgments
   */
  public Optional<JudgmentPage> list(
      String vendor, @Nullable String labeler, @Nullable String after, int limit) {
    return database.read(
        tx ->
            (after == null
                    ? Optional.of(0L)
                    : JudgmentRow.find(tx, after, vendor)
                        .filter(row -> labeler == null || labeler.equals(row.labeler().id()))
                        .map(JudgmentRow::arrival))
                .map(arrival -> JudgmentRow.list(tx, vendor, labeler, arrival, limit + 1))
                .map(rows -> JudgmentPage.of(rows, limit)));
  }

  /** What one labeler judged: how many comparisons, and the newest of them with their tasks. */
  public History history(Labeler labeler, int newest) {
    return database.read(tx -> History.of(tx, labeler, newest));
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
    sweepIfDue();
    return database.read(StoreCounts::status);
  }

  /**
   * What was asked so far under ids that begin with {@code prefix}; newest in the order of text.
   */
  public LabelStore.Asked asked(String prefix) {
    return database.read(tx -> StoreCounts.asked(tx, prefix));
  }

  /** How far comparisons whose ids begin with {@code prefix} are answered. */
  public Answered answered(String prefix) {
    return database.read(tx -> StoreCounts.answered(tx, prefix));
  }

  /**
   * How far comparisons are answered.
   *
   * @param answers that count
   * @param open comparisons that still want some
   */
  public record Answered(long answers, long open) {}

  /**
   * A run begins on this store, or is resumed. The store has the labels of one run; a run that may
   * not begin here changes nothing.
   *
   * @param run its id
   * @param resumed whether it has begun before
   * @return why it may not, in words
   */
  public Optional<String> beginRun(String run, boolean resumed) {
    return database
        .transaction(tx -> RunOfStore.begin(tx, run, resumed))
        .map(
            owner ->
                "plaudit.gateway.store.url: %s has the labels of %s (expected: a store of run %s; labels of other runs come by 'plaudit labels import')"
                    .formatted(settings, owner, run));
  }

  /** The id of the run whose labels are here; empty if none has begun. */
  public Optional<String> run() {
    return database.read(RunOfStore::find);
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
    announce(claimable());
  }

  /** The labeler's stop, if the run is stopped. */
  public Optional<LabelStore.Stop> stop() {
    return database.read(RunStop::find);
  }

  /** Why the run is stopped, if it is. */
  public Optional<String> stopReason() {
    return stop().map(LabelStore.Stop::reason);
  }

  /**
   * The pass over the queue that a gateway makes every second while requests wait: tasks whose time
   * is over go back and those of silent holders are offered again.
   *
   * @return how many comparisons wait for a labeler; no more than some are counted
   */
  public int claimable() {
    sweep();
    return database.read(tx -> queue.open(tx, COUNTED));
  }

  private void sweep() {
    passed = clock.instant();
    for (LeaseRow lease : database.read(tx -> LeaseRow.expired(tx, PASS))) {
      inTransaction(tx -> queue.expire(tx, lease));
    }
    for (LeaseRow lease : database.read(tx -> queue.silent(tx, PASS))) {
      inTransaction(tx -> queue.offerAgain(tx, lease));
    }
  }

  private void sweepIfDue() {
    if (!clock.instant().isBefore(passed.plus(BETWEEN_PASSES))) {
      sweep();
    }
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

  /**
   * The store's secret of this name, 32 bytes, made when it is first asked for: the same for every
   * process that opens the store.
   */
  public byte[] secret(String name) {
    return database.transaction(tx -> Secrets.getOrMake(tx, name, ids));
  }

  /**
   * The same of a store that another process may have open, which is only read; empty if it was not
   * asked for yet.
   *
   * @throws plaudit.input.InvalidInputException when the URL cannot be used
   */
  public static Optional<byte[]> secretOf(StoreSettings settings, String name) {
    return Secrets.read(settings, name);
  }

  /** Whether the database answers. */
  public boolean ready() {
    try {
      return database.read(tx -> tx.query("SELECT 1").mapTo(Integer.class).one()) == 1;
    } catch (StoreException e) {
      return false;
    }
  }

  /** Why judgments are not kept any more, in words; only opening the store anew helps. */
  public Optional<String> broken() {
    return database.broken();
  }

  /** Registers how connections and transactions wait. */
  public void bindTo(MeterRegistry registry) {
    database.bindTo(registry);
  }

  /** How long after its receipt a judgment can be amended. */
  public Duration amendWindow() {
    return settings.amend();
  }

  @Override
  public void close() {
    database.close();
  }

  private void announce(int tasks) {
    if (tasks > 0) {
      listeners.forEach(listener -> listener.accept(tasks));
    }
  }

  private void inTransaction(Consumer<Transaction> work) {
    database.transaction(
        tx -> {
          work.accept(tx);
          return true;
        });
  }
}

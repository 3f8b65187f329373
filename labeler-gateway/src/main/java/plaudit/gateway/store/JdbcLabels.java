package plaudit.gateway.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import plaudit.labels.Comparison;
import plaudit.labels.Label;
import plaudit.labels.LabelStore;

/**
 * The label store over plain JDBC. Every method blocks until its transaction is committed and may
 * be called from any thread.
 *
 * <p>A claim is a compare-and-set on the comparison's phase, so no row stays locked while a person
 * thinks. Each claim raises the comparison's epoch; a judgment under an older epoch is still
 * stored, it is late or surplus but never lost. Locks are always taken in the order comparison,
 * lease, counter. The counter's row is taken last and held to the commit, hence numbers become
 * visible in their order and a reader that goes on after the highest number it saw misses nothing.
 * The price is one commit at a time, some thousand a second.
 */
public final class JdbcLabels implements AutoCloseable {

  /** How many of the oldest open comparisons a claim draws from, per task asked for. */
  private static final int WINDOW = 8;

  private static final int CLAIM_ATTEMPTS = 8;

  private static final int EXPIRE_AT_ONCE = 100;

  private final Database database;
  private final StoreSettings settings;
  private final InstantSource clock;
  private final Ids ids;
  private final Judging judging;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  private JdbcLabels(
      Database database, StoreSettings settings, InstantSource clock, RandomGenerator random) {
    this.database = database;
    this.settings = settings;
    this.clock = clock;
    this.ids = new Ids(random);
    this.judging = new Judging(settings, ids);
  }

  /**
   * Opens the store and brings its schema up to date.
   *
   * @param random for names and display orders; a {@link java.security.SecureRandom} outside tests
   * @throws plaudit.input.InvalidInputException when the URL cannot be used or another process has
   *     the file open
   */
  public static JdbcLabels open(
      StoreSettings settings, InstantSource clock, RandomGenerator random) {
    return new JdbcLabels(Database.open(settings), settings, clock, random);
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
            connection -> {
              Instant now = now();
              int fresh = 0;
              for (Comparison comparison : comparisons) {
                if (Sql.number(
                        connection, "SELECT COUNT(*) FROM comparison WHERE id = ?", comparison.id())
                    > 0) {
                  continue;
                }
                fresh++;
                int overlap = settings.overlapOf(comparison.id());
                List<String> choices =
                    comparison.samples().stream().map(sample -> ids.next("ch")).toList();
                new ComparisonRow(comparison, ids.next("tk"), choices)
                    .insert(connection, overlap, now);
                Events.append(
                    connection,
                    now,
                    Events.Kind.ASKED,
                    comparison.id(),
                    null,
                    Map.of("samples", choices.size(), "overlap", overlap));
              }
              return fresh;
            });
    announce();
    return asked;
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
      Claims claims = database.transaction(connection -> claim(connection, labeler, max));
      leases = claims.leases;
      if (claims.candidates == 0) {
        break;
      }
    }
    return new LeaseOutcome.Granted(leases);
  }

  /** What one look at the queue gave; candidates without leases went to others meanwhile. */
  private record Claims(int candidates, List<Lease> leases) {}

  private Claims claim(Connection connection, Labeler labeler, int max) throws SQLException {
    List<String> candidates =
        Sql.list(
            connection,
            database.dialect().candidates(),
            row -> row.getString(1),
            labeler.vendor(),
            labeler.id(),
            labeler.vendor(),
            labeler.id(),
            max * WINDOW);
    ids.shuffle(candidates);
    List<Lease> leases = new ArrayList<>();
    for (String id : candidates) {
      if (leases.size() == max) {
        break;
      }
      claim(connection, id, labeler).ifPresent(leases::add);
    }
    return new Claims(candidates.size(), leases);
  }

  private Optional<Lease> claim(Connection connection, String id, Labeler labeler)
      throws SQLException {
    if (Sql.update(
            connection,
            "UPDATE comparison SET phase = 'LEASED', epoch = epoch + 1 WHERE id = ? AND phase = 'OPEN'",
            id)
        == 0) {
      return Optional.empty();
    }
    Instant now = now();
    int epoch = (int) Sql.number(connection, "SELECT c.epoch FROM comparison c WHERE c.id = ?", id);
    ComparisonRow comparison =
        Sql.one(
                connection,
                "SELECT " + ComparisonRow.COLUMNS + " FROM comparison c WHERE c.id = ?",
                ComparisonRow::read,
                id)
            .orElseThrow();
    List<Integer> display = ids.permutation(comparison.choiceIds().size());
    LeaseRow row =
        new LeaseRow(
            ids.next("ls"),
            id,
            labeler,
            epoch,
            LeaseRow.Phase.ACTIVE,
            0,
            now,
            now.plus(settings.lease()));
    row.insert(connection, display.toString());
    Events.append(
        connection,
        now,
        Events.Kind.LEASED,
        id,
        labeler,
        Map.of("lease", row.id(), "epoch", epoch, "display", display));
    return Optional.of(new Lease(row.id(), epoch, row.expires(), comparison.task(display)));
  }

  /** A heartbeat: the lease runs its full time again from now. */
  public ExtendOutcome extend(String vendor, String leaseId) {
    return database.transaction(
        connection -> {
          Instant now = now();
          LeaseRow lease = LeaseRow.find(connection, leaseId, vendor).orElse(null);
          if (lease == null) {
            return new ExtendOutcome.Unknown();
          }
          if (!lease.activeAt(now)) {
            return new ExtendOutcome.Over(
                "phase: %s (expected: ACTIVE)"
                    .formatted(
                        lease.phase() == LeaseRow.Phase.ACTIVE
                            ? LeaseRow.Phase.EXPIRED
                            : lease.phase()));
          }
          Instant until = now.plus(settings.lease());
          int changed =
              Sql.update(
                  connection,
                  """
                  UPDATE lease SET expires_at = ?, extensions = extensions + 1
                  WHERE id = ? AND phase = 'ACTIVE' AND extensions < ?""",
                  until,
                  leaseId,
                  settings.extensions());
          if (changed == 0) {
            return new ExtendOutcome.Over(
                "extensions: %d (expected: < %d)"
                    .formatted(lease.extensions(), settings.extensions()));
          }
          Events.append(
              connection,
              now,
              Events.Kind.EXTENDED,
              lease.comparisonId(),
              lease.labeler(),
              Map.of("lease", leaseId));
          return new ExtendOutcome.Extended(until);
        });
  }

  /**
   * Hands a task back; doing so twice is the same as once.
   *
   * @return false when the vendor has no such lease
   */
  public boolean release(String vendor, String leaseId) {
    boolean known =
        database.transaction(
            connection -> {
              LeaseRow lease = LeaseRow.find(connection, leaseId, vendor).orElse(null);
              if (lease == null) {
                return false;
              }
              handBack(connection, lease, LeaseRow.Phase.RELEASED, Events.Kind.RELEASED, Map.of());
              return true;
            });
    announce();
    return known;
  }

  /** Stores a judgment. Whatever was acknowledged once is answered the same again. */
  public JudgeOutcome judge(Labeler labeler, Submission submission, Optional<IdempotencyKey> key) {
    JudgeOutcome outcome =
        database.transaction(
            connection -> judging.judge(connection, now(), labeler, submission, key));
    if (settings.overlap() > 1) {
      announce();
    }
    return outcome;
  }

  /** Changes a judgment within the amend window, as a new revision and a new label. */
  public JudgeOutcome amend(
      Labeler labeler, String judgmentId, Answer answer, Optional<IdempotencyKey> key) {
    return database.transaction(
        connection -> judging.amend(connection, now(), labeler, judgmentId, answer, key));
  }

  /**
   * The labeler does not want this task; it goes to somebody else.
   *
   * @return false when the labeler never held it
   */
  public boolean skip(Labeler labeler, String taskId, Remark remark) {
    return setAside(labeler, taskId, remark, LeaseRow.Phase.SKIPPED, Events.Kind.SKIPPED);
  }

  /**
   * Something is wrong with this task. It goes to somebody else; enough flags withdraw it.
   *
   * @return false when the labeler never held it
   */
  public boolean flag(Labeler labeler, String taskId, Remark remark) {
    return setAside(labeler, taskId, remark, LeaseRow.Phase.FLAGGED, Events.Kind.FLAGGED);
  }

  private boolean setAside(
      Labeler labeler, String taskId, Remark remark, LeaseRow.Phase phase, Events.Kind kind) {
    boolean known =
        database.transaction(
            connection -> {
              LeaseRow lease = LeaseRow.ofTask(connection, taskId, labeler).orElse(null);
              if (lease == null) {
                return false;
              }
              boolean first =
                  handBack(
                      connection,
                      lease,
                      phase,
                      kind,
                      Map.of("reason", remark.reason(), "text", remark.text()));
              if (first && phase == LeaseRow.Phase.FLAGGED) {
                withdrawIfFlagged(connection, lease);
              }
              return true;
            });
    announce();
    return known;
  }

  private boolean handBack(
      Connection connection,
      LeaseRow lease,
      LeaseRow.Phase phase,
      Events.Kind kind,
      Map<String, ?> detail)
      throws SQLException {
    lease.reopen(connection);
    if (!lease.end(connection, phase)) {
      return false;
    }
    Events.append(connection, now(), kind, lease.comparisonId(), lease.labeler(), detail);
    return true;
  }

  private void withdrawIfFlagged(Connection connection, LeaseRow lease) throws SQLException {
    Sql.update(
        connection, "UPDATE comparison SET flags = flags + 1 WHERE id = ?", lease.comparisonId());
    int withdrawn =
        Sql.update(
            connection,
            """
            UPDATE comparison SET phase = 'WITHDRAWN'
            WHERE id = ? AND flags >= ? AND phase IN ('OPEN', 'LEASED')""",
            lease.comparisonId(),
            settings.flags());
    if (withdrawn == 1) {
      Events.append(
          connection,
          now(),
          Events.Kind.WITHDRAWN,
          lease.comparisonId(),
          lease.labeler(),
          Map.of("flags", settings.flags()));
    }
  }

  /** A vendor's judgment, if it is theirs. */
  public Optional<StoredJudgment> judgment(String vendor, String judgmentId) {
    return database.transaction(
        connection -> JudgmentRow.find(connection, judgmentId, vendor).map(JudgmentRow::stored));
  }

  /** A vendor's judgments in order of arrival, from {@link Page#next} of the page before or 0. */
  public Page list(String vendor, @Nullable String labeler, long after, int limit) {
    List<JudgmentRow> rows =
        database.transaction(
            connection -> JudgmentRow.list(connection, vendor, labeler, after, limit + 1));
    boolean more = rows.size() > limit;
    List<JudgmentRow> shown = more ? rows.subList(0, limit) : rows;
    return new Page(
        shown.stream().map(JudgmentRow::stored).toList(),
        more ? shown.get(limit - 1).arrival() : 0);
  }

  /**
   * Labels whose sequence is greater than {@code after}, in order. An amended judgment appears
   * again under a new sequence; the later label of the same comparison and labeler counts, and the
   * earlier is left out if it was not read yet.
   */
  public List<Label> labelsAfter(long after, int limit) {
    return database.transaction(connection -> JudgmentRow.labels(connection, after, limit));
  }

  /** Counts of the whole store. */
  public LabelStore.Status status() {
    expire();
    return database.transaction(
        connection ->
            Sql.one(
                    connection,
                    """
                    SELECT
                      (SELECT COUNT(*) FROM comparison WHERE phase = 'OPEN') AS waiting,
                      (SELECT COUNT(*) FROM comparison WHERE phase = 'LEASED') AS leased,
                      (SELECT COUNT(*) FROM comparison
                        WHERE admitted > 0 OR phase = 'WITHDRAWN') AS judged,
                      (SELECT COUNT(*) FROM judgment
                        WHERE disposition = 'ADMITTED' AND verdict IS NULL) AS preferences,
                      (SELECT labels FROM counter WHERE id = 1) AS newest,
                      (SELECT stopped FROM line WHERE id = 1) AS stopped""",
                    row ->
                        new LabelStore.Status(
                            row.getLong("waiting"),
                            row.getLong("leased"),
                            row.getLong("judged"),
                            row.getLong("preferences"),
                            row.getLong("newest"),
                            row.getBoolean("stopped")))
                .orElseThrow());
  }

  /**
   * The comparisons whose ids begin alike.
   *
   * @param comparisons how many
   * @param newest the greatest id, in the order of text
   */
  public record Asked(long comparisons, Optional<String> newest) {}

  /** What was asked so far under ids that begin with {@code prefix}. */
  public Asked asked(String prefix) {
    return database.transaction(
        connection ->
            Sql.one(
                    connection,
                    "SELECT COUNT(*) AS asked, MAX(id) AS newest FROM comparison"
                        + " WHERE id LIKE ?",
                    row ->
                        new Asked(
                            row.getLong("asked"), Optional.ofNullable(row.getString("newest"))),
                    prefix + "%")
                .orElseThrow());
  }

  /** A vendor's own numbers. */
  public VendorStats stats(String vendor) {
    return database.transaction(
        connection ->
            Sql.one(
                    connection,
                    """
                    SELECT
                      COUNT(*) AS judgments,
                      COALESCE(SUM(CASE WHEN disposition = 'ADMITTED' THEN 1 ELSE 0 END), 0)
                        AS admitted,
                      COALESCE(SUM(CASE WHEN disposition = 'SURPLUS' THEN 1 ELSE 0 END), 0)
                        AS surplus,
                      COALESCE(SUM(CASE WHEN late THEN 1 ELSE 0 END), 0) AS late,
                      COALESCE(SUM(CASE WHEN revision > 1 THEN 1 ELSE 0 END), 0) AS amended,
                      COALESCE(SUM(CASE WHEN verdict IS NOT NULL THEN 1 ELSE 0 END), 0)
                        AS no_preference,
                      COUNT(DISTINCT labeler) AS labelers,
                      (SELECT COUNT(*) FROM lease WHERE vendor = ? AND phase = 'SKIPPED')
                        AS skipped,
                      (SELECT COUNT(*) FROM lease WHERE vendor = ? AND phase = 'FLAGGED')
                        AS flagged,
                      (SELECT COUNT(*) FROM comparison WHERE phase = 'OPEN') AS waiting
                    FROM judgment WHERE vendor = ? AND disposition <> 'SUPERSEDED'""",
                    row ->
                        new VendorStats(
                            row.getLong("judgments"),
                            row.getLong("admitted"),
                            row.getLong("surplus"),
                            row.getLong("late"),
                            row.getLong("amended"),
                            row.getLong("no_preference"),
                            row.getLong("skipped"),
                            row.getLong("flagged"),
                            row.getLong("labelers"),
                            row.getLong("waiting")),
                    vendor,
                    vendor,
                    vendor)
                .orElseThrow());
  }

  /** Pulls the cord: no more leases, and the run is told to stop. Judgments are still taken. */
  public void stopLine(Labeler labeler, String reason) {
    setLine(true, labeler, reason, Events.Kind.LINE_STOPPED);
  }

  /** Lets the line run again. */
  public void resumeLine(Labeler labeler, String reason) {
    setLine(false, labeler, reason, Events.Kind.LINE_RESUMED);
    announce();
  }

  private void setLine(boolean stopped, Labeler labeler, String reason, Events.Kind kind) {
    database.transaction(
        connection -> {
          Instant now = now();
          Sql.update(
              connection,
              "UPDATE line SET stopped = ?, reason = ?, changed_at = ? WHERE id = 1",
              stopped,
              reason,
              now);
          Events.append(connection, now, kind, null, labeler, Map.of("reason", reason));
          return stopped;
        });
  }

  /** Why the line stands still, if it does. */
  public Optional<String> stopReason() {
    return database.transaction(
        connection ->
            Sql.one(
                connection,
                "SELECT reason FROM line WHERE id = 1 AND stopped",
                row -> row.getString(1)));
  }

  /** Puts tasks whose time is over back into the queue. */
  public void expire() {
    List<LeaseRow> over =
        database.transaction(connection -> LeaseRow.expired(connection, now(), EXPIRE_AT_ONCE));
    for (LeaseRow lease : over) {
      database.transaction(connection -> expire(connection, lease));
    }
  }

  private boolean expire(Connection connection, LeaseRow lease) throws SQLException {
    Instant now = now();
    // The comparison first, as everywhere; an extension in between makes the second update miss.
    Sql.number(
        connection, "SELECT epoch FROM comparison WHERE id = ? FOR UPDATE", lease.comparisonId());
    int ended =
        Sql.update(
            connection,
            "UPDATE lease SET phase = 'EXPIRED' WHERE id = ? AND phase = 'ACTIVE' AND expires_at <= ?",
            lease.id(),
            now);
    if (ended == 1) {
      lease.reopen(connection);
      Events.append(
          connection,
          now,
          Events.Kind.EXPIRED,
          lease.comparisonId(),
          lease.labeler(),
          Map.of("lease", lease.id()));
    }
    return ended == 1;
  }

  /** Whether a comparison waits for anybody. */
  public boolean hasWork() {
    expire();
    return database.transaction(
        connection ->
            !Sql.list(
                    connection,
                    "SELECT 1 FROM comparison WHERE phase = 'OPEN' LIMIT 1",
                    row -> row.getInt(1))
                .isEmpty());
  }

  /**
   * Forgets idempotency keys older than the settings say.
   *
   * @return how many
   */
  public int forgetKeys() {
    Instant before = now().minus(settings.keys());
    return database.transaction(
        connection ->
            Sql.update(connection, "DELETE FROM idempotency_key WHERE created_at < ?", before));
  }

  /** Whether the database answers. */
  public boolean ready() {
    try {
      return database.transaction(connection -> Sql.number(connection, "SELECT 1")) == 1;
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

  /** The database keeps microseconds; milliseconds survive every trip. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}

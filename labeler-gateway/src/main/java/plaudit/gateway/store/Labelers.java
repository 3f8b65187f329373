package plaudit.gateway.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The labelers of each vendor: registered when they first hold a task, and no more of them than the
 * settings say. Over PostgreSQL two newcomers at the same moment do not see each other, so a vendor
 * may go over by as many as ask at once.
 */
final class Labelers {

  /** A labeler at work is written once a minute, not with every task. */
  private static final Duration SEEN = Duration.ofMinutes(1);

  private Labelers() {}

  /** Whether the labeler is registered or may be. */
  static boolean admits(Transaction tx, Labeler labeler, int most) {
    return lastSeen(tx, labeler).isPresent()
        || tx.query("SELECT COUNT(*) FROM labeler WHERE vendor = ?", labeler.vendor())
                .mapTo(Integer.class)
                .one()
            < most;
  }

  /** The labeler took a task. */
  static void seen(Transaction tx, Labeler labeler) {
    Optional<Instant> before = lastSeen(tx, labeler);
    if (before.isEmpty()) {
      tx.update(
          "INSERT INTO labeler (vendor, id, first_seen_at, last_seen_at) VALUES (?, ?, ?, ?)",
          labeler.vendor(),
          labeler.id(),
          tx.now(),
          tx.now());
    } else if (before.get().plus(SEEN).isBefore(tx.now())) {
      tx.update(
          "UPDATE labeler SET last_seen_at = ? WHERE vendor = ? AND id = ?",
          tx.now(),
          labeler.vendor(),
          labeler.id());
    }
  }

  private static Optional<Instant> lastSeen(Transaction tx, Labeler labeler) {
    return tx.query(
            "SELECT last_seen_at FROM labeler WHERE vendor = ? AND id = ?",
            labeler.vendor(),
            labeler.id())
        .mapTo(Instant.class)
        .findFirst();
  }
}

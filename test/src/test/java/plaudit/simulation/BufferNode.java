package plaudit.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Batch;
import plaudit.experience.Grant;
import plaudit.experience.OfferReply;
import plaudit.experience.Pace;
import plaudit.experience.actor.ExperienceProtocol.Status;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;

/** {@code ExperienceBuffer}: parks who cannot be served yet, the ledger decides. */
final class BufferNode extends SimulatedNode {

  private record LeaseTick(Instant at) implements Own {}

  private enum FollowAgain implements Own {
    INSTANCE
  }

  private static final long FOLLOW_EVERY = 10_000;

  private final RealLedger ledger;
  private final PromptBook book;
  private final Map<String, Say.Borrow> borrowers = new LinkedHashMap<>();
  private Say.@Nullable TakeBatch learner;
  private Instant tick = Instant.MAX;

  BufferNode(World world, RealLedger ledger, PromptBook book) {
    super(world, "buffer");
    this.ledger = ledger;
    this.book = book;
  }

  /** What a ledger that goes on from this one's journal is held against. */
  PromptBook book() {
    return book;
  }

  @Override
  void start() {
    follow();
    in(FOLLOW_EVERY, FollowAgain.INSTANCE);
  }

  @Override
  void receive(Object message) {
    if (message instanceof Say.Borrow borrow) {
      borrowers.put(borrow.from().name(), borrow);
    } else if (message instanceof Say.Offer offer) {
      onOffer(offer);
    } else if (message instanceof Say.Asked asked) {
      OfferReply reply = ledger.asked(asked.batchId(), asked.comparisons());
      book.asked(asked.batchId(), asked.comparisons(), reply);
      tell(asked.from(), reply);
    } else if (message instanceof Say.TakeBatch take) {
      learner = take;
    } else if (message instanceof Say.Checkpointed checkpointed) {
      ledger.checkpointed(checkpointed.version());
    } else if (message instanceof Pace pace) {
      ledger.keepPace(pace);
      book.pace(pace);
    } else if (message instanceof Say.GetStatus get) {
      tell(get.from(), status());
      return;
    } else if (message instanceof Snapshot snapshot) {
      onPublished(snapshot);
    } else if (message instanceof Say.Gone gone) {
      borrowers.values().removeIf(borrow -> borrow.from().toString().equals(gone.holder()));
      book.recalled(ledger.release(gone.holder()));
    } else if (message instanceof LeaseTick due) {
      if (!due.at().equals(tick)) {
        return; // another has been set since
      }
      tick = Instant.MAX;
      book.recalled(ledger.expire(now()));
    } else if (message == FollowAgain.INSTANCE) {
      follow();
      in(FOLLOW_EVERY, FollowAgain.INSTANCE);
      return;
    }
    serve();
  }

  private void onOffer(Say.Offer offer) {
    OfferReply reply = ledger.offer(offer.batchId(), offer.trajectories());
    book.delivered(offer.batchId(), offer.trajectories(), reply, ledger.version());
    world().tally().add("delivery " + reply.getClass().getSimpleName().toLowerCase(Locale.ROOT));
    tell(offer.from(), reply);
  }

  private void onPublished(Snapshot snapshot) {
    Optional<String> before = ledger.published(snapshot);
    Broken.unless(
        before.isEmpty() || !world().scenario().journaled(),
        "a version that is made again is the same",
        "%s was %s",
        snapshot,
        before);
  }

  private Status status() {
    return new Status(
        ledger.version(),
        ledger.waiting(),
        ledger.lent(),
        ledger.accepted(),
        ledger.taken(),
        ledger.dropped(),
        ledger.questionsWanted(),
        borrowers.size());
  }

  private void follow() {
    for (Model model : Model.values()) {
      tell(world().registry(), new Say.Follow(this, model));
    }
  }

  private void serve() {
    if (learner != null) {
      Optional<Batch> batch =
          ledger.take(learner.version(), world().scenario().experience().batchSize());
      if (batch.isPresent()) {
        book.served(batch.get(), ledger.version());
        tell(learner.from(), batch.get());
        learner = null;
      } else if (ledger.isHeldBack()) {
        world().tally().add("learner waits for old work");
      }
    }
    for (Iterator<Say.Borrow> i = borrowers.values().iterator(); i.hasNext(); ) {
      Say.Borrow borrow = i.next();
      Optional<Grant> grant = ledger.lend(borrow.from().toString(), borrow.loadedVersion(), now());
      if (grant.isPresent()) {
        book.lent(grant.get(), borrow.loadedVersion(), ledger);
        tell(borrow.from(), grant.get());
        i.remove();
      }
    }
    ledger.nextExpiry().ifPresent(this::tickAt);
  }

  private void tickAt(Instant expiry) {
    if (expiry.isBefore(tick)) {
      tick = expiry;
      in(Math.max(1, Duration.between(now(), expiry).toMillis()), new LeaseTick(expiry));
    }
  }

  /** What the book thinks of the ledger now. */
  void check() {
    book.check(ledger, now());
  }
}

package plaudit.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Batch;
import plaudit.experience.Grant;
import plaudit.experience.Ledger;
import plaudit.experience.LedgerInput;
import plaudit.experience.LedgerOutcome;
import plaudit.experience.LedgerOutcome.Recalled;
import plaudit.experience.LedgerOutcome.Remade;
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
      onAsked(asked);
    } else if (message instanceof Say.TakeBatch take) {
      learner = take;
    } else if (message instanceof Say.Checkpointed checkpointed) {
      ledger.checkpointed(checkpointed.version());
    } else if (message instanceof Pace pace) {
      ledger.apply(new LedgerInput.KeepPace(pace));
      book.pace(pace);
    } else if (message instanceof Say.GetStatus get) {
      tell(get.from(), status());
      return;
    } else if (message instanceof Snapshot snapshot) {
      onPublished(snapshot);
    } else if (message instanceof Say.Gone gone) {
      borrowers.values().removeIf(borrow -> borrow.from().toString().equals(gone.holder()));
      recall(new LedgerInput.Release(gone.holder()));
    } else if (message instanceof LeaseTick due) {
      if (!due.at().equals(tick)) {
        return; // another has been set since
      }
      tick = Instant.MAX;
      recall(new LedgerInput.Expire(now()));
    } else if (message == FollowAgain.INSTANCE) {
      follow();
      in(FOLLOW_EVERY, FollowAgain.INSTANCE);
      return;
    }
    serve();
  }

  private void onOffer(Say.Offer offer) {
    OfferReply reply =
        (OfferReply) ledger.apply(new LedgerInput.Offer(offer.batchId(), offer.trajectories()));
    book.delivered(offer.batchId(), offer.trajectories(), reply, ledger.state().version());
    world().tally().add("delivery " + reply.getClass().getSimpleName().toLowerCase(Locale.ROOT));
    tell(offer.from(), reply);
  }

  private void onAsked(Say.Asked asked) {
    OfferReply reply =
        (OfferReply) ledger.apply(new LedgerInput.Asked(asked.batchId(), asked.comparisons()));
    book.asked(asked.batchId(), asked.comparisons(), reply);
    tell(asked.from(), reply);
  }

  private void recall(LedgerInput input) {
    book.recalled(ledger.apply(input) instanceof Recalled ended ? ended.batchIds() : List.of());
  }

  private void onPublished(Snapshot snapshot) {
    LedgerOutcome outcome =
        ledger.apply(
            new LedgerInput.Published(snapshot.model(), snapshot.version(), snapshot.sha256()));
    Broken.unless(
        !(outcome instanceof Remade) || !world().scenario().journaled(),
        "a version that is made again is the same",
        "%s was %s",
        snapshot,
        outcome);
  }

  private Status status() {
    Ledger state = ledger.state();
    return new Status(
        state.version(),
        state.waiting(),
        state.lent(),
        state.accepted(),
        state.taken(),
        state.dropped(),
        state.questionsWanted(),
        borrowers.size());
  }

  private void follow() {
    for (Model model : Model.values()) {
      tell(world().registry(), new Say.Follow(this, model));
    }
  }

  private void serve() {
    if (learner != null) {
      int size = world().scenario().experience().batchSize();
      if (ledger.apply(new LedgerInput.Take(learner.version(), size)) instanceof Batch batch) {
        book.served(batch, ledger.state().version());
        tell(learner.from(), batch);
        learner = null;
      } else if (ledger.state().isHeldBack()) {
        world().tally().add("learner waits for old work");
      }
    }
    for (Iterator<Say.Borrow> i = borrowers.values().iterator(); i.hasNext(); ) {
      Say.Borrow borrow = i.next();
      if (ledger.apply(
              new LedgerInput.Lend(borrow.from().toString(), borrow.loadedVersion(), now()))
          instanceof Grant grant) {
        book.lent(grant, borrow.loadedVersion(), ledger.state());
        tell(borrow.from(), grant);
        i.remove();
      }
    }
    ledger.state().nextExpiry().ifPresent(this::tickAt);
  }

  private void tickAt(Instant expiry) {
    if (expiry.isBefore(tick)) {
      tick = expiry;
      in(Math.max(1, Duration.between(now(), expiry).toMillis()), new LeaseTick(expiry));
    }
  }

  /** What the book thinks of the ledger now. */
  void check() {
    book.check(ledger.state(), now());
  }
}

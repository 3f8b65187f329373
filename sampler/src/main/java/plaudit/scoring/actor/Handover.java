package plaudit.scoring.actor;

import java.util.List;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Trajectory;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.experience.actor.ExperienceProtocol.Asked;
import plaudit.experience.actor.ExperienceProtocol.Offer;
import plaudit.experience.actor.ExperienceProtocol.OfferReply;
import plaudit.labels.Comparison;
import plaudit.labels.actor.LabelStore;
import plaudit.labels.actor.LabelStore.AskReply;
import plaudit.scoring.ScorerMeters;
import plaudit.scoring.ScorerSettings;
import plaudit.scoring.actor.ScoringProtocol.Command;
import plaudit.scoring.actor.ScoringProtocol.Score;

/**
 * Sees batches to their place: trajectories to the experience buffer; questions to the label store,
 * and their number to the buffer, which counts them. Whoever does not answer in time is asked
 * again, until he does.
 *
 * <p>A part of the scorer: only its messages may call.
 */
final class Handover {

  /** What a place has answered, by way of the scorer. */
  interface Message extends Command, NoSerializationVerificationNeeded {}

  /** By the buffer, or not in time. */
  record Offered(Score batch, List<Trajectory> trajectories, boolean answered) implements Message {}

  /** By the label store; without a reply it did not answer in time. */
  record Stored(Score batch, List<Comparison> questions, @Nullable AskReply reply)
      implements Message {}

  /** By the buffer that was told of questions, or not in time. */
  record Reported(Score batch, int questions, boolean answered) implements Message {}

  private final ActorContext<Command> ctx;
  private final ScorerSettings settings;
  private final ActorRef<ExperienceProtocol.Command> buffer;
  private final ActorRef<LabelStore.Command> labels;
  private final ScorerMeters meters;

  Handover(
      ActorContext<Command> ctx,
      ScorerSettings settings,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<LabelStore.Command> labels,
      ScorerMeters meters) {
    this.ctx = ctx;
    this.settings = settings;
    this.buffer = buffer;
    this.labels = labels;
    this.meters = meters;
  }

  /** Hands what a batch has become to the buffer; {@link Offered} follows. */
  void offer(Score batch, List<Trajectory> trajectories) {
    ctx.ask(
        OfferReply.class,
        buffer,
        settings.retry(),
        ref -> new Offer(batch.batchId(), trajectories, ref),
        (reply, failure) -> new Offered(batch, trajectories, failure == null));
  }

  /** Puts a batch's questions to people; {@link Stored} and {@link Reported} follow. */
  void ask(Score batch, List<Comparison> questions) {
    if (questions.isEmpty()) {
      report(batch, 0);
      return;
    }
    ctx.ask(
        AskReply.class,
        labels,
        settings.retry(),
        ref -> new LabelStore.Ask(questions, ref),
        (reply, failure) -> new Stored(batch, questions, reply));
  }

  /** Whether the batch is in its place. */
  boolean onOffered(Offered message) {
    if (!message.answered()) {
      offer(message.batch(), message.trajectories());
    }
    return message.answered();
  }

  /** Questions that are stored are told to the buffer; those that are not are put again. */
  void onStored(Stored message) {
    if (message.reply() instanceof AskReply.Stored stored) {
      meters.questions.increment(stored.comparisons());
      // All of them, new or not: an answer may have got lost, or another scorer was faster.
      report(message.batch(), message.questions().size());
    } else {
      ask(message.batch(), message.questions());
    }
  }

  /** Whether the batch is in its place. */
  boolean onReported(Reported message) {
    if (!message.answered()) {
      report(message.batch(), message.questions());
    }
    return message.answered();
  }

  private void report(Score batch, int questions) {
    ctx.ask(
        OfferReply.class,
        buffer,
        settings.retry(),
        ref -> new Asked(batch.batchId(), questions, ref),
        (reply, failure) -> new Reported(batch, questions, failure == null));
  }
}

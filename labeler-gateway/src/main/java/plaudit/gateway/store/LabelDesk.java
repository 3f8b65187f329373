package plaudit.gateway.store;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import plaudit.labels.LabelStore;

/**
 * The label store's actor: takes a question, has {@link JdbcLabels} answer it on the blocking
 * dispatcher, and passes the answer on. It never blocks and keeps no state. A question that failed
 * in the database is answered so that asking again is right: an {@link LabelStore.Ask} with the
 * reason, a {@link LabelStore.TakeLabels} with no labels; a {@link LabelStore.GetStatus} stays
 * unanswered.
 */
public final class LabelDesk extends AbstractBehavior<LabelStore.Command> {

  /** The dispatcher on which JDBC may block. */
  public static final String DISPATCHER = "plaudit.gateway.blocking-dispatcher";

  private record Asked(ActorRef<LabelStore.AskReply> replyTo, LabelStore.AskReply reply)
      implements LabelStore.Command {}

  private record LabelsRead(ActorRef<LabelStore.Labels> replyTo, LabelStore.Labels labels)
      implements LabelStore.Command {}

  private record Counted(ActorRef<LabelStore.Status> replyTo, LabelStore.Status status)
      implements LabelStore.Command {}

  private record Failed(String what, Throwable cause) implements LabelStore.Command {}

  /** The desk over an open store. */
  public static Behavior<LabelStore.Command> create(JdbcLabels labels) {
    return Behaviors.setup(context -> new LabelDesk(context, labels));
  }

  private final JdbcLabels labels;
  private final Executor blocking;

  private LabelDesk(ActorContext<LabelStore.Command> context, JdbcLabels labels) {
    super(context);
    this.labels = labels;
    this.blocking =
        context.getSystem().dispatchers().lookup(DispatcherSelector.fromConfig(DISPATCHER));
  }

  @Override
  public Receive<LabelStore.Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(LabelStore.Ask.class, this::onAsk)
        .onMessage(LabelStore.TakeLabels.class, this::onTakeLabels)
        .onMessage(LabelStore.GetStatus.class, this::onGetStatus)
        .onMessage(Asked.class, this::onAsked)
        .onMessage(LabelsRead.class, this::onLabelsRead)
        .onMessage(Counted.class, this::onCounted)
        .onMessage(Failed.class, this::onFailed)
        .build();
  }

  private Behavior<LabelStore.Command> onAsk(LabelStore.Ask ask) {
    getContext()
        .pipeToSelf(
            off(() -> labels.ask(ask.comparisons())),
            (count, failure) ->
                new Asked(
                    ask.replyTo(),
                    failure == null
                        ? new LabelStore.AskReply.Stored(count)
                        : new LabelStore.AskReply.Failed(reason(failure))));
    return this;
  }

  private Behavior<LabelStore.Command> onTakeLabels(LabelStore.TakeLabels take) {
    getContext()
        .pipeToSelf(
            off(() -> labels.labelsAfter(take.after(), take.limit())),
            (read, failure) -> {
              if (failure != null) {
                getContext().getSelf().tell(new Failed("TakeLabels", failure));
              }
              return new LabelsRead(
                  take.replyTo(),
                  new LabelStore.Labels(take.after(), failure == null ? read : List.of()));
            });
    return this;
  }

  private Behavior<LabelStore.Command> onGetStatus(LabelStore.GetStatus get) {
    getContext()
        .pipeToSelf(
            off(labels::status),
            (status, failure) ->
                failure == null
                    ? new Counted(get.replyTo(), status)
                    : new Failed("GetStatus", failure));
    return this;
  }

  private Behavior<LabelStore.Command> onAsked(Asked asked) {
    if (asked.reply instanceof LabelStore.AskReply.Failed failed) {
      getContext().getLog().warn("Comparisons not stored: [{}]", failed.reason());
    }
    asked.replyTo.tell(asked.reply);
    return this;
  }

  private Behavior<LabelStore.Command> onLabelsRead(LabelsRead read) {
    read.replyTo.tell(read.labels);
    return this;
  }

  private Behavior<LabelStore.Command> onCounted(Counted counted) {
    counted.replyTo.tell(counted.status);
    return this;
  }

  private Behavior<LabelStore.Command> onFailed(Failed failed) {
    getContext().getLog().warn("[{}] failed: [{}]", failed.what, reason(failed.cause));
    return this;
  }

  private <T> CompletableFuture<T> off(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, blocking);
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    String message = failure instanceof StoreException ? failure.getMessage() : cause.getMessage();
    return message == null ? cause.toString() : message;
  }
}

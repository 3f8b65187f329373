package plaudit.gateway.actor;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.Labeler;
import plaudit.labels.Comparison;
import plaudit.labels.Label;
import plaudit.labels.actor.LabelStore;

/**
 * The label store's actor: runs each question of {@link JdbcLabels} on {@link #DISPATCHER} and
 * passes the answer on. It never blocks, keeps no state and lives on the default dispatcher. The
 * threads for JDBC are its own, so that the loops get their labels while HTTP requests occupy
 * theirs. A question that failed in the database, or came when {@link #MAX_QUESTIONS} were in
 * progress, is answered so that asking again is right: an {@link LabelStore.Ask} with the reason, a
 * {@link LabelStore.TakeLabels} with no labels; a question for numbers gets no answer.
 */
public final class LabelStoreActor extends AbstractBehavior<LabelStore.Command> {

  /** The dispatcher whose threads the actor's JDBC calls block; the actor itself is not on it. */
  static final String DISPATCHER = "plaudit.gateway.store-dispatcher";

  /** Questions in progress or waiting for a thread. */
  static final int MAX_QUESTIONS = 256;

  private record Asked(ActorRef<LabelStore.AskReply> replyTo, LabelStore.AskReply reply)
      implements LabelStore.Command {}

  private record LabelsRead(ActorRef<LabelStore.Labels> replyTo, LabelStore.Labels labels)
      implements LabelStore.Command {}

  private record Counted(ActorRef<LabelStore.Status> replyTo, LabelStore.Status status)
      implements LabelStore.Command {}

  private record Begun(ActorRef<LabelStore.Begun> replyTo, LabelStore.Begun begun)
      implements LabelStore.Command {}

  private record StopRead(ActorRef<LabelStore.Line> replyTo, LabelStore.Line line)
      implements LabelStore.Command {}

  private record Failed(String what, Throwable cause) implements LabelStore.Command {}

  /** The cluster carries 256 KiB in one message. */
  private static final int BYTES_AT_MOST = 128 << 10;

  private static final int BYTES_PER_TOKEN = 3;
  private static final int BYTES_PER_CHARACTER = 2;

  /** Resumes a stopped run when it begins again. */
  private static final Labeler OPERATOR = new Labeler("operator", "operator");

  /** The actor over an open store. */
  public static Behavior<LabelStore.Command> create(JdbcLabels labels) {
    return Behaviors.setup(context -> new LabelStoreActor(context, labels));
  }

  private final JdbcLabels labels;
  private final Executor blocking;
  private final Semaphore room = new Semaphore(MAX_QUESTIONS);

  private LabelStoreActor(ActorContext<LabelStore.Command> context, JdbcLabels labels) {
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
        .onMessage(LabelStore.Begin.class, this::onBegin)
        .onMessage(LabelStore.GetLine.class, this::onGetLine)
        .onMessage(LabelStore.GetStatus.class, this::onGetStatus)
        .onMessage(Asked.class, this::onAsked)
        .onMessage(LabelsRead.class, this::onLabelsRead)
        .onMessage(Counted.class, this::onCounted)
        .onMessage(Begun.class, this::onBegun)
        .onMessage(StopRead.class, this::onStopRead)
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
            off(() -> first(labels.labelsAfter(take.after(), take.limit()))),
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

  /** As many as one message of the cluster carries, at least one: the learner reads on. */
  static List<Label> first(List<Label> labels) {
    int bytes = 0;
    for (int i = 0; i < labels.size(); i++) {
      bytes += roughBytes(labels.get(i).comparison());
      if (i > 0 && bytes > BYTES_AT_MOST) {
        return labels.subList(0, i);
      }
    }
    return labels;
  }

  private static int roughBytes(Comparison comparison) {
    int tokens = comparison.query().length();
    int characters = comparison.queryText().length();
    for (Comparison.Sample sample : comparison.samples()) {
      tokens += sample.response().length();
      characters += sample.text().length();
    }
    return BYTES_PER_TOKEN * tokens + BYTES_PER_CHARACTER * characters;
  }

  private Behavior<LabelStore.Command> onBegin(LabelStore.Begin begin) {
    getContext()
        .pipeToSelf(
            off(() -> begin(begin.prefixes())),
            (begun, failure) ->
                failure == null ? new Begun(begin.replyTo(), begun) : new Failed("Begin", failure));
    return this;
  }

  /** A run that begins is resumed, whatever stopped it before. */
  private LabelStore.Begun begin(List<String> prefixes) {
    if (labels.stopReason().isPresent()) {
      labels.resumeRun(OPERATOR, "the run was resumed");
    }
    return new LabelStore.Begun(
        labels.status().preferences(), prefixes.stream().map(labels::asked).toList());
  }

  private Behavior<LabelStore.Command> onGetLine(LabelStore.GetLine get) {
    getContext()
        .pipeToSelf(
            off(() -> new LabelStore.Line(labels.stopReason().orElse(""))),
            (line, failure) ->
                failure == null
                    ? new StopRead(get.replyTo(), line)
                    : new Failed("GetLine", failure));
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

  private Behavior<LabelStore.Command> onBegun(Begun begun) {
    begun.replyTo.tell(begun.begun);
    return this;
  }

  private Behavior<LabelStore.Command> onStopRead(StopRead read) {
    read.replyTo.tell(read.line);
    return this;
  }

  private Behavior<LabelStore.Command> onFailed(Failed failed) {
    getContext().getLog().warn("[{}] failed: [{}]", failed.what, reason(failed.cause));
    return this;
  }

  private <T> CompletableFuture<T> off(Supplier<T> work) {
    if (!room.tryAcquire()) {
      return CompletableFuture.failedFuture(
          new IllegalStateException("label store: too many questions at once"));
    }
    return CompletableFuture.supplyAsync(work, blocking)
        .whenComplete((value, failure) -> room.release());
  }

  private static String reason(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}

package plaudit.gateway.actor;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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

  private static final Logger log = LoggerFactory.getLogger(LabelStoreActor.class);

  /** The dispatcher whose threads the actor's JDBC calls block; the actor itself is not on it. */
  static final String DISPATCHER = "plaudit.gateway.store-dispatcher";

  /** Questions in progress or waiting for a thread. */
  static final int MAX_QUESTIONS = 256;

  /** Far below the largest message of the cluster: the learner asks again for more. */
  private static final int BYTES_AT_MOST = 128 << 10;

  private static final int BYTES_PER_TOKEN = 3;
  private static final int BYTES_PER_CHARACTER = 2;

  /** The vendor of operators, who let a stopped run go on when they begin it again. */
  private static final String OPERATOR = "operator";

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
        .onMessage(LabelStore.GetStopReason.class, this::onGetStopReason)
        .onMessage(LabelStore.GetStatus.class, this::onGetStatus)
        .build();
  }

  private Behavior<LabelStore.Command> onAsk(LabelStore.Ask ask) {
    return answer(
        ask,
        ask.replyTo(),
        () -> new LabelStore.AskReply.Stored(labels.ask(ask.comparisons())),
        reason -> Optional.of(new LabelStore.AskReply.Failed(reason)));
  }

  private Behavior<LabelStore.Command> onTakeLabels(LabelStore.TakeLabels take) {
    return answer(
        take,
        take.replyTo(),
        () ->
            new LabelStore.Labels(
                take.after(), first(labels.labelsAfter(take.after(), take.limit()))),
        reason -> Optional.of(new LabelStore.Labels(take.after(), List.of())));
  }

  private Behavior<LabelStore.Command> onBegin(LabelStore.Begin begin) {
    return answer(begin, begin.replyTo(), () -> begun(begin), reason -> Optional.empty());
  }

  /** A stop stands until an operator lets the run go on. */
  private LabelStore.Begun begun(LabelStore.Begin begin) {
    Optional<String> refusal = labels.beginRun(begin.run(), begin.resumed());
    if (refusal.isPresent()) {
      return new LabelStore.Begun(0, List.of(), Optional.empty(), refusal);
    }
    if (begin.letGoOnBy().isPresent() && labels.stop().isPresent()) {
      labels.resumeRun(
          new Labeler(OPERATOR, begin.letGoOnBy().get()),
          "the run was begun again despite the stop");
    }
    return new LabelStore.Begun(
        labels.status().preferences(),
        begin.prefixes().stream().map(labels::asked).toList(),
        labels.stop(),
        Optional.empty());
  }

  private Behavior<LabelStore.Command> onGetStopReason(LabelStore.GetStopReason get) {
    return answer(
        get,
        get.replyTo(),
        () -> new LabelStore.StopReason(labels.stop()),
        reason -> Optional.empty());
  }

  private Behavior<LabelStore.Command> onGetStatus(LabelStore.GetStatus get) {
    return answer(get, get.replyTo(), labels::status, reason -> Optional.empty());
  }

  /**
   * Answers from a thread that may block.
   *
   * @param onFailure what is answered instead, of the reason
   */
  private <T> Behavior<LabelStore.Command> answer(
      LabelStore.Command question,
      ActorRef<T> replyTo,
      Supplier<T> work,
      Function<String, Optional<T>> onFailure) {
    off(work)
        .whenComplete(
            (answer, failure) -> {
              if (failure == null) {
                replyTo.tell(answer);
              } else {
                String reason = reason(failure);
                log.warn("{} failed: [{}]", question.getClass().getSimpleName(), reason);
                onFailure.apply(reason).ifPresent(replyTo::tell);
              }
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

  private <T> CompletionStage<T> off(Supplier<T> work) {
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

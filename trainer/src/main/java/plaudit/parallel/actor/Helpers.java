package plaudit.parallel.actor;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import plaudit.parallel.GradientWorkers;
import plaudit.parallel.actor.HelperProtocol.Command;
import plaudit.parallel.actor.HelperProtocol.Computed;
import plaudit.parallel.actor.HelperProtocol.Declined;
import plaudit.parallel.actor.HelperProtocol.Differentiate;
import plaudit.parallel.actor.HelperProtocol.Reply;

/**
 * The helpers of the cluster as the learner's compute thread sees them: an actor follows the
 * receptionist and takes the answers, any thread asks. A question to a helper that leaves or cannot
 * be reached fails at once. A question is forgotten when its future is complete, also by
 * cancellation; a later answer is dropped.
 */
public final class Helpers implements GradientWorkers {

  private sealed interface Event extends NoSerializationVerificationNeeded {}

  private record Present(Set<ActorRef<Command>> helpers) implements Event {}

  private record Answered(Reply reply) implements Event {}

  private record Question(String helper, CompletableFuture<Gradient> answer) {}

  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, Question> questions = new ConcurrentHashMap<>();
  private final CompletableFuture<ActorRef<Reply>> replyTo = new CompletableFuture<>();
  private volatile SortedMap<String, ActorRef<Command>> present = new TreeMap<>();

  /** Follows the helpers of the cluster, as a child of the actor of {@code ctx}. */
  public static Helpers of(ActorContext<?> ctx) {
    Helpers helpers = new Helpers();
    ctx.spawn(helpers.behavior(), "helpers");
    return helpers;
  }

  private Behavior<Event> behavior() {
    return Behaviors.setup(
        ctx -> {
          ctx.getSystem()
              .receptionist()
              .tell(
                  Receptionist.subscribe(
                      HelperProtocol.KEY,
                      ctx.messageAdapter(
                          Receptionist.Listing.class,
                          listing ->
                              new Present(listing.getServiceInstances(HelperProtocol.KEY)))));
          replyTo.complete(ctx.messageAdapter(Reply.class, Answered::new));
          return Behaviors.receive(Event.class)
              .onMessage(
                  Present.class,
                  event -> {
                    follow(event.helpers());
                    return Behaviors.same();
                  })
              .onMessage(
                  Answered.class,
                  event -> {
                    take(event.reply());
                    return Behaviors.same();
                  })
              .build();
        });
  }

  private void follow(Set<ActorRef<Command>> helpers) {
    SortedMap<String, ActorRef<Command>> now = new TreeMap<>();
    helpers.forEach(ref -> now.put(ref.path().toSerializationFormat(), ref));
    present = now;
    questions.forEach(
        (id, question) -> {
          if (!now.containsKey(question.helper())) {
            fail(id, "it is gone");
          }
        });
  }

  private void take(Reply reply) {
    if (reply instanceof Computed computed) {
      Question question = questions.get(reply.id());
      if (question != null) {
        question.answer().complete(computed.gradient());
      }
    } else if (reply instanceof Declined declined) {
      fail(declined.id(), declined.reason());
    }
  }

  private void fail(long id, String reason) {
    Question question = questions.get(id);
    if (question != null) {
      question.answer().completeExceptionally(new IllegalStateException(reason));
    }
  }

  /** Questions without an answer yet. */
  int unanswered() {
    return questions.size();
  }

  @Override
  public List<String> present() {
    return List.copyOf(present.keySet());
  }

  @Override
  public CompletableFuture<Gradient> ask(String helper, Work work) {
    long id = ids.incrementAndGet();
    CompletableFuture<Gradient> answer = new CompletableFuture<>();
    questions.put(id, new Question(helper, answer));
    var unused = answer.whenComplete((gradient, failure) -> questions.remove(id));
    ActorRef<Command> ref = present.get(helper);
    if (ref == null) {
      fail(id, "it is gone");
    } else {
      ref.tell(new Differentiate(id, work, replyTo.join()));
    }
    return answer;
  }
}

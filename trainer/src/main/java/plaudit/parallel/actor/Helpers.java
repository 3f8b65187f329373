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
import plaudit.parallel.Work;
import plaudit.parallel.actor.HelperProtocol.Command;
import plaudit.parallel.actor.HelperProtocol.Declined;
import plaudit.parallel.actor.HelperProtocol.Differentiate;
import plaudit.parallel.actor.HelperProtocol.Gradient;
import plaudit.parallel.actor.HelperProtocol.Reply;

/**
 * The helpers of the cluster as the learner's compute thread sees them: an actor follows who is
 * there and takes the answers, any thread asks. A question to a helper that goes, or cannot be
 * reached, fails at once; an answer that nobody waits for any more is dropped.
 */
public final class Helpers implements GradientWorkers {

  private sealed interface News extends NoSerializationVerificationNeeded {}

  private record Here(Set<ActorRef<Command>> helpers) implements News {}

  private record Answer(Reply reply) implements News {}

  private record Question(String helper, CompletableFuture<Gradient> answer) {}

  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, Question> questions = new ConcurrentHashMap<>();
  private final CompletableFuture<ActorRef<Reply>> desk = new CompletableFuture<>();
  private volatile SortedMap<String, ActorRef<Command>> present = new TreeMap<>();

  /** Follows who is there, as a child of the actor of {@code ctx}. */
  public static Helpers of(ActorContext<?> ctx) {
    Helpers helpers = new Helpers();
    ctx.spawn(helpers.desk(), "helpers");
    return helpers;
  }

  private Behavior<News> desk() {
    return Behaviors.setup(
        ctx -> {
          ctx.getSystem()
              .receptionist()
              .tell(
                  Receptionist.subscribe(
                      HelperProtocol.KEY,
                      ctx.messageAdapter(
                          Receptionist.Listing.class,
                          listing -> new Here(listing.getServiceInstances(HelperProtocol.KEY)))));
          desk.complete(ctx.messageAdapter(Reply.class, Answer::new));
          return Behaviors.receive(News.class)
              .onMessage(
                  Here.class,
                  news -> {
                    follow(news.helpers());
                    return Behaviors.same();
                  })
              .onMessage(
                  Answer.class,
                  news -> {
                    take(news.reply());
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
    if (reply instanceof Gradient gradient) {
      Question question = questions.remove(reply.id());
      if (question != null) {
        question.answer().complete(gradient);
      }
    } else if (reply instanceof Declined declined) {
      fail(declined.id(), declined.reason());
    }
  }

  private void fail(long id, String reason) {
    Question question = questions.remove(id);
    if (question != null) {
      question.answer().completeExceptionally(new IllegalStateException(reason));
    }
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
    ActorRef<Command> ref = present.get(helper);
    if (ref == null) {
      fail(id, "it is gone");
    } else {
      ref.tell(new Differentiate(id, work, desk.join()));
    }
    return answer;
  }
}

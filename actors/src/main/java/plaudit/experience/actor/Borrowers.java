package plaudit.experience.actor;

import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import plaudit.experience.Grant;
import plaudit.experience.actor.ExperienceProtocol.Borrow;

/**
 * The samplers that a buffer knows: those that wait for work, in the order in which they asked, and
 * all that ever asked and are alive. What they hold is the ledger's to know.
 */
final class Borrowers {

  /** A sampler that waits for work, and its name as a holder, which is long to write. */
  record Waiting(Borrow borrow, String holder) {}

  private final Map<String, Waiting> waiting = new LinkedHashMap<>();
  private final Set<ActorRef<Grant>> alive = new LinkedHashSet<>();

  /**
   * A sampler asks for work, and waits from now on; its question replaces the one before.
   *
   * @return whether it asks for the first time, so that its death is to be watched for
   */
  boolean ask(Borrow borrow) {
    waiting.put(borrow.sampler(), new Waiting(borrow, holder(borrow.replyTo())));
    return alive.add(borrow.replyTo());
  }

  /** It is given nothing until it asks anew. */
  void dismiss(ActorRef<Grant> sampler) {
    waiting.values().removeIf(one -> one.borrow().replyTo().equals(sampler));
  }

  /** It is dead. */
  void forget(ActorRef<Grant> sampler) {
    alive.remove(sampler);
    dismiss(sampler);
  }

  /**
   * Those that live on a node.
   *
   * @param node as the cluster writes it: {@code pekko://plaudit@host:port}
   */
  List<ActorRef<Grant>> on(String node) {
    return alive.stream()
        .filter(sampler -> sampler.path().address().toString().equals(node))
        .toList();
  }

  /** Whoever {@code lend} has something for gets it, and waits no more. */
  void serve(Function<Waiting, Optional<Grant>> lend) {
    for (Iterator<Waiting> i = waiting.values().iterator(); i.hasNext(); ) {
      Waiting one = i.next();
      Optional<Grant> grant = lend.apply(one);
      if (grant.isPresent()) {
        one.borrow().replyTo().tell(grant.get());
        i.remove();
      }
    }
  }

  /** How many samplers wait for work or are among {@code holders}. */
  int count(Set<String> holders) {
    Set<String> samplers = new HashSet<>(holders);
    waiting.values().forEach(one -> samplers.add(one.holder()));
    return samplers.size();
  }

  /** Not the sampler's name: one that restarts is another holder than the one that died. */
  static String holder(ActorRef<Grant> sampler) {
    return sampler.path().toSerializationFormat();
  }
}

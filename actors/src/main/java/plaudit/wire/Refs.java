package plaudit.wire;

import org.apache.pekko.actor.typed.ActorRef;

/** How actor references travel: as strings. */
public interface Refs {

  /** The reference as a string that any node of the cluster can resolve. */
  String toWire(ActorRef<?> ref);

  /** The reference behind the string; messages to an actor that is gone go to dead letters. */
  <T> ActorRef<T> fromWire(String ref);
}

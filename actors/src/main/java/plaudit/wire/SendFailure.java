package plaudit.wire;

import org.apache.pekko.actor.NoSerializationVerificationNeeded;

/**
 * A message that was not sent to another node and never will be: it is too large or cannot be
 * encoded. Published on the actor system's event stream.
 *
 * @param reason for people, in one line
 */
public record SendFailure(String reason) implements NoSerializationVerificationNeeded {

  static SendFailure of(Object message, RuntimeException failure) {
    String why = String.valueOf(failure.getMessage());
    String type = message.getClass().getSimpleName();
    return new SendFailure(why.contains(type) ? why : type + " cannot be sent: " + why);
  }
}

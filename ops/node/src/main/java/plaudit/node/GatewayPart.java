package plaudit.node;

import java.util.concurrent.CompletionException;
import org.apache.pekko.actor.typed.ActorSystem;
import plaudit.gateway.Gateway;
import plaudit.gateway.http.GatewayMeters;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.http.RunView;
import plaudit.gateway.store.JdbcLabels;

/**
 * What a gateway's node brings: the open label store and how to open the door before it.
 *
 * @param settings with all vendors
 * @param labels open; whoever opened it closes it
 */
record GatewayPart(GatewaySettings settings, JdbcLabels labels, GatewayMeters meters) {

  /** Opens the door; throws what the user can mend as it is. */
  Gateway open(ActorSystem<?> system, RunView run) {
    try {
      return Gateway.start(system, settings, labels, run, meters).toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}

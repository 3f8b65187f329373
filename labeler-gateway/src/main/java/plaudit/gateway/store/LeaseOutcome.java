package plaudit.gateway.store;

import java.util.List;

/** What came of asking for work. */
public sealed interface LeaseOutcome {

  /** The tasks; none when nothing waits for this labeler. */
  record Granted(List<Lease> leases) implements LeaseOutcome {
    public Granted {
      leases = List.copyOf(leases);
    }
  }

  /** A labeler stopped the run. */
  record Stopped(String reason) implements LeaseOutcome {}

  /** The labeler or its vendor holds as many tasks as the settings let them. */
  record TooManyLeases(int byLabeler, int byVendor) implements LeaseOutcome {}

  /** The labeler is new and its vendor has as many labelers as the settings let it. */
  record TooManyLabelers() implements LeaseOutcome {}
}

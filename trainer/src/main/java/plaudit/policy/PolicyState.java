package plaudit.policy;

import plaudit.policy.Tripwires.Signals;
import plaudit.policy.Tripwires.Verdict;

/**
 * What an update changes besides weights and moments.
 *
 * @param version updates so far
 * @param kl sets the KL coefficient
 * @param tripwires with the signals of the last updates
 * @param verdict of the last update
 */
public record PolicyState(long version, KlController kl, Tripwires tripwires, Verdict verdict) {

  /** Before the first update. */
  public static PolicyState initial(PolicySettings settings) {
    return new PolicyState(
        0, settings.klController(), Tripwires.set(settings.tripwires()), new Verdict.GoOn());
  }

  /** One version on: the controller moves after the epochs of the same step (paper 3.6). */
  public PolicyState after(Signals signals, int episodes) {
    Verdict judged = tripwires.judge(signals);
    KlController moved = Double.isFinite(signals.kl()) ? kl.after(signals.kl(), episodes) : kl;
    return new PolicyState(version + 1, moved, tripwires.after(signals), judged);
  }
}

package plaudit.lab.bench;

import plaudit.lab.plan.Rates;

/**
 * The measured numbers of a fleet.
 *
 * @param throughput trajectories learned from, a second
 * @param staleness their mean age when they were served, in versions
 * @param oldest the greatest age
 * @param updates that were measured
 * @param seconds that were measured
 * @param rates as measured: timers are late, and there is other work
 * @param messages that the experience buffer took, a second
 * @param bufferBusy share of one processor that the experience buffer took
 */
public record ControlPlaneResult(
    double throughput,
    double staleness,
    double oldest,
    int updates,
    double seconds,
    Rates rates,
    double messages,
    double bufferBusy) {}

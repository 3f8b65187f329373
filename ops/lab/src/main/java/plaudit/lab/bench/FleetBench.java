package plaudit.lab.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.concurrent.ExecutionException;
import plaudit.lab.plan.ClosedForm;
import plaudit.lab.plan.Fleet;
import plaudit.lab.plan.Rates;

/**
 * A fleet of many nodes in one process: each an actor system of its own with a TCP port, a sampler
 * and a scorer whose engines only wait, and small weights over HTTP. The learner's node is the real
 * one in all but its engine.
 */
public final class FleetBench {

  private static final int WARM = 2;
  private static final int FEWEST_UPDATES = 3;

  /** From here on a resource counts as used up. */
  private static final double FULL = .85;

  private FleetBench() {}

  /**
   * What a fleet came to.
   *
   * @param samplers nodes beside the learner's
   * @param joined seconds until all nodes were up in the learner's eyes
   * @param ideal trajectories a second by the planner's formula
   * @param control what the control plane did
   * @param appliedMedian seconds from a version's publication until a node works with it
   * @param appliedLast the same of the slowest in a hundred
   * @param versions copies of weights that the learner's node sent for each that it wrote
   * @param reached nodes that fetched weights
   * @param cpu share of all of this machine's processors that this process took
   * @param machine share that was taken by all processes
   * @param threads at the end
   * @param heapMib in use at the end
   */
  public record Outcome(
      int samplers,
      double joined,
      double ideal,
      ControlPlaneResult control,
      double appliedMedian,
      double appliedLast,
      double versions,
      long reached,
      double cpu,
      double machine,
      int threads,
      long heapMib) {

    /** Measured over ideal. */
    public double share() {
      return control.throughput() / ideal;
    }

    /** What keeps it from the ideal, by what is used up; empty if nothing does. */
    public String limit() {
      if (share() >= FULL) {
        return "";
      }
      if (control.bufferBusy() >= FULL) {
        return "the experience buffer";
      }
      return machine >= FULL ? "this machine's processors" : "waiting";
    }
  }

  /**
   * Measures one.
   *
   * @param weights bytes of a version
   * @param share whether nodes serve versions to each other
   * @throws IllegalStateException if the nodes do not find each other
   */
  public static Outcome run(
      Fleet fleet, Rates rates, double seconds, int weights, boolean share, long seed)
      throws InterruptedException, ExecutionException, IOException {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    int nodes = fleet.samplers();
    long begin = System.nanoTime();
    try (FleetWeights files = new FleetWeights(nodes, weights, share);
        ControlPlane plane = ControlPlane.start(new ControlPlane.Wiring(false, nodes), files)) {
      double joined = (System.nanoTime() - begin) / 1e9;
      system.getCpuLoad(); // since the last call
      long before = system.getProcessCpuTime();
      long start = System.nanoTime();
      ControlPlaneResult result =
          plane.measure(fleet, rates, WARM, FEWEST_UPDATES, seconds, seed).get();
      double took = (System.nanoTime() - start) / 1e9;
      double cpu = (system.getProcessCpuTime() - before) / 1e9 / took;
      Runtime runtime = Runtime.getRuntime();
      double[] applied = files.appliedAfter();
      return new Outcome(
          nodes,
          joined,
          ClosedForm.of(fleet, rates).throughput(),
          result,
          applied[0],
          applied[1],
          (double) files.sentByLearner() / weights / Math.max(1, files.written()),
          files.reached(),
          cpu / runtime.availableProcessors(),
          system.getCpuLoad(),
          ManagementFactory.getThreadMXBean().getThreadCount(),
          (runtime.totalMemory() - runtime.freeMemory()) >> 20);
    }
  }
}

package plaudit.chaos;

import java.util.List;

/**
 * What is done to whom while it does what.
 *
 * @param fault what is done to it
 * @param victim the process's role
 * @param part of the node whose phase is watched, as {@code /status} names it; empty if any time
 *     will do
 * @param phase in which that happens, as {@code /status} names it
 * @param standby whether a second learner's node stands by; it takes the place of a dead learner,
 *     which is started again otherwise
 */
record Deed(Fault fault, String victim, String part, String phase, boolean standby) {

  /** What is done to a process. */
  enum Fault {
    /** It dies at once, without a word. */
    KILL("kill -9"),
    /** It is told to end (SIGTERM), as by systemd or Kubernetes. */
    TERMINATE("SIGTERM"),
    /** It stands still (SIGSTOP) until another node cannot reach it, and then goes on. */
    FREEZE("SIGSTOP");

    private final String name;

    Fault(String name) {
      this.name = name;
    }
  }

  private Deed(Fault fault, String victim, String part, String phase) {
    this(fault, victim, part, phase, false);
  }

  private Deed(String victim, String part, String phase) {
    this(Fault.KILL, victim, part, phase);
  }

  private Deed(String victim, String part, String phase, boolean standby) {
    this(Fault.KILL, victim, part, phase, standby);
  }

  /**
   * A kill of every role in every phase of its work; the other faults in the phases that matter.
   */
  static final List<Deed> ALL =
      List.of(
          new Deed("learner", "reward learner", "collecting labels"),
          new Deed("learner", "reward learner", "training the reward"),
          new Deed("learner", "policy learner", "waiting for a batch"),
          new Deed("learner", "policy learner", "learning"),
          new Deed("learner", "policy learner", "checkpointing"),
          new Deed("learner", "policy learner", "publishing"),
          new Deed("sampler", "sampler", "idle"),
          new Deed("sampler", "sampler", "fetching"),
          new Deed("sampler", "sampler", "loading"),
          new Deed("sampler", "sampler", "generating"),
          new Deed("sampler", "sampler", "delivering"),
          new Deed("scorer", "scorer", "idle"),
          new Deed("scorer", "scorer", "loading"),
          new Deed("scorer", "scorer", "scoring"),
          new Deed("scorer", "scorer", "delivering"),
          new Deed("gateway", "gateway", "serving"),
          new Deed("standby", "", "waiting", true),
          new Deed("learner", "reward learner", "training the reward", true),
          new Deed("learner", "policy learner", "learning", true),
          new Deed("learner", "policy learner", "checkpointing", true),
          new Deed(Fault.TERMINATE, "learner", "reward learner", "collecting labels"),
          new Deed(Fault.TERMINATE, "learner", "reward learner", "training the reward"),
          new Deed(Fault.TERMINATE, "learner", "policy learner", "learning"),
          new Deed(Fault.TERMINATE, "learner", "policy learner", "checkpointing"),
          new Deed(Fault.TERMINATE, "sampler", "sampler", "generating"),
          new Deed(Fault.TERMINATE, "sampler", "sampler", "delivering"),
          new Deed(Fault.TERMINATE, "scorer", "scorer", "scoring"),
          new Deed(Fault.TERMINATE, "gateway", "gateway", "serving"),
          new Deed(Fault.TERMINATE, "standby", "", "waiting", true),
          new Deed(Fault.FREEZE, "learner", "reward learner", "training the reward"),
          new Deed(Fault.FREEZE, "learner", "policy learner", "learning"),
          new Deed(Fault.FREEZE, "learner", "policy learner", "publishing"),
          new Deed(Fault.FREEZE, "sampler", "sampler", "fetching"),
          new Deed(Fault.FREEZE, "sampler", "sampler", "generating"),
          new Deed(Fault.FREEZE, "sampler", "sampler", "delivering"),
          new Deed(Fault.FREEZE, "scorer", "scorer", "loading"),
          new Deed(Fault.FREEZE, "scorer", "scorer", "scoring"),
          new Deed(Fault.FREEZE, "gateway", "gateway", "serving"),
          new Deed(Fault.FREEZE, "standby", "", "waiting", true),
          new Deed(Fault.FREEZE, "learner", "policy learner", "learning", true));

  /** A kill out of {@link #ALL}. */
  static Deed of(String victim, String phase) {
    return ALL.stream()
        .filter(deed -> deed.victim.equals(victim) && deed.phase.equals(phase) && !deed.standby)
        .findFirst()
        .orElseThrow();
  }

  /** Whether another process has to be started in the victim's place. */
  boolean ends() {
    return fault != Fault.FREEZE;
  }

  /** The fault, the victim and its phase, with commas between them. */
  @Override
  public String toString() {
    return fault.name
        + ", "
        + victim
        + (standby && victim.equals("learner") ? " beside a standby" : "")
        + ", "
        + phase;
  }
}

package plaudit.chaos;

import java.util.List;

/**
 * Whom to kill while it does what.
 *
 * @param victim the process's role
 * @param part of the node whose phase is watched, as {@code /status} names it; empty if any time
 *     will do
 * @param phase in which it dies, as {@code /status} names it
 * @param standby whether a second learner's node stands by; it takes the place of a dead learner,
 *     which is started again otherwise
 */
record Deed(String victim, String part, String phase, boolean standby) {

  private Deed(String victim, String part, String phase) {
    this(victim, part, phase, false);
  }

  /** Every role in every phase of its work. */
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
          new Deed("learner", "policy learner", "checkpointing", true));

  /** One of {@link #ALL}. */
  static Deed of(String victim, String phase) {
    return ALL.stream()
        .filter(deed -> deed.victim.equals(victim) && deed.phase.equals(phase) && !deed.standby)
        .findFirst()
        .orElseThrow();
  }

  @Override
  public String toString() {
    return victim + (standby && victim.equals("learner") ? " beside a standby" : "") + ", " + phase;
  }
}

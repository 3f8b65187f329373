package plaudit.chaos;

import java.util.List;

/**
 * Whom to kill while it does what.
 *
 * @param victim the process's role
 * @param part of the node whose phase is watched, as {@code /status} names it
 * @param phase in which it dies, as {@code /status} names it
 */
record Deed(String victim, String part, String phase) {

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
          new Deed("gateway", "gateway", "serving"));

  @Override
  public String toString() {
    return victim + ", " + phase;
  }
}

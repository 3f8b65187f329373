package plaudit.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import plaudit.node.config.Role;

/**
 * What must hold before a supervisor may count on a node. A node that is not ready is left in
 * peace: others wait with their own restart, and no labeler is sent to it.
 *
 * @param roles of the node
 * @param up whether the cluster counts it in
 * @param learner whether the cluster has a learner that can be reached
 * @param begun whether this node's learner has begun: it has heard what was asked before
 * @param policyVersion that this node's sampler writes with, -1 for none
 * @param labelsAnswer whether this node's label store does
 */
record Readiness(
    Set<Role> roles,
    boolean up,
    boolean learner,
    boolean begun,
    long policyVersion,
    boolean labelsAnswer) {

  Readiness {
    roles = Set.copyOf(roles);
  }

  /** In words, what is missing; empty if the node can do its work. */
  List<String> missing() {
    List<String> missing = new ArrayList<>();
    if (!up) {
      missing.add("it is not a member of the cluster");
    }
    if (!learner && roles.stream().anyMatch(Readiness::worksForALearner)) {
      missing.add("no learner can be reached");
    }
    if (roles.contains(Role.LEARNER) && !begun) {
      missing.add("the learner has not begun: no label store has answered");
    }
    if (roles.contains(Role.SAMPLER) && policyVersion < 0) {
      missing.add("the sampler has no weights yet");
    }
    if (roles.contains(Role.GATEWAY) && !labelsAnswer) {
      missing.add("the label store does not answer");
    }
    return missing;
  }

  private static boolean worksForALearner(Role role) {
    return role == Role.SAMPLER || role == Role.SCORER || role == Role.HELPER;
  }
}

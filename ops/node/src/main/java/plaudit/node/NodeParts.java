package plaudit.node;

import java.util.Optional;
import java.util.Set;
import plaudit.node.config.Role;

/**
 * What one node brings to the cluster; each part is there if its role is.
 *
 * @param learner for {@link Role#LEARNER}
 * @param worker for {@link Role#SAMPLER} and {@link Role#SCORER}
 * @param gateway for {@link Role#GATEWAY}
 */
record NodeParts(
    Set<Role> roles,
    Optional<RunParts> learner,
    Optional<WorkerParts> worker,
    Optional<GatewayPart> gateway) {}

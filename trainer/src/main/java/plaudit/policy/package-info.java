/**
 * How the policy learns: the paper's PPO, rule by rule (section 3.4 to 3.9).
 *
 * <p>{@link plaudit.policy.PolicyTrainer#learn} is one update. Each rule that it applies is a plain
 * class without tensor, clock or thread: {@link plaudit.policy.Objective} makes targets of scored
 * rollouts with {@link plaudit.policy.TokenRewards}, {@link plaudit.policy.Whitening} and {@link
 * plaudit.policy.Advantages}, {@link plaudit.policy.KlController} sets the KL coefficient, {@link
 * plaudit.policy.Tripwires} stop a run that goes wrong. All numbers come from {@link
 * plaudit.policy.PolicySettings}.
 */
@NullMarked
package plaudit.policy;

import org.jspecify.annotations.NullMarked;

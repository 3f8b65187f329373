/**
 * How the policy learns: the paper's PPO, rule by rule (section 3.4 to 3.9).
 *
 * <p>Each rule is a plain class that knows no tensor, actor, clock or thread: {@link
 * plaudit.policy.TokenRewards} charges the divergence and pays the score, {@link
 * plaudit.policy.Advantages} spreads it over the tokens, {@link plaudit.policy.KlController} sets
 * the price of divergence, {@link plaudit.policy.Tripwires} stop a run that goes wrong. All numbers
 * come from {@link plaudit.policy.PolicySettings}.
 */
@NullMarked
package plaudit.policy;

import org.jspecify.annotations.NullMarked;

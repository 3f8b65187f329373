/** The slow loop's learner: the actor around {@link plaudit.reward.RewardTrainer}. */
@NullMarked
package plaudit.reward.actor;

import org.jspecify.annotations.NullMarked;

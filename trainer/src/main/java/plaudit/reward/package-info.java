/**
 * How the reward model learns what people prefer (paper sections 1.2 to 1.4), without actors.
 *
 * <p>{@link plaudit.reward.LabelSchedule} decides when a run needs how many labels and when the
 * model is trained anew; {@link plaudit.reward.LabelSplit} keeps some labels for measuring. {@link
 * plaudit.reward.RewardTrainer} makes a version from labels by a {@link
 * plaudit.reward.RewardTraining} of a {@link plaudit.reward.RewardNet}, and {@link
 * plaudit.reward.RewardScale} brings its scores to the scale on which the KL coefficient (beta)
 * always means the same. Numbers come from {@link plaudit.reward.RewardSettings}.
 */
@NullMarked
package plaudit.reward;

import org.jspecify.annotations.NullMarked;

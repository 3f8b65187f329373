/**
 * How the reward model learns what people prefer (paper sections 1.2 to 1.4).
 *
 * <p>Plain rules without tensors, actors, clocks or threads: {@link plaudit.reward.LabelSchedule}
 * says how many labels a run needs by when and when the model is trained anew, {@link
 * plaudit.reward.LabelSplit} keeps some labels for measuring, {@link plaudit.reward.RewardScale}
 * brings scores to a scale on which the price of divergence always means the same, {@link
 * plaudit.reward.Agreement} says how often model and person agree. All numbers come from {@link
 * plaudit.reward.RewardSettings}.
 */
@NullMarked
package plaudit.reward;

import org.jspecify.annotations.NullMarked;

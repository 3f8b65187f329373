package plaudit.reward;

import plaudit.reward.LabelPool.Wins;

/**
 * How the slow loop is doing, told twice a second.
 *
 * @param labels judgments that name a best response, in the store
 * @param open comparisons with people or waiting for them
 * @param waiting whether the policy waits for labels or for a training
 * @param wins of the policy against the reference, over the newest validation labels
 * @param agreement between people who judged the same comparison
 */
public record PaceReport(long labels, long open, boolean waiting, Wins wins, Agreement agreement) {}

package plaudit.reward;

/**
 * What one training of the reward model was like.
 *
 * @param version the reward version it made
 * @param labels training labels used
 * @param firstLoss mean loss of the first tenth of the steps, in nats
 * @param lastLoss mean loss of the last tenth
 * @param trainingAgreement how often the best-scored response of a training label was the person's
 *     choice, seen before the label was learnt from
 * @param heldOut the same over held-out labels, after training
 * @param seconds it took
 */
public record RewardReport(
    long version,
    int labels,
    double firstLoss,
    double lastLoss,
    Agreement trainingAgreement,
    Agreement heldOut,
    double seconds) {}

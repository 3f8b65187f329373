package plaudit.gateway.store;

/**
 * A vendor's own numbers. Judgments are counted by their newest revision.
 *
 * @param judgments all that were received
 * @param admitted those that are labels
 * @param surplus those that came after the comparison had enough
 * @param late those whose lease had run out
 * @param amended how many were changed
 * @param noPreference those without a best response
 * @param skipped tasks skipped
 * @param flagged tasks flagged
 * @param labelers distinct labelers who judged
 * @param open comparisons that wait for a labeler
 */
public record VendorStats(
    long judgments,
    long admitted,
    long surplus,
    long late,
    long amended,
    long noPreference,
    long skipped,
    long flagged,
    long labelers,
    long open) {}

package plaudit.labels;

/**
 * A durable judgment with its comparison: one row of training data of the reward learner.
 *
 * @param sequence position in the store's order of arrival, from 1, never reused
 */
public record Label(long sequence, Comparison comparison, Judgment judgment) {}

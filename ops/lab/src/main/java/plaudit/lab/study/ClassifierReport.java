package plaudit.lab.study;

/**
 * What is known of the classifier.
 *
 * @param trained pieces of reviews it learned from
 * @param accuracy share of unseen pieces whose log-odds have the right sign
 * @param low end of the 95 % interval of that
 * @param high end of it
 * @param pairs share of unseen pairs in the right order
 * @param logLoss in nats, log 2 being chance
 * @param measured unseen pieces
 * @param level mean of r_s over responses of the reference
 * @param deviation standard deviation of that
 * @param cpuSeconds its schooling took
 */
public record ClassifierReport(
    int trained,
    double accuracy,
    double low,
    double high,
    double pairs,
    double logLoss,
    long measured,
    double level,
    double deviation,
    double cpuSeconds) {}

package plaudit.labels;

import java.time.Instant;

/**
 * One person's answer to one comparison.
 *
 * @param comparisonId the task
 * @param vendor whose key delivered it
 * @param labeler who judged, pseudonymous within the vendor
 * @param choice the answer
 * @param decided when
 */
public record Judgment(
    String comparisonId, String vendor, String labeler, Choice choice, Instant decided) {}

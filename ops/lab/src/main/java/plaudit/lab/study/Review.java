package plaudit.lab.study;

/**
 * A text that a person liked or did not.
 *
 * @param positive whether the person did
 */
public record Review(String text, boolean positive) {}

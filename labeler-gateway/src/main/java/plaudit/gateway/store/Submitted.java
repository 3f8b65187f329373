package plaudit.gateway.store;

/** A judgment on its way in, with who made it. */
public record Submitted(Labeler labeler, Submission submission) {}

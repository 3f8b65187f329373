package plaudit.gateway.store;

/**
 * A person or program that judges.
 *
 * @param vendor whose key it came with
 * @param id pseudonymous within the vendor
 */
public record Labeler(String vendor, String id) {}

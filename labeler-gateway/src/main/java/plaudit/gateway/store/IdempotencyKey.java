package plaudit.gateway.store;

/**
 * A vendor's name for one request: the same key with the same body is answered as the first time.
 *
 * @param name what the vendor sent
 * @param fingerprint SHA-256 of the canonical body, in hex
 */
public record IdempotencyKey(String name, String fingerprint) {}

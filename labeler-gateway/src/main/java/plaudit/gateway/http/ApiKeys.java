package plaudit.gateway.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import plaudit.gateway.store.Hashes;

/** Knows whose key a key is. Every known key is compared, each in constant time. */
final class ApiKeys {

  private final List<VendorKey> keys;

  ApiKeys(List<VendorKey> keys) {
    this.keys = List.copyOf(keys);
  }

  /** The vendor of a presented key. */
  Optional<Caller> callerOf(String presented) {
    String hash = Hashes.sha256(presented.getBytes(StandardCharsets.UTF_8));
    byte[] bytes = hash.getBytes(StandardCharsets.US_ASCII);
    Optional<Caller> found = Optional.empty();
    for (VendorKey key : keys) {
      if (MessageDigest.isEqual(bytes, key.sha256().getBytes(StandardCharsets.US_ASCII))) {
        found = Optional.of(new Caller.Vendor(key.vendor(), hash.substring(0, 16)));
      }
    }
    return found;
  }
}

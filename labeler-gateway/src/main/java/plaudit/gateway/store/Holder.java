package plaudit.gateway.store;

import org.jspecify.annotations.Nullable;

/**
 * Who extends or hands back a lease.
 *
 * @param vendor whose key it came with
 * @param labelerId the labeler, or null where a vendor's program names none
 * @param present whether a person is there: the page extends after a sign of life only
 */
public record Holder(String vendor, @Nullable String labelerId, boolean present) {

  /** A vendor's program that speaks for all its labelers. */
  public static Holder program(String vendor) {
    return new Holder(vendor, null, false);
  }

  boolean mayBe(Labeler labeler) {
    return labelerId == null || labelerId.equals(labeler.id());
  }
}

package plaudit.node.vendor;

/**
 * What the vendor has done so far.
 *
 * @param delivered judgments the gateway has acknowledged
 * @param ties how many of them named no best text
 * @param refused judgments the gateway would not take
 * @param retries requests sent again after an overload, a fault or a lost connection
 */
public record VendorReport(long delivered, long ties, long refused, long retries) {}

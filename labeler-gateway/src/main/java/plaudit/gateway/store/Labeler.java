package plaudit.gateway.store;

import org.jdbi.v3.core.mapper.reflect.ColumnName;

/**
 * A person or program that judges.
 *
 * @param vendor whose key it came with
 * @param id pseudonymous within the vendor
 */
public record Labeler(String vendor, @ColumnName("labeler") String id) {}

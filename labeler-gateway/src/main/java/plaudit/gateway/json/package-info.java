/**
 * JSON in and out, with one interpretation: what is read must be exactly what is documented, so
 * unknown fields, duplicate keys, wrong types and trailing text are refused with a pointer to the
 * first fault.
 */
@NullMarked
package plaudit.gateway.json;

import org.jspecify.annotations.NullMarked;

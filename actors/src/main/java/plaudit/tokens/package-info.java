/** Token ids, numbers per token and policy versions per token as values, and their wire form. */
@NullMarked
package plaudit.tokens;

import org.jspecify.annotations.NullMarked;

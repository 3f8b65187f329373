/** The one place that reads and writes JSON; only the gateway's API has rules of its own. */
@NullMarked
package plaudit.json;

import org.jspecify.annotations.NullMarked;

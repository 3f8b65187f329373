/**
 * A labeling vendor that does not exist: simulated people who take tasks, think for a while and
 * judge, over the public HTTP API of the gateway and nothing else. Whatever works for it works for
 * a real vendor, so this package may use the JDK and Jackson but none of the gateway's code.
 */
@NullMarked
package plaudit.node.vendor;

import org.jspecify.annotations.NullMarked;

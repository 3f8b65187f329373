/**
 * How a run is configured: the defaults of each module, a preset, the user's file and the overrides
 * of the command line, in that order, each checked against the keys that exist.
 */
@NullMarked
package plaudit.node.config;

import org.jspecify.annotations.NullMarked;

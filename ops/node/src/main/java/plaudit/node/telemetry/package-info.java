/**
 * What a node tells the outside: metrics, health and status over HTTP, and its log. Opened once, at
 * the start of the process.
 */
@NullMarked
package plaudit.node.telemetry;

import org.jspecify.annotations.NullMarked;

/**
 * The door for people and vendors. {@link plaudit.gateway.Gateway} binds the HTTP API and the two
 * pages, {@link plaudit.gateway.GatewaySettings} is everything that can be set, {@link
 * plaudit.gateway.RunView} is what the console may know of the run. Behind the door is one place
 * that keeps state, {@link plaudit.gateway.store.JdbcLabels}; a judgment is acknowledged only when
 * it is durable there.
 */
@NullMarked
package plaudit.gateway;

import org.jspecify.annotations.NullMarked;

/**
 * The gateway for people and vendors. {@link plaudit.gateway.Gateway} binds the HTTP API and the
 * two pages of {@link plaudit.gateway.http}, where {@link plaudit.gateway.http.GatewaySettings} is
 * everything that can be set and {@link plaudit.gateway.http.RunView} is what the console may know
 * of the run. One place behind it keeps state, {@link plaudit.gateway.store.JdbcLabels}; a judgment
 * is acknowledged only when it is durable there.
 */
@NullMarked
package plaudit.gateway;

import org.jspecify.annotations.NullMarked;

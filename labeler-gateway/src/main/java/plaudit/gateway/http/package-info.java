/**
 * The HTTP side of the gateway: a table of endpoints ({@link plaudit.gateway.http.Router}), one
 * pipeline that every request passes ({@link plaudit.gateway.http.RequestPipeline}), and one shape
 * for every refusal ({@link plaudit.gateway.http.Problem}, RFC 9457). The index of a response never
 * crosses the wire, people choose by opaque id.
 */
@NullMarked
package plaudit.gateway.http;

import org.jspecify.annotations.NullMarked;

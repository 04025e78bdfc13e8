/**
 * The streaming server: one URL that speaks SPDY/3.1 and WebSocket. The only package that knows
 * Netty's codecs for HTTP, SPDY and WebSocket.
 */
@NullMarked
package dev.hull.cri.bridge.streaming;

import org.jspecify.annotations.NullMarked;

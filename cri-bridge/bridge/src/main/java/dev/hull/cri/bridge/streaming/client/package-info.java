/** Clients of the streaming server, for tests and measurements: one for each of its protocols. */
@NullMarked
package dev.hull.cri.bridge.streaming.client;

import org.jspecify.annotations.NullMarked;

/**
 * What exec, attach and port-forward mean, whatever protocol a client speaks: tickets, and the
 * sessions that they open. The protocols are {@code dev.hull.cri.bridge.streaming}'s.
 */
@NullMarked
package dev.hull.cri.bridge.session;

import org.jspecify.annotations.NullMarked;

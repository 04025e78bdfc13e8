/** The byte channel between host and guest: handshake, and sockets that gRPC runs over. */
@NullMarked
package dev.hull.guest.channel;

import org.jspecify.annotations.NullMarked;

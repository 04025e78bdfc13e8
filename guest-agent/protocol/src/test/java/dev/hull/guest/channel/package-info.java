@NullMarked
package dev.hull.guest.channel;

import org.jspecify.annotations.NullMarked;

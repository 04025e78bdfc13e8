@NullMarked
package dev.hull.guestimage;

import org.jspecify.annotations.NullMarked;

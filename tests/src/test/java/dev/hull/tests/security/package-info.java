/** A container has the rights that it was given, and no others. */
@NullMarked
package dev.hull.tests.security;

import org.jspecify.annotations.NullMarked;

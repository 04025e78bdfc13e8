/** A daemon may be killed at any point; nothing is lost and nothing leaks. */
@NullMarked
package dev.hull.tests.recovery;

import org.jspecify.annotations.NullMarked;

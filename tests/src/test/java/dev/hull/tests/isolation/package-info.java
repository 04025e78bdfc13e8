/** Pods have nothing of each other's. */
@NullMarked
package dev.hull.tests.isolation;

import org.jspecify.annotations.NullMarked;

/** A pod from its start to its removal is what CRI's users expect. */
@NullMarked
package dev.hull.tests.lifecycle;

import org.jspecify.annotations.NullMarked;

/** What goes wrong ends what it must, with a reason, and nothing else. */
@NullMarked
package dev.hull.tests.faults;

import org.jspecify.annotations.NullMarked;

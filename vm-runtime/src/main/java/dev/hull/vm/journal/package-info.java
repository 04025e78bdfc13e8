/** What is known of the machines, on disk: enough to adopt or to release each after a crash. */
@NullMarked
package dev.hull.vm.journal;

import org.jspecify.annotations.NullMarked;

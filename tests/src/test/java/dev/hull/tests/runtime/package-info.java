/** Promises about what a kubelet is told of pods that run, and about limits that are changed. */
@NullMarked
package dev.hull.tests.runtime;

import org.jspecify.annotations.NullMarked;

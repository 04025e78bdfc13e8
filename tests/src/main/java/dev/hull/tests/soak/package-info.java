/** The lives of pods in which daemon, QEMU or virtiofsd is killed at any moment. */
@NullMarked
package dev.hull.tests.soak;

import org.jspecify.annotations.NullMarked;

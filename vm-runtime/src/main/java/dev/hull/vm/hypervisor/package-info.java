/**
 * The seam between machines and whatever runs them: {@link dev.hull.vm.hypervisor.Hypervisor}, its
 * values, and the fake that passes the same contract tests as the real one.
 */
@NullMarked
package dev.hull.vm.hypervisor;

import org.jspecify.annotations.NullMarked;

/**
 * Whoever makes a kubelet's calls in a kubelet's order has a kubelet's pod, from its start to its
 * end.
 */
@NullMarked
package dev.hull.tests.kubelet;

import org.jspecify.annotations.NullMarked;

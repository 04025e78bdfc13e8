/** A kubelet for one Pod: turns a manifest into CRI calls, follows it, and clears up after it. */
@NullMarked
package dev.hull.cli.kubelet;

import org.jspecify.annotations.NullMarked;

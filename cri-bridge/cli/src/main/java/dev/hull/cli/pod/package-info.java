/** What a manifest says, as values: the {@link dev.hull.cli.pod.Pod} and what it refers to. */
@NullMarked
package dev.hull.cli.pod;

import org.jspecify.annotations.NullMarked;

/** Pod manifests: YAML or JSON in, a {@link dev.hull.cli.pod.Pod} or precise complaints out. */
@NullMarked
package dev.hull.cli.pod;

import org.jspecify.annotations.NullMarked;

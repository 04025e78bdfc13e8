/** A pod's life, from its images to its end: the kubelet's part of it. */
@NullMarked
package dev.hull.cli.life;

import org.jspecify.annotations.NullMarked;

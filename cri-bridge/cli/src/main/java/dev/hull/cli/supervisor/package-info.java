/**
 * Pods that go on when the command that wanted them has ended. {@code hull apply} writes down what
 * is wanted in the {@link dev.hull.cli.supervisor.Spool}, a folder beside the daemon's socket; the
 * {@link dev.hull.cli.supervisor.Supervisor} inside {@code hull serve} makes it so and writes down
 * how it is. As a kubelet's static pods: what is wanted and what is are files, so nothing is lost
 * with a process, and the daemon itself knows CRI alone: the supervisor is its client like any
 * other.
 */
@NullMarked
package dev.hull.cli.supervisor;

import org.jspecify.annotations.NullMarked;

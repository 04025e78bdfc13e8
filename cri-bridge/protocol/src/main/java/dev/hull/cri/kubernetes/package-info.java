/**
 * Notations of Kubernetes that both who writes a sandbox's configuration and who reads it must
 * understand alike.
 */
@NullMarked
package dev.hull.cri.kubernetes;

import org.jspecify.annotations.NullMarked;

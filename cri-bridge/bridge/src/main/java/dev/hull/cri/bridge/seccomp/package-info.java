/**
 * Which system calls a container may make: seccomp profiles, from the format that container engines
 * share to the filter that a kernel takes. The only package that calls libseccomp.
 */
@NullMarked
package dev.hull.cri.bridge.seccomp;

import org.jspecify.annotations.NullMarked;

/**
 * What whole-system tests are made of: a daemon as a process, a CRI client, the host's state, a
 * deadline.
 */
@NullMarked
package dev.hull.tests.harness;

import org.jspecify.annotations.NullMarked;

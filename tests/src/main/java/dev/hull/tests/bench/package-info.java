/**
 * {@code hull bench}: figures measured on this machine in one run, so that their ratios mean
 * something.
 */
@NullMarked
package dev.hull.tests.bench;

import org.jspecify.annotations.NullMarked;

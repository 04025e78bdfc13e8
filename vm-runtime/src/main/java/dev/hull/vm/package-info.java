/**
 * Machines and what runs in them: the interface that the CRI bridge builds on. Everything below
 * this package is how it is done.
 */
@NullMarked
package dev.hull.vm;

import org.jspecify.annotations.NullMarked;

/** From a pod's description to what CRI is told: variables, limits, identities. */
@NullMarked
package dev.hull.cli.config;

import org.jspecify.annotations.NullMarked;

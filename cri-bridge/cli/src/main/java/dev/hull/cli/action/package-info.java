/** What probes and hooks do. */
@NullMarked
package dev.hull.cli.action;

import org.jspecify.annotations.NullMarked;

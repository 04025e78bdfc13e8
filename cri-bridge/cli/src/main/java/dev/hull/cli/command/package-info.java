/** The commands, one class each. */
@NullMarked
package dev.hull.cli.command;

import org.jspecify.annotations.NullMarked;

/**
 * What the command asks of the machine that it runs on, without knowing who answers:
 * implementations are found by {@link java.util.ServiceLoader}, so that a command that only speaks
 * CRI loads none of the daemon's classes.
 */
@NullMarked
package dev.hull.cri.host;

import org.jspecify.annotations.NullMarked;

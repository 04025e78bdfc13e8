/**
 * The client of the agent in a machine's guest: the only package that speaks its protocol. A guest
 * may be hostile, so that every answer is bounded and checked here.
 */
@NullMarked
package dev.hull.vm.guest;

import org.jspecify.annotations.NullMarked;

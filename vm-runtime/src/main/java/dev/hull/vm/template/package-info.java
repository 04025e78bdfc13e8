/** Machines booted once and saved: what machines are started as copies of. */
@NullMarked
package dev.hull.vm.template;

import org.jspecify.annotations.NullMarked;

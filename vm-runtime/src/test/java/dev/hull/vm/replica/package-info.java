@NullMarked
package dev.hull.vm.replica;

import org.jspecify.annotations.NullMarked;

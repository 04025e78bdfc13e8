@NullMarked
package dev.hull.cli.volume;

import org.jspecify.annotations.NullMarked;

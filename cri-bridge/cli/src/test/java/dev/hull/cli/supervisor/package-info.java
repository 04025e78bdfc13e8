@NullMarked
package dev.hull.cli.supervisor;

import org.jspecify.annotations.NullMarked;
